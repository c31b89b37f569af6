"""What the window itself does to a picture: its size and shape, messages after a key, the list of keys."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import cv2
import numpy as np

from streamdepth.pixels import BGRImage, Picture, resized

FONT = cv2.FONT_HERSHEY_SIMPLEX
FONT_HEIGHT = 22.0
"""Pixels of a capital letter of `FONT` at scale 1."""
WHITE = (255, 255, 255)
DIMMED = 0.35
NO_BAR = 3.0
"""Pixels that a picture is stretched by rather than having bars as thin as that."""
LINE = 1.8
"""Distance of two lines in letter heights."""


def with_caption(image: BGRImage, lines: Sequence[str], letter: float, *, centred: bool) -> BGRImage:
    """A copy of `image` with `lines` on a darkened ground: in the middle, or in the lower left corner.

    Capital letters are `letter` pixels high, or less where the lines would not fit.
    """
    copy = image.copy()
    scale = _scale(image, lines, letter)
    letter = FONT_HEIGHT * scale
    width = round(max(_width(line, scale) for line in lines) + 2 * letter)
    height = round(len(lines) * LINE * letter + letter)
    rows, columns = image.shape[:2]
    left, top = ((columns - width) // 2, (rows - height) // 2) if centred else (0, rows - height)
    left, top = max(left, 0), max(top, 0)
    ground = copy[top : top + height, left : left + width]
    ground[:] = cv2.convertScaleAbs(ground, alpha=DIMMED)
    for row, line in enumerate(lines):
        baseline = round(top + letter * (LINE * (row + 1)))
        _write(copy, line, (round(left + letter), baseline), scale)
    return copy


def placed(picture: Picture, size: tuple[int, int], pixel_aspect: Fraction) -> BGRImage:
    """The whole of `picture` in proportion in an image of `size` = (W, H), which the caller may write to.

    Black bars are where it does not fill it. `pixel_aspect` is the width of one of its pixels over their height.
    """
    if size == (picture.width, picture.height) and pixel_aspect == 1:
        return picture.bgr.copy()
    width, height = size
    columns, rows = float(picture.width * pixel_aspect), float(picture.height)
    scale = min(width / columns, height / rows)
    inner = _side(columns * scale, width), _side(rows * scale, height)
    image = np.zeros((max(height, inner[1]), max(width, inner[0]), 3), np.uint8)
    left, top = max(0, width - inner[0]) // 2, max(0, height - inner[1]) // 2
    image[top : top + inner[1], left : left + inner[0]] = resized(picture, *inner).bgr
    return image[:height, :width]


def _side(wanted: float, room: int) -> int:
    """A side near what is wanted: even, as planes of half the size need, and without a bar of a pixel or two."""
    return room + room % 2 if room - wanted < NO_BAR else max(2, 2 * round(wanted / 2))


def _scale(image: BGRImage, lines: Sequence[str], letter: float) -> float:
    """Letters as high as wanted, or smaller where `lines` would not fit into the picture."""
    rows, columns = image.shape[:2]
    wanted = letter / FONT_HEIGHT
    full_width = max(_width(line, 1.0) for line in lines) + 2 * FONT_HEIGHT
    full_height = (len(lines) * LINE + 1) * FONT_HEIGHT
    return float(min(wanted, columns / full_width, rows / full_height))


def _width(line: str, scale: float) -> int:
    (width, _height), _baseline = cv2.getTextSize(line, FONT, scale, _thickness(scale))
    return int(width)


def _write(image: BGRImage, line: str, at: tuple[int, int], scale: float) -> None:
    cv2.putText(image, line, at, FONT, scale, WHITE, _thickness(scale), cv2.LINE_AA)


def _thickness(scale: float) -> int:
    return max(1, round(1.6 * scale))
