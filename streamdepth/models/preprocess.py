"""From a picture to the network's input: the one copy for running, export, calibration and training."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import UsageError
from streamdepth.models.input_sizes import STRIDE, USUAL_SIZE
from streamdepth.models.registry import ModelCard, Resampling
from streamdepth.pixels import (
    I420,
    BGRImage,
    ColourMatrix,
    Picture,
    i420_to_bgr,
    yuv_to_bgr,
    yuv_to_bgr_matrix,
)

Pixels = NDArray[np.uint8] | NDArray[np.float32]
"""(H, W, 3) in 0..255."""
_STRIP = 32
"""Rows that are halved in 16 bits at a time, so that no copy of the picture is made."""
Colours = tuple[ColourMatrix, bool]
"""Matrix of YUV, and whether it has the full range."""
Triple = tuple[float, float, float]
"""Of red, green, blue."""


def input_size(width: int, height: int, size: int = USUAL_SIZE, stride: int = STRIDE) -> tuple[int, int]:
    """(w, h) of the network's input for a picture of `width` x `height` pixels.

    The rule of the MiDaS release (its `Resize` with "upper_bound"): the aspect ratio is kept and the longer side is
    at most `size`, then each side goes to the nearest multiple of `stride`, or down where that would pass `size`.
    Beyond the release, a side is at least one `stride`. Raises `UsageError` for a size below one `stride` and for
    an empty picture.
    """
    if size < stride:
        raise UsageError(f"a network input of {size} pixels is too small", f"use {stride} or more")
    if width < 1 or height < 1:
        raise UsageError(f"a picture of {width}x{height} pixels is empty")
    scale = min(size / width, size / height)
    return _rounded(scale * width, size, stride), _rounded(scale * height, size, stride)


def network_size(card: ModelCard, width: int, height: int, size: int) -> tuple[int, int]:
    """(w, h) of the input of a network for a picture of `width` x `height` pixels.

    What the network fixes is so whatever the picture; where it fixes one side only, the other keeps the picture's
    shape. Else as `input_size`.
    """
    columns, rows = card.fixed_size or (None, None)
    if columns is not None and rows is not None:
        return columns, rows
    if rows is not None:
        return _stepped(width * rows / height, card.stride), rows
    if columns is not None:
        return columns, _stepped(height * columns / width, card.stride)
    return input_size(width, height, size, card.stride)


def prepare(
    image: BGRImage | Picture,
    size: tuple[int, int],
    mean: Triple,
    std: Triple,
    resampling: Resampling = Resampling.AREA,
    out: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """A picture -> (1, 3, h, w) float32 RGB, contiguous, `(value / 255 - mean) / std`; `size` is (w, h).

    `image` is (H, W, 3) uint8 BGR, or a `Picture`, whose planes are made smaller before they become RGB. `mean` and
    `std` are of red, green, blue in 0..1. The result is written into `out` where that fits, else into a new array.
    Raises `UsageError` for anything but such a picture.
    """
    native = image.native if isinstance(image, Picture) else image
    small, colours = _small(native, size, resampling)
    width, height = size
    if out is None or out.shape != (1, 3, height, width):
        out = np.empty((1, 3, height, width), np.float32)
    if colours is None:
        _normalise_bgr(small, mean, std, out[0])
    else:
        _normalise_yuv(small, colours, mean, std, out[0])
    return out


def _normalise_bgr(image: Pixels, mean: Triple, std: Triple, out: NDArray[np.float32]) -> None:
    for channel, plane in enumerate(reversed(cv2.split(image))):
        np.multiply(plane, np.float32(1 / (255 * std[channel])), out=out[channel])
        out[channel] -= np.float32(mean[channel] / std[channel])


def _normalise_yuv(
    image: Pixels, colours: Colours, mean: Triple, std: Triple, out: NDArray[np.float32]
) -> None:
    for channel, plane in enumerate(cv2.split(cv2.transform(image, _to_network(colours, mean, std)))):
        # Some luma and chroma are no colour: what goes beyond black or white ends there.
        black, white = ((level - mean[channel]) / std[channel] for level in (0, 1))
        np.clip(plane, np.float32(black), np.float32(white), out=out[channel])


@lru_cache(maxsize=32)
def _to_network(colours: Colours, mean: Triple, std: Triple) -> NDArray[np.float64]:
    """The 3x4 affine map from Y, U and V in 0..255 to the network's red, green and blue."""
    to_rgb: NDArray[np.float64] = yuv_to_bgr_matrix(*colours)[::-1] / (255 * np.array(std)[:, None])
    to_rgb[:, 3] -= np.array(mean) / np.array(std)
    return to_rgb


def check_picture(image: object) -> None:
    """Raise `UsageError` for anything but an (H, W, 3) uint8 array, or planes, with pixels in it."""
    if isinstance(image, I420):
        _check_planes(image)
        return
    if not isinstance(image, np.ndarray):
        raise UsageError(
            f"a picture must be an array, not {type(image).__name__}",
            "cv2.imread gives None for a missing file",
        )
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise UsageError(
            f"a picture must be (height, width, 3) uint8 BGR, not {image.shape} {image.dtype}",
            "convert it first",
        )


