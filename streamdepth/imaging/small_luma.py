"""Small luma pictures: they show whether something in a picture changed."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import I420, Picture

SAMPLES = 4
"""Pixels a side of the picture that are looked at for each of the answer, where there are as many."""
SOME = (2, 3)
"""Each so-many-th column would be looked at of pictures up to 1920x1080 for a map of 256."""


def small_luma(picture: Picture, size: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W) uint8 for `size` = (W, H): the picture's luma (or green), averaged."""
    native = picture.native
    plane = native.y if isinstance(native, I420) else native[:, :, 1]
    down, right = (max(1, plane.shape[axis] // (size[1 - axis] * SAMPLES)) for axis in (0, 1))
    # Columns that are few are drawn together: to leave them out, one by one, takes four times as long.
    few = right in SOME
    sparse = plane[::down] if few else np.ascontiguousarray(plane[::down, ::right])
    height, width = (side // 2 for side in sparse.shape)
    if height < 2 * size[1] or width < 2 * size[0]:
        return np.asarray(cv2.resize(sparse, size, interpolation=cv2.INTER_AREA), np.uint8)
    # Halved exactly and then drawn together: a mean over a broken number of pixels takes ten times as long.
    half = _halved(sparse)
    if few:
        half = _halved(half)
    return np.asarray(cv2.resize(half, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _halved(plane: cv2.typing.MatLike) -> cv2.typing.MatLike:
    height, width = (side // 2 for side in plane.shape)
    return cv2.resize(plane[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA)
