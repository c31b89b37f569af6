"""The one way from thread to thread: bounded, closable from both ends, nothing lost without being counted."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, Literal, TypeVar

T = TypeVar("T")

WhenFull = Literal["drop-oldest", "wait"]


class Ended(Exception):
    """Nothing more will come out of a hand-over."""


def _ignore(_item: object) -> None:
    return None


def check_room(capacity: int, burst: int) -> None:
    """Raise `ValueError` where so many items cannot wait, or so many are never there together."""
    if capacity < 1:
        raise ValueError(f"capacity must be at least 1, not {capacity}")
    if not 1 <= burst <= capacity:
        raise ValueError(f"burst must be from 1 to {capacity}, not {burst}")


class Handoff(Generic[T]):
    """A queue of at most `capacity` items between one thread that puts and one that takes.

    `when_full="drop-oldest"` replaces the oldest item, `"wait"` blocks the putting thread. `on_drop` sees every item
    that was put and will never be taken. Either side may end it: `close` says that no more comes (what is there is
    still taken), `abandon` says that no more is taken. With `burst`, a thread that waits for room sleeps until there
    is room for so many.
    """

    def __init__(
        self,
        capacity: int,
        *,
        when_full: WhenFull,
        on_drop: Callable[[T], None] = _ignore,
        burst: int = 1,
    ) -> None:
        check_room(capacity, burst)
        self._capacity = capacity
        self._burst = burst
        self._when_full = when_full
        self._on_drop = on_drop
        self._items: deque[T] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._abandoned = False

    def put(self, item: T) -> bool:
        """Hand `item` over; False once no more is taken. With "wait" it blocks until there is room or an end."""
        dropped: list[T] = []
        with self._changed:
            if self._when_full == "wait":
                self._wait_for_room()
            if self._when_full == "drop-oldest" and len(self._items) >= self._capacity:
                dropped.append(self._items.popleft())
            taken = not (self._closed or self._abandoned)
            if taken:
                self._items.append(item)
                self._changed.notify_all()
            else:
                dropped.append(item)
        for lost in dropped:
            self._on_drop(lost)
        return taken

    def change(self, when_full: WhenFull) -> None:
        """What to do from now on, also with an item that waits for room."""
        with self._changed:
            self._when_full = when_full
            self._changed.notify_all()

    def get(self, timeout: float | None = None) -> T:
        """Take the oldest item; `TimeoutError` after `timeout` seconds, `Ended` at the end."""
        with self._changed:
            if not self._changed.wait_for(self._item_or_end, timeout):
                raise TimeoutError
            if not self._items or self._abandoned:
                raise Ended
            item = self._items.popleft()
            if self._room_or_end(self._burst):
                self._changed.notify_all()
            return item

    def wait(self, timeout: float | None = None) -> None:
        """Until there is something to take, which stays; raises as `get` does."""
        with self._changed:
            if not self._changed.wait_for(self._item_or_end, timeout):
                raise TimeoutError
            if not self._items or self._abandoned:
                raise Ended

    def __iter__(self) -> Iterator[T]:
        """Take until the end."""
        while True:
            try:
                yield self.get()
            except Ended:
                return

    def close(self) -> None:
        """No more is put; what is there is still taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def abandon(self) -> None:
        """No more is taken; what is there is dropped."""
        with self._changed:
            self._abandoned = True
            dropped = list(self._items)
            self._items.clear()
            self._changed.notify_all()
        for lost in dropped:
            self._on_drop(lost)

    def _wait_for_room(self) -> None:
        if not self._room_or_end(1):
            self._changed.wait_for(lambda: self._room_or_end(self._burst) or self._when_full != "wait")

    def _room_or_end(self, count: int) -> bool:
        return len(self._items) + count <= self._capacity or self._closed or self._abandoned

    def _item_or_end(self) -> bool:
        return bool(self._items) or self._closed or self._abandoned
