"""How far a job is: received in the working thread, written to its record by another."""

from __future__ import annotations

import time

from streamdepth.reporting.events import Event, FrameWritten, RunBegan
from streamdepth.server.jobs.record import Record


class Progress:
    """Hears of a run in its thread; any other may ask."""

    def __init__(self) -> None:
        self._done = self._before = 0
        self._of: int | None = None
        self._began = time.monotonic()
        self._left: float | None = None

    def __call__(self, event: Event) -> None:
        """As an `Observe`."""
        if isinstance(event, RunBegan):
            to_come = None if event.frames is None else event.frames + event.ahead
            self.begin(event.done_before + event.behind, to_come)
        if isinstance(event, FrameWritten):
            self.reached(event.count)

    def begin(self, before: int, to_come: int | None) -> None:
        """So many were done before, and so many are to come."""
        self._before = self._done = before
        self._of = None if to_come is None else before + to_come
        self._began = time.monotonic()

    def reached(self, count: int) -> None:
        """So many are done of those that were to come."""
        self._done = self._before + count
        if self._of is not None and count:
            seconds = time.monotonic() - self._began
            self._left = round(max(0, self._of - self._done) * seconds / count, 1)

    def noted(self, record: Record) -> Record:
        """A record that says how far it is; the same where it does already."""
        if (record.frames, record.of) == (self._done, self._of) or not self._done:
            return record
        return record.progressed(self._done, self._of, self._left)
