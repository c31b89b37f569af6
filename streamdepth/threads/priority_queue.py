"""A bounded queue of waiting items, the most urgent first, between any number of threads that put and that take."""

from __future__ import annotations

import threading
from bisect import insort
from itertools import count
from typing import Generic, TypeVar

from streamdepth.threads.handoff import Ended, check_room

T = TypeVar("T")


class PriorityQueue(Generic[T]):
    """At most `capacity` items wait; a smaller `priority` is taken sooner, of equals the one that came first.

    Nobody waits to put: what finds no room is refused. `close` ends it and gives back what waits.
    """

    def __init__(self, capacity: int) -> None:
        check_room(capacity, 1)
        self._capacity = capacity
        self._items: list[tuple[float, int, T]] = []
        self._numbers = count()
        self._changed = threading.Condition()
        self._closed = False

    def __len__(self) -> int:
        with self._changed:
            return len(self._items)

    @property
    def is_full(self) -> bool:
        """Whether the next item would be refused."""
        return len(self) >= self._capacity

    @property
    def is_closed(self) -> bool:
        """Whether it has ended."""
        return self._closed

    def ahead(self, priority: float) -> int:
        """How many items would be taken before one that came now."""
        with self._changed:
            return sum(other <= priority for other, _, _ in self._items)

    def put(self, item: T, priority: float, *, needs_room: bool = True) -> bool:
        """Let `item` wait; False where nothing is taken any more or, unless it needs none, there is no room."""
        with self._changed:
            if self._closed or (needs_room and len(self._items) >= self._capacity):
                return False
            insort(self._items, (priority, next(self._numbers), item))
            self._changed.notify()
            return True

    def take(self) -> T:
        """The most urgent item, once there is one; raises `Ended` at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._closed)
            if not self._items:
                raise Ended
            return self._items.pop(0)[2]

    def remove(self, item: T) -> bool:
        """Let `item` wait no longer; False where it was taken already."""
        with self._changed:
            for place, (_, _, waiting) in enumerate(self._items):
                if waiting is item:
                    del self._items[place]
                    return True
            return False

    def close(self) -> list[T]:
        """Nothing more is put or taken; returns what still waited."""
        with self._changed:
            self._closed = True
            left = [item for _, _, item in self._items]
            self._items.clear()
            self._changed.notify_all()
            return left
