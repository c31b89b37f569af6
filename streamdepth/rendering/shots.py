"""Which pictures go on from the one before: cuts, gaps, and the small luma pictures that reveal them."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.frames import Frame
from streamdepth.imaging.small_luma import small_luma
from streamdepth.pixels import Picture
from streamdepth.values import dataclass

LONGEST_GAP = 5.0
"""Seconds without a frame after which an old range says nothing about the new picture."""
CUT_DIFFERENCE = 28.0
CUT_CORRELATION = 0.6
THUMBNAIL = (32, 18)
NEAR = Fraction(1, 1000)
"""Seconds by which the time of a cut may be later than its frame: people and files round it."""


@dataclass(frozen=True)
class Step:
    """How a frame follows the one before."""

    elapsed: float
    """Seconds since the frame before; 0 for the first of a shot."""
    starts: bool
    """Whether it is the first of a shot: what was learnt before says nothing about it."""


FIRST = Step(0.0, starts=True)


@dataclass(frozen=True, eq=False)
class LastShown:
    """What the next frame of a stream is compared with."""

    thumbnail: NDArray[np.uint8]
    """Of `grey_thumbnail`."""
    pts: Fraction
    """Seconds."""

    @classmethod
    def of(cls, frame: Frame) -> LastShown:
        """What is left of a frame."""
        return cls(grey_thumbnail(frame.picture.content), frame.pts)


@dataclass(frozen=True)
class Scenes:
    """Where the cuts of a film are."""

    cuts: tuple[Fraction, ...] | None = None
    """When a new scene begins, in seconds, rising; None: that is found."""
    found: Callable[[Fraction], None] = lambda _pts: None
    """Gets the time of each frame after a cut."""
    begins: Fraction = Fraction(0)
    """When the first frame is shown, by the clock of these times; its own timestamp is zero."""

    def lies_between(self, before: LastShown, after: LastShown) -> bool:
        """Whether there is a cut between two frames: the first frame at its time or after it is of the new scene."""
        if self.cuts is None:
            return are_of_two_shots(after.thumbnail, before.thumbnail)
        return self._until(after.pts) > self._until(before.pts)

    def _until(self, pts: Fraction) -> int:
        return bisect_right(self.cuts or (), pts + self.begins + NEAR)


UNKNOWN = Scenes()
"""Of a film whose cuts are found, and nobody asks for them."""


class Shots:
    """Follows one stream: a frame starts a shot if it is the first, at a cut, after a gap and after a jump back.

    All that it knows is `state`, which another one can go on from.
    """

    def __init__(self, state: LastShown | None = None, scenes: Scenes = UNKNOWN) -> None:
        self.state = state
        self._scenes = scenes

    def __call__(self, frame: Frame) -> Step:
        """How `frame` follows the last; called once a frame, in order."""
        return self.after(LastShown.of(frame))

    def after(self, shown: LastShown) -> Step:
        """The same of what is left of a frame."""
        last, self.state = self.state, shown
        is_cut = last is not None and self._scenes.lies_between(last, shown)
        if is_cut:
            self._scenes.found(shown.pts + self._scenes.begins)
        elapsed = -1.0 if last is None else float(shown.pts - last.pts)
        if is_cut or not 0.0 <= elapsed <= LONGEST_GAP:
            return FIRST
        return Step(elapsed, starts=False)


def are_of_two_shots(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> bool:
    """Whether there is a cut between two thumbnails.

    A cut is a mean absolute difference of small grey pictures above 28 levels, or a correlation of their grey
    histograms below 0.6 while they also differ by half as much.
    """
    difference = cv2.norm(first, second, cv2.NORM_L1) / first.size
    if difference > CUT_DIFFERENCE:
        return True
    return difference > CUT_DIFFERENCE / 2 and _histogram_correlation(first, second) < CUT_CORRELATION


def grey_thumbnail(picture: Picture) -> NDArray[np.uint8]:
    """(18, 32) uint8: every few pixels of the picture's luma (or green), averaged."""
    return small_luma(picture, THUMBNAIL)


def _histogram_correlation(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    a, b = (np.bincount(image.ravel() >> 4, minlength=16).astype(np.float64) for image in (first, second))
    a, b = a - a.mean(), b - b.mean()
    norm = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / norm if norm else 1.0
