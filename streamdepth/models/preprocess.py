"""From a picture to the network's input: the one copy for running, export, calibration and training."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import UsageError
from streamdepth.models.registry import Resampling
from streamdepth.pixels import BGRImage


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


def prepare(
    image: BGRImage,
    size: tuple[int, int],
    mean: tuple[float, float, float],
    std: tuple[float, float, float],
    resampling: Resampling = Resampling.AREA,
    out: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """(H, W, 3) uint8 BGR -> (1, 3, h, w) float32 RGB, contiguous, `(value / 255 - mean) / std`; `size` is (w, h).

    `mean` and `std` are of red, green, blue in 0..1. The result is written into `out` where that fits, else into
    a new array. Raises `UsageError` for anything but such a picture.
    """
    check_picture(image)
    small = _resized(np.ascontiguousarray(image), size, resampling)
    width, height = size
    if out is None or out.shape != (1, 3, height, width):
        out = np.empty((1, 3, height, width), np.float32)
    for channel in range(3):
        scale, offset = 1 / (255 * std[channel]), -mean[channel] / std[channel]
        plane = out[0, channel]
        np.multiply(small[:, :, 2 - channel], np.float32(scale), out=plane)
        plane += np.float32(offset)
    return out


def check_picture(image: object) -> None:
    """Raise `UsageError` for anything but an (H, W, 3) uint8 array with pixels in it."""
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


def _rounded(length: float, size: int, stride: int) -> int:
    nearest = round(length / stride) * stride  # half to even, as numpy rounds in the release
    if nearest > size:
        nearest = int(length // stride) * stride
    return max(nearest, stride)


def _resized(image: BGRImage, size: tuple[int, int], resampling: Resampling) -> BGRImage:
    resize = _cubic if resampling is Resampling.CUBIC else _area
    return np.asarray(resize(image, size), np.uint8)


def _cubic(image: BGRImage, size: tuple[int, int]) -> cv2.typing.MatLike:
    # The release resamples float values; for uint8 OpenCV takes the same taps and rounds at the end, which is at
    # most half a grey level away (but for overshoots at black and white) at a tenth of the time.
    return cv2.resize(image, size, interpolation=cv2.INTER_CUBIC)


def _area(image: BGRImage, size: tuple[int, int]) -> cv2.typing.MatLike:
    # Halving and then the rest: the mean of all pixels in one step takes six times as long from 1920x1080, twice
    # what the network itself takes.
    small: cv2.typing.MatLike = image
    while small.shape[1] >= 2 * size[0] and small.shape[0] >= 2 * size[1]:
        small = _halved(small)
    shrinks = size[0] <= small.shape[1] and size[1] <= small.shape[0]
    return cv2.resize(small, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def _halved(image: cv2.typing.MatLike) -> cv2.typing.MatLike:
    # Bilinear by two is the mean of four, but by 2.001 it slips between the pixels: an odd last row or column goes.
    width, height = image.shape[1] // 2, image.shape[0] // 2
    even = image[: 2 * height, : 2 * width]
    return cv2.resize(even, (width, height), interpolation=cv2.INTER_LINEAR)
