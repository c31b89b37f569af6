"""Words on the picture: the legend (near, far) and the head-up display of the run's figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import I420, BGRImage, bgr_to_i420, i420_to_bgr

WHITE = (255, 255, 255)
SMALLEST = 6
"""Height of a letter where its line would be too wide otherwise."""
BAR_LENGTH = 8.0
"""Length of the legend's bar in letter heights."""


@dataclass(frozen=True)
class HudFigures:
    """What the head-up display tells of the run."""

    rate: float
    """Inferences a second."""
    latency: float
    """Seconds from capture to the sink's return."""
    dropped: int
    pictures: float | None = None
    """Pictures shown a second, where they are more than the inferences."""


def letter_height(image: BGRImage | I420) -> int:
    """Letters that can be read at any picture size: a 32nd of the height, 11 to 40 pixels."""
    return int(np.clip(_shape(image)[0] / 32, 11, 40))


def fitting(size: int, width_at: Callable[[int], int], columns: int) -> int:
    """The height of letters up to `size` with which what is `width_at` that height wide fits into `columns`."""
    while size > SMALLEST and width_at(size) > columns:
        size -= 1
    return size


def draw_hud(image: BGRImage | I420, lines: tuple[str, ...], size: int) -> None:
    """Write `lines` into the top left corner of `image`, in letters `size` high, on a darkened ground."""
    size = fitting(size, lambda at: max(text_width(line, at) for line in lines) + at, _shape(image)[1])
    width = max(text_width(line, size) for line in lines) + size
    height = round(len(lines) * size * 1.4 + size * 0.6)
    box = np.s_[: height + height % 2, : width + width % 2]
    _draw_on(image, box, lambda patch: _write_lines(patch, lines, size))


def draw_legend(image: BGRImage | I420, table: NDArray[np.uint8], size: int) -> None:
    """Draw `far [colours] near` into the bottom right corner; `table` runs from the farthest to the nearest."""
    rows, columns = _shape(image)
    size = fitting(size, _legend_width, columns)
    width = _legend_width(size)
    height = round(size * 1.8)
    x, y = columns - width, rows - height
    if x < 0 or y < 0:
        return
    box = np.s_[y - y % 2 :, x - x % 2 :]
    _draw_on(image, box, lambda patch: _fill_legend(patch, table, size))


def _legend_width(size: int) -> int:
    return text_width("far", size) + round(BAR_LENGTH * size) + text_width("near", size) + 2 * size


def _write_lines(patch: BGRImage, lines: tuple[str, ...], size: int) -> None:
    darken(patch)
    for row, line in enumerate(lines):
        put_text(patch, line, size // 2, round((row + 1) * size * 1.4), size)


def _fill_legend(patch: BGRImage, table: NDArray[np.uint8], size: int) -> None:
    darken(patch)
    height, width = patch.shape[:2]
    baseline = round(height * 0.68)
    put_text(patch, "far", size // 2, baseline, size)
    put_text(patch, "near", width - text_width("near", size) - size // 2, baseline, size)
    bar = round(BAR_LENGTH * size)
    left, top, thickness = text_width("far", size) + size, round(height * 0.25), round(height * 0.5)
    patch[top : top + thickness, left : left + bar] = _bar(table, bar)


def _draw_on(image: BGRImage | I420, box: tuple[slice, slice], draw: Callable[[BGRImage], None]) -> None:
    """Let `draw` write to a rectangle of `image`, which begins at even numbers and ends at such or at the edge."""
    if not isinstance(image, I420):
        draw(image[box])
        return
    half = tuple(slice(_halved(side.start), _halved(side.stop)) for side in box)
    parts = image.y[box], image.u[half], image.v[half]
    patch = i420_to_bgr(I420(*parts, image.matrix, image.full_range))
    draw(patch)
    drawn = bgr_to_i420(patch, image.matrix, full_range=image.full_range)
    for part, values in zip(parts, (drawn.y, drawn.u, drawn.v), strict=True):
        part[:] = values


def _halved(bound: int | None) -> int | None:
    return None if bound is None else bound // 2


def _shape(image: BGRImage | I420) -> tuple[int, int]:
    """(rows, columns)."""
    rows, columns = (image.y if isinstance(image, I420) else image).shape[:2]
    return rows, columns


def darken(patch: BGRImage) -> None:
    """Dim a picture, or a part of one, to 40 percent."""
    patch[:] = cv2.convertScaleAbs(patch, alpha=0.4)


def put_text(image: BGRImage, text: str, x: int, y: int, size: int) -> None:
    """Write one line in white with its baseline at (x, y); letters are `size` pixels high."""
    cv2.putText(image, text, (x, y), WHITE, _font(), size)


@lru_cache(maxsize=64)
def text_width(text: str, size: int) -> int:
    """Width of a line in pixels."""
    box = cv2.getTextSize((1, 1), text, (0, 0), _font(), size)
    return int(box[2])


def _bar(table: NDArray[np.uint8], length: int) -> NDArray[np.uint8]:
    return np.asarray(table[np.linspace(0, 255, length).astype(np.intp), 0][None])


@lru_cache(maxsize=1)
def _font() -> cv2.FontFace:
    return cv2.FontFace("sans")
