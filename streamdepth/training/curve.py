"""The curve of a training run as a picture: the loss above, the score of the held-out pictures below."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.imaging.text import put_strokes
from streamdepth.pixels import BGRImage
from streamdepth.training.training_log import LogRow
from streamdepth.values import dataclass

WIDTH, PANEL = 960, 300
"""Pixels."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 20, 34, 30
_INK, _GRID, _FAINT = (60, 60, 60), (225, 225, 225), (215, 190, 170)
_LOSS, _SCORE = (180, 90, 30), (40, 110, 200)

Series = NDArray[np.float64]
"""(N, 2): step and value."""


def draw_curve(rows: Sequence[LogRow]) -> BGRImage:
    """(600, 960, 3) uint8: loss of each step with its running median, and delta < 1.25, both over steps."""
    last = max((row.step for row in rows), default=1)
    loss = _series([(row.step, row.loss) for row in rows])
    score = _series([(row.step, row.delta_1) for row in rows])
    above = _Panel("training loss and its running median", *_range(loss), last)
    below = _Panel("delta < 1.25 of the held-out pictures (larger is better)", *_range(score), last)
    above.line(loss, _FAINT)
    above.line(running_median(loss), _LOSS, 2)
    below.line(score, _SCORE, 2)
    below.dots(score, _SCORE)
    return np.vstack([above.picture, below.picture])


def running_median(series: Series, share: float = 0.05) -> Series:
    """(N, 2) with each value replaced by the median of the `share` of all values that is around it."""
    half = max(1, round(len(series) * share / 2))
    values = [np.median(series[max(0, at - half) : at + half + 1, 1]) for at in range(len(series))]
    return np.column_stack([series[:, 0], np.array(values)])


@dataclass(init=False, eq=False)
class _Panel:
    """One diagram with its frame, grid and numbers."""

    picture: BGRImage

    def __init__(self, title: str, low: float, high: float, last: int) -> None:
        self.low, self.high, self.last = low, high, max(1, last)
        self.picture = np.full((PANEL, WIDTH, 3), 255, np.uint8)
        self._text(title, _LEFT, _TOP - 12)
        for share in np.linspace(0, 1, 5):
            self._grid(share)

    def line(self, series: Series, colour: tuple[int, int, int], thickness: int = 1) -> None:
        """Join the points of a series."""
        cv2.polylines(self.picture, [self._places(series)], False, colour, thickness, cv2.LINE_AA)

    def dots(self, series: Series, colour: tuple[int, int, int]) -> None:
        """Mark the points of a series."""
        for x, y in self._places(series):
            cv2.circle(self.picture, (int(x), int(y)), 3, colour, -1, cv2.LINE_AA)

    def _places(self, series: Series) -> NDArray[np.int32]:
        across = _LEFT + series[:, 0] / self.last * (WIDTH - _LEFT - _RIGHT)
        share = (series[:, 1] - self.low) / (self.high - self.low)
        down = PANEL - _BOTTOM - share * (PANEL - _TOP - _BOTTOM)
        return np.column_stack([across, down]).round().astype(np.int32)

    def _grid(self, share: float) -> None:
        value = self.low + share * (self.high - self.low)
        step = round(share * self.last)
        x, y = (int(place) for place in self._places(np.array([[step, value]]))[0])
        cv2.line(self.picture, (_LEFT, y), (WIDTH - _RIGHT, y), _GRID, 1)
        self._text(f"{value:.3g}", 14, y + 5)
        self._text(str(step), min(x - 8, WIDTH - 60), PANEL - 10)

    def _text(self, text: str, x: int, y: int) -> None:
        put_strokes(self.picture, text, x, y, 0.45, _INK)


def _series(points: Sequence[tuple[int, float | None]]) -> Series:
    known = [(step, value) for step, value in points if value is not None]
    return np.array(known, np.float64).reshape(-1, 2)


def _range(series: Series) -> tuple[float, float]:
    """What the axis spans: the values without the wildest, and never nothing."""
    if not len(series):
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(series[:, 1], (0, 99.5)))
    return (low, high) if high - low > 1e-9 else (low - 0.5, high + 0.5)
