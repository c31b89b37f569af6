"""How far a job is: received in the working thread, written to its record by another."""

from __future__ import annotations

import time
from collections.abc import Callable

from streamdepth.reporting.events import Event, FrameWritten, RunBegan
from streamdepth.reporting.pace import Pace
from streamdepth.server.jobs.record import Record


class Progress:
    """Hears of a run in its thread; any other may ask."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pace = Pace(None, clock())

    def __call__(self, event: Event) -> None:
        """As an `Observe`."""
        if isinstance(event, RunBegan):
            to_come = None if event.frames is None else event.frames + event.ahead
            self.begin(event.done_before + event.behind, to_come)
        if isinstance(event, FrameWritten):
            self.reached(event.count, event.of)

    def begin(self, before: int, to_come: int | None) -> None:
        """So many were done before, and so many are to come."""
        total = None if to_come is None else before + to_come
        self._pace = Pace(total, self._clock(), behind=before)

    def reached(self, count: int, of: int | None = None) -> None:
        """So many are done of those that were to come; `of` is as `Pace.at` takes it."""
        self._pace = self._pace.at(count, self._clock(), of)

    def noted(self, record: Record) -> Record:
        """A record that says how far it is; the same where it does already."""
        pace = self._pace
        if (record.frames, record.of) == (pace.done, pace.total) or not pace.done:
            return record
        left = pace.seconds_left
        return record.progressed(pace.done, pace.total, None if left is None else round(left, 1))
