"""Which pictures of one stream were in time.

A picture that is due is in time by a latency where it, or a newer one, was shown by then: while the network is busy
for a second, all pictures of that second are late, and not only the one that it was busy with. By a rate it is in time
where it was shown itself.
"""

from __future__ import annotations

from collections import deque

from streamdepth.frames import Frame
from streamdepth.promise.target import Target
from streamdepth.values import dataclass

GIVEN_UP = 0.5
"""Seconds after which a picture that was not shown will not be, where no latency is promised."""


@dataclass(frozen=True)
class _Due:
    """What is needed of a frame, without its picture."""

    index: int
    captured_at: float
    connection: int

    @classmethod
    def of(cls, frame: Frame) -> _Due:
        """Of a frame."""
        return cls(frame.index, frame.captured_at, frame.connection)


@dataclass(frozen=True)
class Settled:
    """A picture of which it is known how it went."""

    at: float
    """When that was known, in seconds of `time.monotonic()`."""
    in_time: bool
    latency: float | None
    """From its capture to all outputs; None where it was not shown."""


class Tally:
    """Counts the pictures of a stream; `pictures` and `in_time` are those so far that are settled."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._waiting: deque[_Due] = deque()
        self.pictures = 0
        self.in_time = 0

    @property
    def share(self) -> float | None:
        """Of all so far, those in time; None before the first."""
        return self.in_time / self.pictures if self.pictures else None

    def due(self, frame: Frame, now: float) -> list[Settled]:
        """A picture came that is to be shown; returns what is settled by the time that has passed."""
        if self._waiting and self._waiting[-1].connection != frame.connection:
            self._waiting.clear()  # what an outage cut off was nobody's to show
        bound = self._target.latency if self._target.latency is not None else GIVEN_UP
        over = []
        while self._waiting and now - self._waiting[0].captured_at > bound:
            self._waiting.popleft()
            over.append(self._settled(now, False, None))
        self._waiting.append(_Due.of(frame))
        return over

    def shown(self, frame: Frame, now: float) -> list[Settled]:
        """All outputs have a picture; returns what is settled by that: it, and those before it."""
        settled = []
        while self._waiting and self._is_by(self._waiting[0], frame):
            due = self._waiting.popleft()
            itself, age = due.index == frame.index, now - due.captured_at
            settled.append(self._settled(now, self._is_in_time(age, itself), age if itself else None))
        return settled

    @staticmethod
    def _is_by(due: _Due, frame: Frame) -> bool:
        return due.connection == frame.connection and due.index <= frame.index

    def _is_in_time(self, age: float, itself: bool) -> bool:
        latency, fps = self._target.latency, self._target.fps
        return (itself or fps is None) and (latency is None or age <= latency)

    def _settled(self, now: float, in_time: bool, latency: float | None) -> Settled:
        self.pictures += 1
        self.in_time += in_time
        return Settled(now, in_time, latency)
