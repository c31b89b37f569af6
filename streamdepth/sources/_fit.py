"""Pictures of another size brought to the one that was promised."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import I420, Picture

NEUTRAL = 128


def letterbox(picture: Picture, size: tuple[int, int]) -> Picture:
    """`picture` scaled into `size` (width, height), its shape kept, the rest black; planes stay planes."""
    if (picture.width, picture.height) == size:
        return picture
    native = picture.native
    if not isinstance(native, I420):
        return Picture.of_bgr(_boxed(native, size, 0))
    half = ((size[0] + 1) // 2, (size[1] + 1) // 2)
    u, v = (_boxed(plane, half, NEUTRAL) for plane in (native.u, native.v))
    y = _boxed(native.y, size, 0 if native.full_range else 16)
    return Picture.of_i420(I420(y, u, v, native.matrix, native.full_range))


def _boxed(plane: NDArray[np.uint8], size: tuple[int, int], ground: int) -> NDArray[np.uint8]:
    """(H, W, ...) uint8 of `size` with `plane` in its middle."""
    rows, columns = plane.shape[:2]
    width, height = size
    scale = min(width / columns, height / rows)
    inner = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    canvas = np.full((height, width, *plane.shape[2:]), ground, np.uint8)
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    canvas[top : top + inner[1], left : left + inner[0]] = cv2.resize(
        plane, inner, interpolation=interpolation
    )
    return canvas
