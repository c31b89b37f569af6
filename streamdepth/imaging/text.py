"""Text on pictures: the one place that knows fonts. Sizes are heights of letters in pixels."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import cv2

from streamdepth.pixels import BGRImage

Colour = tuple[int, int, int]
"""Blue, green, red."""

WHITE: Colour = (255, 255, 255)
SMALLEST = 6
"""Height of a letter where its line would be too wide otherwise."""
STROKE_HEIGHT = 22.0
"""Height of a capital letter of the stroke font at scale 1."""
_STROKES = cv2.FONT_HERSHEY_SIMPLEX


def put_text(image: BGRImage, text: str, x: int, y: int, size: int) -> None:
    """Write one line in white with its baseline at (x, y)."""
    cv2.putText(image, text, (x, y), WHITE, _font(), size)


@lru_cache(maxsize=64)
def text_width(text: str, size: int) -> int:
    """Width of a line of `put_text` in pixels."""
    box = cv2.getTextSize((1, 1), text, (0, 0), _font(), size)
    return int(box[2])


def put_strokes(image: BGRImage, text: str, x: int, y: int, scale: float, colour: Colour = WHITE) -> None:
    """Write one line of plain strokes, which show ASCII alone but in any size, also below a pixel's steps."""
    cv2.putText(image, text, (x, y), _STROKES, scale, colour, _thickness(scale), cv2.LINE_AA)


def strokes_width(text: str, scale: float) -> int:
    """Width of a line of `put_strokes` in pixels."""
    (width, _height), _baseline = cv2.getTextSize(text, _STROKES, scale, _thickness(scale))
    return int(width)


def fitting(size: int, width_at: Callable[[int], int], columns: int) -> int:
    """The height of letters up to `size` with which what is `width_at` that height wide fits into `columns`."""
    while size > SMALLEST and width_at(size) > columns:
        size -= 1
    return size


def darken(patch: BGRImage, share: float) -> None:
    """Leave a picture, or a part of one, a `share` of its light."""
    patch[:] = cv2.convertScaleAbs(patch, alpha=share)


def darken_ground(image: BGRImage, size: tuple[int, int], share: float, *, centred: bool) -> tuple[int, int]:
    """Darken a ground of `size` = (W, H) for text: in the middle, or in the lower left corner.

    Returns its left and top. What does not fit into the picture is left out at the right and at the bottom.
    """
    (width, height), (rows, columns) = size, image.shape[:2]
    left, top = ((columns - width) // 2, (rows - height) // 2) if centred else (0, rows - height)
    left, top = max(left, 0), max(top, 0)
    darken(image[top : top + height, left : left + width], share)
    return left, top


def _thickness(scale: float) -> int:
    return max(1, round(1.6 * scale))


@lru_cache(maxsize=1)
def _font() -> cv2.FontFace:
    return cv2.FontFace("sans")
