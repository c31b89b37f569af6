"""The condition of a source, written on its picture: away or frozen, why and for how long."""

from __future__ import annotations

import cv2
import numpy as np

from streamdepth.frames import Condition, SourceState
from streamdepth.imaging.text import darken_ground, fitting, put_text, text_width
from streamdepth.pixels import BGRImage

DIMMED = 0.35
"""Share of its light that the last picture keeps while its source is away, and so does the ground of the words."""
LETTERS = (11, 40)
"""Least and most height of a letter in pixels, a 28th of the picture's height between them."""


def marked(image: BGRImage, condition: Condition, now: float) -> BGRImage:
    """A copy of an (H, W, 3) uint8 `image` that shows a condition other than live, at `now` in seconds.

    Away: dimmed, with the words in the middle. Frozen: as it is, with the words in the lower left corner.
    """
    away = condition.state is SourceState.AWAY
    copy = np.asarray(cv2.convertScaleAbs(image, alpha=DIMMED) if away else image.copy(), dtype=np.uint8)
    _write(copy, caption(condition, now), centred=away)
    return copy


def caption(condition: Condition, now: float) -> str:
    """One line such as `camera away: connection refused, 12 s`."""
    seconds = _duration(max(0.0, now - condition.since))
    if condition.state is SourceState.AWAY:
        return f"camera away: {condition.reason}, {seconds}"
    return f"picture frozen for {seconds}"


def _write(image: BGRImage, text: str, *, centred: bool) -> None:
    rows, columns = image.shape[:2]
    size = min(max(rows // 28, LETTERS[0]), LETTERS[1])
    size = fitting(size, lambda at: text_width(text, at) + at, columns)
    width, height = text_width(text, size) + size, round(size * 1.8)
    x, y = darken_ground(image, (width, height), DIMMED, centred=centred)
    put_text(image, text, x + size // 2, y + round(height * 0.68), size)


def _duration(seconds: float) -> str:
    """`12 s`, `3 min 5 s` or `2 h 10 min`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