def _check_planes(planes: I420) -> None:
    shapes = [plane.shape for plane in (planes.y, planes.u, planes.v)]
    half = tuple((side + 1) // 2 for side in shapes[0])
    fits = planes.y.ndim == 2 and planes.y.size > 0 and shapes[1] == shapes[2] == half
    if not fits or any(plane.dtype != np.uint8 for plane in (planes.y, planes.u, planes.v)):
        raise UsageError(
            f"a picture must be planes of uint8, two of them half as large, not {shapes}", "convert it first"
        )


def _rounded(length: float, size: int, stride: int) -> int:
    nearest = round(length / stride) * stride  # half to even, as numpy rounds in the release
    if nearest > size:
        nearest = int(length // stride) * stride
    return max(nearest, stride)


def _stepped(length: float, stride: int) -> int:
    return max(stride, round(length / stride) * stride)


def _small(
    native: BGRImage | I420, size: tuple[int, int], resampling: Resampling
) -> tuple[Pixels, Colours | None]:
    """A picture in `size`, and its colours where it is YUV; else it is BGR."""
    check_picture(native)
    resize = _cubic if resampling is Resampling.CUBIC else _area
    if not isinstance(native, I420):
        return resize(np.ascontiguousarray(native), size), None
    if not _can_halve(
        native.y, size
    ):  # no picture is large here, and interpolated chroma would look different
        return resize(i420_to_bgr(native), size), None
    if resampling is Resampling.AREA:
        return _mean_yuv(native, size), (native.matrix, native.full_range)
    y = _cubic(native.y, size)
    # The four taps of the cubic at the full size reach over two samples of chroma at half of it.
    u, v = (cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR) for plane in (native.u, native.v))
    return yuv_to_bgr(np.asarray(cv2.merge([y, u, v]), np.uint8), native.matrix, native.full_range), None


def _mean_yuv(planes: I420, size: tuple[int, int]) -> NDArray[np.float32]:
    """Planes at least twice as large in `size`, each pixel the mean of what it covers."""
    height, width = planes.y.shape
    luma = _halved_towards(planes.y, size)
    alike = _fine if luma.dtype == np.uint16 else np.asarray
    chroma = (alike(plane[: height // 2, : width // 2]) for plane in (planes.u, planes.v))
    # OpenCV takes the mean of three channels in half the time of three planes.
    return _area(cv2.merge([luma, *chroma]), size)


def _can_halve(image: cv2.typing.MatLike, size: tuple[int, int]) -> bool:
    return bool(image.shape[1] >= 2 * size[0] and image.shape[0] >= 2 * size[1])


def _cubic(image: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    # The release resamples float values; for uint8 OpenCV takes the same taps and rounds at the end, which is at
    # most half a grey level away (but for overshoots at black and white) at a tenth of the time.
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def _area(image: cv2.typing.MatLike, size: tuple[int, int]) -> NDArray[np.float32]:
    # Halving and then the rest: the mean of all pixels in one step takes six times as long from 1920x1080, twice
    # what the network itself takes.
    while _can_halve(image, size):
        image = _halved_towards(image, size)
    shrinks = size[0] <= image.shape[1] and size[1] <= image.shape[0]
    exact = image.astype(
        np.float32
    )  # in which OpenCV takes a mean by broken factors in less time than in integers
    exact *= np.float32(1 / 256 if image.dtype == np.uint16 else 1)
    return np.asarray(
        cv2.resize(exact, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR), np.float32
    )


def _fine(image: cv2.typing.MatLike) -> cv2.typing.MatLike:
    """`image` in 256ths of a grey level, uint16: in a dark picture, half a grey level is seen in the depth."""
    if image.dtype == np.uint16:
        return image
    fine = image.astype(np.uint16)  # a third of the time that NumPy takes to widen while it shifts
    fine <<= 8
    return fine


def _halved_towards(image: cv2.typing.MatLike, size: tuple[int, int]) -> cv2.typing.MatLike:
    """`image`, halved; fine, if it cannot be halved again."""
    if _can_halve(image, (2 * size[0], 2 * size[1])):
        return _halved(image)
    height, width, *channels = image.shape
    half = np.empty((height // 2, width // 2, *channels), np.uint16)
    for top in range(0, len(half), _STRIP):
        half[top : top + _STRIP] = _halved(_fine(image[2 * top : 2 * (top + _STRIP)]))
    return half


def _halved(image: cv2.typing.MatLike) -> cv2.typing.MatLike:
    # Bilinear by two is the mean of four, but by 2.001 it slips between the pixels: an odd last row or column goes.
    width, height = image.shape[1] // 2, image.shape[0] // 2
    even = image[: 2 * height, : 2 * width]
    return cv2.resize(even, (width, height), interpolation=cv2.INTER_LINEAR)
