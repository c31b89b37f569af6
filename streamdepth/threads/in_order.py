"""Work that several threads do side by side, taken in the order in which it was begun."""

from __future__ import annotations

import threading
from collections import deque
from itertools import islice
from typing import Generic, TypeVar

from streamdepth.threads.handoff import Ended, check_room

T = TypeVar("T")


class Place(Generic[T]):
    """Where one item will be; made by `InOrder.reserve` alone."""

    def __init__(self) -> None:
        self.items: list[T] = []
        """The item, once it is there."""


class InOrder(Generic[T]):
    """A hand-over from several threads to one, in the order in which places were reserved.

    At most `capacity` places are there at a time, filled or not. `close` says that no more is reserved; a place that
    is given back unfilled ends everything after it; `abandon` says that no more is taken.

    With `burst`, the taker sleeps until so many are ready, or its time-out is over, and then takes all that are;
    only the very first it gets at once.
    """

    def __init__(self, capacity: int, *, burst: int = 1) -> None:
        check_room(capacity, burst)
        self._capacity = capacity
        self._burst = burst
        self._draining = True  # the first one is taken at once: the taker has much to prepare
        self._places: deque[Place[T]] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._abandoned = False

    def reserve(self) -> Place[T] | None:
        """The next place, once there is room; None when nothing more is taken."""
        with self._changed:
            self._changed.wait_for(self._room_or_end)
            if self._closed or self._abandoned:
                return None
            place: Place[T] = Place()
            self._places.append(place)
            return place

    def fill(self, place: Place[T], item: T) -> None:
        """Put an item into its place."""
        with self._changed:
            place.items.append(item)
            if self._burst_or_end():
                self._changed.notify_all()

    def give_back(self, place: Place[T]) -> None:
        """Leave a place unfilled: what was reserved before it is still taken, nothing after it."""
        with self._changed:
            if place in self._places:
                while self._places.pop() is not place:
                    pass
            self._closed = True
            self._changed.notify_all()

    def get(self, timeout: float | None = None) -> T:
        """Take the item of the oldest place; `TimeoutError` after `timeout` seconds, `Ended` at the end."""
        with self._changed:
            if not self._changed.wait_for(self._burst_or_end, timeout) and not self._ready(1):
                raise TimeoutError
            if not self._places or self._abandoned:
                raise Ended
            item = self._places.popleft().items[0]
            self._draining = self._ready(1)
            if not self._draining or 2 * len(self._places) <= self._capacity:
                self._changed.notify_all()  # earlier, each place would wake a thread for itself
            return item

    def abandon(self) -> None:
        """Nobody takes any more; what is there is forgotten."""
        with self._changed:
            self._abandoned = True
            self._places.clear()
            self._changed.notify_all()

    def _room_or_end(self) -> bool:
        return len(self._places) < self._capacity or self._closed or self._abandoned

    def _burst_or_end(self) -> bool:
        if self._abandoned or (self._closed and not self._places):
            return True
        return self._ready(1 if self._draining or self._closed else self._burst)

    def _ready(self, count: int) -> bool:
        """Whether the `count` oldest places are there and filled."""
        return len(self._places) >= count and all(place.items for place in islice(self._places, count))
