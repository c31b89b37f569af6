"""Which depth values span the colours, over time: the state of one stream."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.frames import DepthMap, Frame
from streamdepth.pixels import I420, Picture

SAMPLES = 16384
LOW, HIGH = 2.0, 98.0
LONGEST_GAP = Fraction(5)
"""Seconds without a frame after which an old range says nothing about the new picture."""
CUT_DIFFERENCE = 28.0
CUT_CORRELATION = 0.6
THUMBNAIL = (32, 18)


@dataclass(frozen=True)
class DepthRange:
    """The depth values that get the first and the last colour."""

    low: float
    high: float


class DepthScale(Protocol):
    """Chooses the range of each frame."""

    def __call__(self, frame: Frame, depth: DepthMap) -> DepthRange:
        """Range for this frame; called once a frame, in order."""

    def reset(self) -> None:
        """Forget the frames so far: the next one belongs to another stream."""


@dataclass(frozen=True)
class FixedRange:
    """The same range for every frame."""

    value: DepthRange

    def __call__(self, frame: Frame, depth: DepthMap) -> DepthRange:
        """The range that was asked for."""
        return self.value

    def reset(self) -> None:
        """There is nothing to forget."""


class FrameRange:
    """Each frame's own 2nd to 98th percentile: for pictures that have nothing to do with each other."""

    def __call__(self, frame: Frame, depth: DepthMap) -> DepthRange:
        """The percentiles of `depth`."""
        return percentile_range(depth.values)

    def reset(self) -> None:
        """There is nothing to forget."""


class MovingRange:
    """2nd to 98th percentile, smoothed with a time constant in seconds and started anew at a scene cut.

    The weight of a new frame is 1 - exp(-dt / time_constant), with dt from the timestamps, so that the picture
    settles equally fast at 5 and at 60 frames a second.
    """

    def __init__(self, time_constant: float = 0.7) -> None:
        self._time_constant = time_constant
        self._cuts = CutDetector()
        self._range: DepthRange | None = None
        self._last: Fraction | None = None

    def __call__(self, frame: Frame, depth: DepthMap) -> DepthRange:
        """The smoothed range after this frame."""
        seen = percentile_range(depth.values)
        is_cut = self._cuts.is_cut(frame.picture)
        elapsed = None if self._last is None else frame.pts - self._last
        self._last = frame.pts
        if self._range is None or is_cut or elapsed is None or not 0 <= elapsed <= LONGEST_GAP:
            self._range = seen
        else:
            weight = 1.0 - math.exp(-float(elapsed) / self._time_constant)
            self._range = DepthRange(
                self._range.low + weight * (seen.low - self._range.low),
                self._range.high + weight * (seen.high - self._range.high),
            )
        return self._range

    def reset(self) -> None:
        """The next frame starts anew, as after a cut."""
        self._cuts = CutDetector()
        self._range = self._last = None


class CutDetector:
    """Notices that a picture belongs to another shot than the one before it.

    A cut is a mean absolute difference of small grey pictures above 28 levels, or a correlation of their grey
    histograms below 0.6 while they also differ by half as much.
    """

    def __init__(self) -> None:
        self._last: NDArray[np.uint8] | None = None

    def is_cut(self, picture: Picture) -> bool:
        """Whether `picture` starts a new shot; False for the very first."""
        thumbnail = grey_thumbnail(picture)
        last, self._last = self._last, thumbnail
        if last is None:
            return False
        difference = float(np.mean(cv2.absdiff(thumbnail, last)))
        if difference > CUT_DIFFERENCE:
            return True
        return difference > CUT_DIFFERENCE / 2 and _histogram_correlation(thumbnail, last) < CUT_CORRELATION


def percentile_range(values: NDArray[np.float32]) -> DepthRange:
    """2nd and 98th percentile of a map, on at most about 16,000 of its values."""
    step = max(1, math.isqrt(max(1, values.size // SAMPLES)))
    sample = values[::step, ::step].ravel()
    last = sample.size - 1
    low, high = (round(last * percent / 100) for percent in (LOW, HIGH))
    ordered = np.partition(sample, (low, high))
    return DepthRange(float(ordered[low]), float(ordered[high]))


def grey_thumbnail(picture: Picture) -> NDArray[np.uint8]:
    """(18, 32) uint8: every few pixels of the picture's luma (or green), averaged."""
    native = picture.native
    plane = native.y if isinstance(native, I420) else native[:, :, 1]
    step = max(1, min(plane.shape[0] // THUMBNAIL[1], plane.shape[1] // THUMBNAIL[0]) // 4)
    sparse = np.ascontiguousarray(plane[::step, ::step])
    return np.asarray(cv2.resize(sparse, THUMBNAIL, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _histogram_correlation(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    a, b = (np.bincount(image.ravel() >> 4, minlength=16).astype(np.float64) for image in (first, second))
    a, b = a - a.mean(), b - b.mean()
    norm = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / norm if norm else 1.0
