"""How far apart the pictures of a stream come, estimated from the last few."""

from __future__ import annotations

from collections import deque

REMEMBERED = 3
"""Few, so that a rate that changes at nightfall is known again at the second picture."""


class Gaps:
    """The last few gaps between pictures: set by one thread, read by any."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._recent: deque[float] = deque(maxlen=REMEMBERED)
        self._longest: float | None = None

    def saw(self, now: float) -> None:
        """A picture came at `now` in seconds."""
        if self._last is not None:
            self._recent.append(now - self._last)
            self._longest = max(self._recent)  # here: another thread could not go through them meanwhile
        self._last = now

    @property
    def longest(self) -> float | None:
        """Seconds; None before there were two pictures."""
        return self._longest
