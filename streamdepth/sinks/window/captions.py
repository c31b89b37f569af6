"""What the window writes on a picture: messages after a key, the list of keys."""

from __future__ import annotations

from collections.abc import Sequence

from streamdepth.imaging.text import STROKE_HEIGHT, darken_ground, put_strokes, strokes_width
from streamdepth.pixels import BGRImage

DIMMED = 0.35
LINE = 1.8
"""Distance of two lines in letter heights."""


def with_caption(image: BGRImage, lines: Sequence[str], letter: float, *, centred: bool) -> BGRImage:
    """A copy of `image` with `lines` on a darkened ground: in the middle, or in the lower left corner.

    Capital letters are `letter` pixels high, or less where the lines would not fit.
    """
    copy = image.copy()
    scale = _scale(image, lines, letter)
    letter = STROKE_HEIGHT * scale
    width = round(max(strokes_width(line, scale) for line in lines) + 2 * letter)
    height = round(len(lines) * LINE * letter + letter)
    left, top = darken_ground(copy, (width, height), DIMMED, centred=centred)
    for row, line in enumerate(lines):
        baseline = round(top + letter * (LINE * (row + 1)))
        put_strokes(copy, line, round(left + letter), baseline, scale)
    return copy


def _scale(image: BGRImage, lines: Sequence[str], letter: float) -> float:
    """Letters as high as wanted, or smaller where `lines` would not fit into the picture."""
    rows, columns = image.shape[:2]
    wanted = letter / STROKE_HEIGHT
    full_width = max(strokes_width(line, 1.0) for line in lines) + 2 * STROKE_HEIGHT
    full_height = (len(lines) * LINE + 1) * STROKE_HEIGHT
    return float(min(wanted, columns / full_width, rows / full_height))
