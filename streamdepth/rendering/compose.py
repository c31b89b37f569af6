"""Depth and picture to one picture: normalise, colour, lay out."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import UsageError
from streamdepth.pixels import BGRImage, Picture
from streamdepth.rendering.scale import DepthRange

LAYOUTS = ("overlay", "depth", "side-by-side")
"""Names, in the order in which the window's key walks through them."""


def check_layout(name: str) -> str:
    """Return `name`; raises `UsageError` for one that is not in `LAYOUTS`."""
    if name not in LAYOUTS:
        raise UsageError(f"there is no layout '{name}'", f"choose one of {', '.join(LAYOUTS)}")
    return name


def normalise(values: NDArray[np.float32], span: DepthRange, size: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W) uint8 for `size` = (W, H): `span.low` and below is 0, `span.high` and above is 255.

    A map without any span, such as a blank wall, is mid-grey rather than amplified noise.
    """
    width = span.high - span.low
    if width <= 1e-6 * max(abs(span.low), abs(span.high), 1e-6):
        return np.full((size[1], size[0]), 128, np.uint8)
    scaled = (values - np.float32(span.low)) * np.float32(255.0 / width)
    small = np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
    # Enlarged as bytes: OpenCV saturates what cubic interpolation adds beside an edge.
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def compose(
    layout: str, picture: Picture, grey: NDArray[np.uint8], table: NDArray[np.uint8], alpha: float
) -> BGRImage:
    """Lay a normalised depth map out with its picture.

    `grey` is (H, W) uint8 in the picture's size, `table` a (256, 1, 3) BGR lookup table, `alpha` in 0..1 the share
    of depth in an overlay. Returns a new (H, W, 3) uint8 image, (H, 2W, 3) when side by side.
    """
    if layout == "side-by-side":
        both = np.empty((picture.height, 2 * picture.width, 3), np.uint8)
        both[:, : picture.width] = picture.bgr
        both[:, picture.width :] = cv2.applyColorMap(grey, table)
        return both
    colour = cv2.applyColorMap(grey, table)
    if layout == "overlay":
        colour = cv2.addWeighted(picture.bgr, 1.0 - alpha, colour, alpha, 0.0, dst=colour)
    return np.asarray(colour, dtype=np.uint8)
