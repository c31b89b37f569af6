"""Words on the picture: the legend (near, far) and the head-up display of the run's figures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import BGRImage

WHITE = (255, 255, 255)
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


def letter_height(image: BGRImage) -> int:
    """Letters that can be read at any picture size: a 32nd of the height, 11 to 40 pixels."""
    return int(np.clip(image.shape[0] / 32, 11, 40))


def draw_hud(image: BGRImage, lines: tuple[str, ...]) -> None:
    """Write `lines` into the top left corner of `image`, on a darkened ground."""
    size = letter_height(image)
    width = max(text_width(line, size) for line in lines) + size
    height = round(len(lines) * size * 1.4 + size * 0.6)
    darken(image, 0, 0, width, height)
    for row, line in enumerate(lines):
        put_text(image, line, size // 2, round((row + 1) * size * 1.4), size)


def draw_legend(image: BGRImage, table: NDArray[np.uint8]) -> None:
    """Draw `far [colours] near` into the bottom right corner; `table` runs from the farthest to the nearest."""
    size = letter_height(image)
    bar = round(BAR_LENGTH * size)
    far, near = text_width("far", size), text_width("near", size)
    width, height = far + bar + near + 2 * size, round(size * 1.8)
    x, y = image.shape[1] - width, image.shape[0] - height
    if x < 0 or y < 0:
        return
    darken(image, x, y, width, height)
    baseline = y + round(height * 0.68)
    put_text(image, "far", x + size // 2, baseline, size)
    put_text(image, "near", image.shape[1] - near - size // 2, baseline, size)
    left, top, thickness = x + far + size, y + round(height * 0.25), round(height * 0.5)
    image[top : top + thickness, left : left + bar] = _bar(table, bar)


def darken(image: BGRImage, x: int, y: int, width: int, height: int) -> None:
    """Dim a rectangle of `image` to 40 percent."""
    patch = image[y : y + height, x : x + width]
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
