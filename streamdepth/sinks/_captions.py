"""What the window itself does to a picture: bars that keep its shape, messages after a key, the list of keys."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from streamdepth.pixels import BGRImage

FONT = cv2.FONT_HERSHEY_SIMPLEX
FONT_HEIGHT = 22.0
"""Pixels of a capital letter of `FONT` at scale 1."""
WHITE = (255, 255, 255)
DIMMED = 0.35
LINE = 1.8
"""Distance of two lines in letter heights."""


def with_caption(image: BGRImage, lines: Sequence[str], *, centred: bool) -> BGRImage:
    """A copy of `image` with `lines` on a darkened ground: in the middle, or in the lower left corner."""
    copy = image.copy()
    scale = _scale(image, lines)
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


def letterbox(image: BGRImage, width: int, height: int) -> BGRImage:
    """The whole of `image` in a picture of this size, in proportion, with black bars where it does not fill it."""
    rows, columns = image.shape[:2]
    if (columns, rows) == (width, height):
        return image
    scale = min(width / columns, height / rows)
    inner = max(1, round(columns * scale)), max(1, round(rows * scale))
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    boxed = np.zeros((height, width, 3), np.uint8)
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    boxed[top : top + inner[1], left : left + inner[0]] = cv2.resize(
        image, inner, interpolation=interpolation
    )
    return boxed


def _scale(image: BGRImage, lines: Sequence[str]) -> float:
    """Letters of a 28th of the picture's height, or smaller where `lines` would not fit into it."""
    rows, columns = image.shape[:2]
    wanted = min(max(rows / 28, 9.0), 60.0) / FONT_HEIGHT
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
