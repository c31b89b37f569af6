"""A live run that shows every picture: estimates, and newer pictures while the network is behind the camera."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from streamdepth.frames import Estimate, Frame
from streamdepth.threads.handoff import Handoff

LONGEST_REACH = 1.0
"""Seconds from the frame of the last depth after which it is not moved to newer pictures any more."""
TIMES_KEPT = 0.8
"""Weight of what is known in the running means of inference time and camera interval."""

T = TypeVar("T")
Item = TypeVar("Item", covariant=True)


class Supply(Protocol[Item]):
    """Something that items are taken from."""

    def get(self, timeout: float | None = None) -> Item:
        """Take the oldest item; `TimeoutError` after `timeout` seconds, `Ended` at the end."""


class Interleaved:
    """Chooses what the render thread shows next: an `Estimate`, or a `Frame` that has to do with older depth.

    While inference takes less time than lies between two pictures, these are the estimates and nothing else. When it
    takes longer, each picture is shown as soon as it is there, and an estimate whose picture is older than the one
    shown last goes to `take`: what is shown never goes back in time, nothing waits for more than the newest picture.
    """

    def __init__(self, estimates: Supply[Estimate], take: Callable[[Estimate], None]) -> None:
        self._estimates = estimates
        self._take = take
        self._pictures: Handoff[Frame] = Handoff(1, when_full="drop-oldest")
        self._news: Handoff[None] = Handoff(1, when_full="drop-oldest")
        self._interval = _RunningMean()
        self._inference = _RunningMean()
        self._last_captured: Frame | None = None
        self._depth_from: Frame | None = None
        self._shown = -1

    def put(self, frame: Frame) -> None:
        """The capture thread has a new picture, which it has also handed to inference."""
        last, self._last_captured = self._last_captured, frame
        if last is not None and last.connection == frame.connection:  # else the time between is an outage
            self._interval.add(frame.captured_at - last.captured_at)
        self._pictures.put(frame)
        self._news.put(None)

    def nudge(self) -> None:
        """There may be an estimate, or an end."""
        self._news.put(None)

    def get(self, timeout: float) -> Estimate | Frame:
        """What to show next; `TimeoutError` when there was nothing within `timeout` seconds, `Ended` at the end."""
        _get(self._news, timeout)
        estimate, picture = _get(self._estimates, 0.0), _get(self._pictures, 0.0)
        if estimate is not None and self._is_shown(estimate, picture):
            self._shown = estimate.frame.index
            return estimate
        if picture is not None and self._is_worth_drawing(picture):
            self._shown = picture.index
            return picture
        raise TimeoutError

    def _is_shown(self, estimate: Estimate, picture: Frame | None) -> bool:
        self._inference.add(estimate.seconds)
        last, self._depth_from = self._depth_from, estimate.frame
        overtaken = picture is not None and picture.index > estimate.frame.index and self._is_behind()
        if last is not None and last.connection != estimate.frame.connection:
            return True  # the source came back, and the renderer learns of it by drawing
        if estimate.frame.index > self._shown and not overtaken:
            return True
        self._take(estimate)
        return False

    def _is_worth_drawing(self, picture: Frame) -> bool:
        if self._depth_from is None or picture.index <= self._shown or not self._is_behind():
            return False
        if picture.connection != self._depth_from.connection:
            return False
        return picture.captured_at - self._depth_from.captured_at <= LONGEST_REACH

    def _is_behind(self) -> bool:
        return self._inference.value > self._interval.value > 0.0


class _RunningMean:
    """An exponential mean; 0 before the first value."""

    def __init__(self) -> None:
        self.value = 0.0

    def add(self, value: float) -> None:
        self.value = TIMES_KEPT * self.value + (1.0 - TIMES_KEPT) * value if self.value else value


def _get(supply: Supply[T], timeout: float) -> T | None:
    try:
        return supply.get(timeout)
    except TimeoutError:
        return None
