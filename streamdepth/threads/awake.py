"""Waits of a process that runs: one that was stopped (Ctrl-Z, a paused container, sleep) has not waited."""

from __future__ import annotations

import time
from collections.abc import Callable

LONGEST = 1.0
"""Seconds that count between two looks; waiting code looks more often than that."""


class Awake:
    """Counts the seconds of a wait by looks at a clock; one thread looks."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._looked_at = clock()
        self._seconds = 0.0

    def look(self) -> float:
        """Seconds waited so far, of those since the look before `LONGEST` at most."""
        now = self._clock()
        self._seconds += min(now - self._looked_at, LONGEST)
        self._looked_at = now
        return self._seconds
