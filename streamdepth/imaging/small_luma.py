"""Small luma pictures: what tells whether something in a picture changed."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import I420, Picture


def small_luma(picture: Picture, size: tuple[int, int], samples: int = 2) -> NDArray[np.uint8]:
    """(H, W) uint8 for `size` = (W, H): the picture's luma (or green), averaged.

    Of each pixel of the answer at least `samples` x `samples` of the picture are looked at, where there are as many.
    """
    native = picture.native
    plane = native.y if isinstance(native, I420) else native[:, :, 1]
    down, right = (max(1, plane.shape[axis] // (size[1 - axis] * samples)) for axis in (0, 1))
    sparse = np.ascontiguousarray(plane[::down, ::right])
    return np.asarray(cv2.resize(sparse, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
