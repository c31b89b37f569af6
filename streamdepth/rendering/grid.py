"""Pictures whose sides are multiples of a number, as networks that make videos want them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from streamdepth.pixels import I420, BGRImage


def on_grid(image: BGRImage | I420, grid: int) -> BGRImage | I420:
    """`image`, stretched to the multiples of `grid`, an even number, that are nearest to its sides."""
    shape = image.y.shape if isinstance(image, I420) else image.shape
    height, width = (max(grid, round(side / grid) * grid) for side in shape[:2])
    if (height, width) == shape[:2]:
        return image
    if not isinstance(image, I420):
        return _resized(image, width, height)
    half = width // 2, height // 2
    return replace(
        image, y=_resized(image.y, width, height), u=_resized(image.u, *half), v=_resized(image.v, *half)
    )


def _resized(plane: BGRImage, width: int, height: int) -> BGRImage:
    return np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
