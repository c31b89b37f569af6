"""How many pictures of requests are in work or in line, and how many may be while far too many are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

WEIGHT = 1 / 32
"""Of the newest request: the last sixty or so count."""
MOST_REFUSED = 0.5
"""Share of refusals from which on the line is kept short: twice as many are asked for as can be answered."""


class InFlight:
    """Lives on the event loop.

    A line that is always full helps nobody: who is let in waits for all of it, and as many are refused. So where most
    are refused, half a picture a lane may wait. Where fewer are, the whole line may: its clients would rather wait than
    come again after a second. When nothing is in flight any more it was a burst, and that is forgotten.
    """

    def __init__(self, lanes: int) -> None:
        self._few = lanes + max(1, lanes // 2)
        self._count = 0
        self._refused = 0.0
        """Share of the last requests."""

    @property
    def are_too_many(self) -> bool:
        """Whether one more would wait too long for those who are let in."""
        return self._count >= self._few and self._refused > MOST_REFUSED

    def note(self, *, refused: bool) -> None:
        """What became of a request."""
        if not self._count:
            self._refused = 0.0
        self._refused += WEIGHT * (refused - self._refused)

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Within it, a picture is in work or in line."""
        self._count += 1
        try:
            yield
        finally:
            self._count -= 1
