"""From a picture to the network's input: the one copy for running, export, calibration and training."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import UsageError
from streamdepth.models.registry import ModelCard, Resampling
from streamdepth.pixels import I420, BGRImage, Picture, i420_to_bgr, yuv_to_bgr, yuv_to_unrounded_bgr

Pixels = NDArray[np.uint8] | NDArray[np.float32]
"""(H, W, 3) in 0..255."""
_STRIP = 32
"""Rows that are halved in 16 bits at a time, so that no copy of the picture is made."""


def input_size(width: int, height: int, size: int = 256, stride: int = 32) -> tuple[int, int]:
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
    mean: tuple[float, float, float],
    std: tuple[float, float, float],
    resampling: Resampling = Resampling.AREA,
    out: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """A picture -> (1, 3, h, w) float32 RGB, contiguous, `(value / 255 - mean) / std`; `size` is (w, h).

    `image` is (H, W, 3) uint8 BGR, or a `Picture`, whose planes are made smaller before they become RGB. `mean` and
    `std` are of red, green, blue in 0..1. The result is written into `out` where that fits, else into a new array.
    Raises `UsageError` for anything but such a picture.
    """
    small = _small_bgr(image.native if isinstance(image, Picture) else image, size, resampling)
    width, height = size
    if out is None or out.shape != (1, 3, height, width):
        out = np.empty((1, 3, height, width), np.float32)
    for channel, plane in enumerate(reversed(cv2.split(small))):
        scale, offset = 1 / (255 * std[channel]), -mean[channel] / std[channel]
        np.multiply(plane, np.float32(scale), out=out[0, channel])
        out[0, channel] += np.float32(offset)
    return out


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


def _small_bgr(native: BGRImage | I420, size: tuple[int, int], resampling: Resampling) -> Pixels:
    check_picture(native)
    resize = _cubic if resampling is Resampling.CUBIC else _area
    if not isinstance(native, I420):
        return resize(np.ascontiguousarray(native), size)
    if not _can_halve(
        native.y, size
    ):  # no picture is large here, and interpolated chroma would look different
        return resize(i420_to_bgr(native), size)
    if resampling is Resampling.AREA:
        return _mean_bgr(native, size)
    y = _cubic(native.y, size)
    # The four taps of the cubic at the full size reach over two samples of chroma at half of it.
    u, v = (cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR) for plane in (native.u, native.v))
    return yuv_to_bgr(np.asarray(cv2.merge([y, u, v]), np.uint8), native.matrix, native.full_range)


def _mean_bgr(planes: I420, size: tuple[int, int]) -> NDArray[np.float32]:
    """BGR in `size` of planes at least twice as large, each pixel the mean of what it covers."""
    height, width = planes.y.shape
    luma = _halved_towards(planes.y, size)
    alike = _fine if luma.dtype == np.uint16 else np.asarray
    chroma = (alike(plane[: height // 2, : width // 2]) for plane in (planes.u, planes.v))
    # OpenCV takes the mean of three channels in half the time of three planes.
    return yuv_to_unrounded_bgr(_area(cv2.merge([luma, *chroma]), size), planes.matrix, planes.full_range)


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
    small = cv2.resize(_fine(image), size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.multiply(small, np.float32(1 / 256), dtype=np.float32)


def _fine(image: cv2.typing.MatLike) -> cv2.typing.MatLike:
    """`image` in 256ths of a grey level, uint16: in a dark picture, half a grey level is seen in the depth."""
    return image if image.dtype == np.uint16 else np.left_shift(image, 8, dtype=np.uint16)


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
