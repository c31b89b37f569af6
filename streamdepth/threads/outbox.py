"""What waits to be delivered: kept until it is, in order, and bounded."""

from __future__ import annotations

import threading
from collections import deque
from itertools import islice
from typing import Generic, TypeVar

from streamdepth.threads.handoff import Ended, check_room

T = TypeVar("T")


class Outbox(Generic[T]):
    """At most `capacity` items between any thread that puts and one that delivers, which takes none out before it has.

    Nobody waits to put: where it is full the oldest item is dropped, and counted. Items are compared by identity.
    `close` says that no more comes.
    """

    def __init__(self, capacity: int) -> None:
        check_room(capacity, 1)
        self._capacity = capacity
        self._items: deque[T] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._dropped = 0

    def __len__(self) -> int:
        with self._changed:
            return len(self._items)

    @property
    def dropped(self) -> int:
        """How many found no room so far, or came after the end."""
        return self._dropped

    def put(self, item: T) -> bool:
        """Let `item` wait; False where something was dropped for it."""
        with self._changed:
            if self._closed:
                self._dropped += 1
                return False
            is_full = len(self._items) >= self._capacity
            if is_full:
                self._items.popleft()
                self._dropped += 1
            self._items.append(item)
            self._changed.notify_all()
            return not is_full

    def first(self, count: int, timeout: float) -> list[T]:
        """The oldest items, at most `count`; none after `timeout` seconds; raises `Ended` where none will come."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._items or self._closed, timeout):
                return []
            if not self._items:
                raise Ended
            return list(islice(self._items, count))

    def done(self, item: T) -> None:
        """`item` is delivered, or given up; one that was dropped meanwhile is no longer there."""
        with self._changed:
            for place, waiting in enumerate(self._items):
                if waiting is item:
                    del self._items[place]
                    return

    def close(self) -> None:
        """No more is put; what is there can still be delivered."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wait_closed(self, timeout: float) -> bool:
        """Whether it is closed, at the latest after `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closed, timeout)
