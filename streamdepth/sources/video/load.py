"""How busy a live stream keeps its reader: one that never waits for a packet is behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

WINDOW = 10.0
"""Seconds that a share is of: segments of a live playlist come several at once, and then none for as long."""

P = TypeVar("P")


class Load:
    """The share of time that does not pass in waiting for packets; set by one thread, read by any.

    It is entered for each picture. The time between belongs to the consumer, and may be long: the first picture lies
    there while the network is loaded.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.share: float | None = None
        """Of the last window, 0 to 1; None before the first is over."""
        self._clock = clock
        self._began = clock()
        self._waited = 0.0
        self._given_at: float | None = None

    def __enter__(self) -> None:
        """A picture is wanted."""
        now = self._clock()
        if self._given_at is None:
            self._began, self._waited = now, 0.0
        else:
            self._waited += now - self._given_at

    def __exit__(self, *_error: object) -> None:
        """It is given."""
        self._given_at = self._clock()

    def of(self, packets: Iterator[P]) -> Iterator[P]:
        """The same packets."""
        asked_at = self._clock()
        for packet in packets:
            self.waited_for(asked_at, self._clock())
            yield packet
            asked_at = self._clock()

    def waited_for(self, asked_at: float, came_at: float) -> None:
        """So long there was nothing to do."""
        self._waited += came_at - asked_at
        lasted = came_at - self._began
        if lasted >= WINDOW:
            self.share = 1 - self._waited / lasted
            self._began, self._waited = came_at, 0.0
