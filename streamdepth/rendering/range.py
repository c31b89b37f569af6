"""Which depth values span the colours, over time: the state of one stream."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from streamdepth.frames import DepthRange
from streamdepth.imaging.quantiles import quantiles
from streamdepth.rendering.shots import Step
from streamdepth.values import dataclass

SAMPLES = 8192
LOW, HIGH = 0.02, 0.98


class DepthScale(Protocol):
    """Chooses the range of each frame."""

    def __call__(self, seen: DepthRange, step: Step) -> DepthRange:
        """Range for a map that spans `seen`, a `step` after the one before; called once for each, in order."""


@runtime_checkable
class Remembers(Protocol):
    """A scale whose next range depends on those before."""

    state: DepthRange | None
    """All that another one needs to go on; None before the first frame."""


@dataclass(frozen=True)
class FixedRange:
    """The same range for every frame."""

    value: DepthRange

    def __call__(self, seen: DepthRange, step: Step) -> DepthRange:
        """The range that was asked for."""
        return self.value


class FrameRange:
    """Each frame's own 2nd to 98th percentile: for pictures that have nothing to do with each other."""

    def __call__(self, seen: DepthRange, step: Step) -> DepthRange:
        """What the map spans."""
        return seen


class MovingRange:
    """2nd to 98th percentile, smoothed with a time constant in seconds and started anew where a shot starts.

    The weight of a new frame is 1 - exp(-dt / time_constant), with dt from the timestamps, so that the picture
    settles equally fast at 5 and at 60 frames a second.
    """

    def __init__(self, time_constant: float = 0.7) -> None:
        self._time_constant = time_constant
        self.state: DepthRange | None = None
        """The last range: all that another one needs to go on."""

    def __call__(self, seen: DepthRange, step: Step) -> DepthRange:
        """The smoothed range after this frame."""
        last = self.state
        if last is None or step.starts:
            self.state = seen
        else:
            weight = 1.0 - math.exp(-step.elapsed / self._time_constant)
            self.state = DepthRange(
                last.low + weight * (seen.low - last.low), last.high + weight * (seen.high - last.high)
            )
        return self.state


def percentile_range(values: NDArray[np.float32]) -> DepthRange:
    """2nd and 98th percentile of a map, on about 8,000 of its values where it has more."""
    step = max(1, round(math.sqrt(values.size / SAMPLES)))
    return DepthRange(*quantiles(values[::step, ::step], LOW, HIGH))


def mean_range(ranges: Sequence[DepthRange]) -> DepthRange:
    """The mean of several, at least one."""
    count = len(ranges)
    return DepthRange(sum([one.low for one in ranges]) / count, sum([one.high for one in ranges]) / count)
