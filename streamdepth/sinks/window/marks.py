"""What is drawn at places of the picture in the window: points that were clicked, and words at the pointer."""

from __future__ import annotations

import cv2
import numpy as np

from streamdepth.imaging.text import (
    STROKE_HEIGHT,
    WHITE,
    Colour,
    darken,
    put_strokes,
    strokes_width,
)
from streamdepth.pixels import BGRImage

DIMMED = 0.35
BLACK: Colour = (0, 0, 0)
Place = tuple[int, int]
"""(x, y) in pixels."""


def draw_mark(image: BGRImage, at: Place, words: str, letter: float) -> None:
    """A ring around a place, with words beside it."""
    radius = max(3, round(letter / 2))
    for colour, more in ((BLACK, 3), (WHITE, 1)):
        cv2.circle(image, at, radius, colour, more, cv2.LINE_AA)
    draw_tag(image, at, words, letter)


def draw_tag(image: BGRImage, at: Place, words: str, letter: float) -> None:
    """Words to the right of and below a place, or on its other side where the picture ends."""
    rows, columns = image.shape[:2]
    scale = min(letter / STROKE_HEIGHT, columns / (strokes_width(words, 1.0) + 2 * STROKE_HEIGHT))
    letter = scale * STROKE_HEIGHT
    width, height = round(strokes_width(words, scale) + letter), round(2 * letter)
    left, top = _beside(at[0], width, columns, letter), _beside(at[1], height, rows, letter)
    box = np.s_[top : top + height, left : left + width]
    if image[box].size:
        darken(image[box], DIMMED)
        put_strokes(image, words, round(left + letter / 2), round(top + 1.5 * letter), scale)


def _beside(at: int, length: int, room: int, gap: float) -> int:
    """Where something begins that is a gap away from a place, within the room that there is."""
    after, before = round(at + gap), round(at - gap - length)
    start = after if after + length <= room else before
    return max(0, min(start, room - length))
