"""The legend: which colour is far and which is near, in the corner of the picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streamdepth.imaging.patches import Box, draw_on, shape_of
from streamdepth.imaging.text import darken, fitting, put_text, text_width
from streamdepth.pixels import I420, BGRImage
from streamdepth.rendering.overlays.hud import GROUND

BAR_LENGTH = 8.0
"""Length of the bar of colours in letter heights."""


def draw_legend(image: BGRImage | I420, table: NDArray[np.uint8], size: int) -> Box | None:
    """Draw `far [colours] near` into the bottom right corner; `table` runs from the farthest to the nearest.

    Returns where it is; None where there was no room.
    """
    rows, columns = shape_of(image)
    size = fitting(size, _width, columns)
    width, height = _width(size), round(size * 1.8)
    x, y = columns - width, rows - height
    if x < 0 or y < 0:
        return None
    box = slice(y - y % 2, None), slice(x - x % 2, None)
    draw_on(image, box, lambda patch: _fill(patch, table, size))
    return box


def _width(size: int) -> int:
    return text_width("far", size) + round(BAR_LENGTH * size) + text_width("near", size) + 2 * size


def _fill(patch: BGRImage, table: NDArray[np.uint8], size: int) -> None:
    darken(patch, GROUND)
    height, width = patch.shape[:2]
    baseline = round(height * 0.68)
    put_text(patch, "far", size // 2, baseline, size)
    put_text(patch, "near", width - text_width("near", size) - size // 2, baseline, size)
    bar = round(BAR_LENGTH * size)
    left, top, thickness = text_width("far", size) + size, round(height * 0.25), round(height * 0.5)
    patch[top : top + thickness, left : left + bar] = _colours(table, bar)


def _colours(table: NDArray[np.uint8], length: int) -> NDArray[np.uint8]:
    return np.asarray(table[np.linspace(0, 255, length).astype(np.intp), 0][None])
