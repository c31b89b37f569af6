"""A few items shared by more threads: each item is used by one thread at a time, and waiting threads have ranks."""

from __future__ import annotations

import threading
from bisect import insort
from collections.abc import Callable, Sequence
from itertools import count
from typing import Generic, TypeVar

from streamdepth.threads.awake import LONGEST, Awake

T = TypeVar("T")


def _any(_thing: object) -> bool:
    return True


class Turnstile(Generic[T]):
    """Hands out `things`: to the smallest rank first, of equals to the one that came first."""

    def __init__(self, things: Sequence[T]) -> None:
        self._free = list(things)
        self._waiting: list[tuple[float, int, Callable[[T], bool]]] = []
        self._numbers = count()
        self._changed = threading.Condition()

    def take(self, rank: float, patience: float, wanted: Callable[[T], bool] = _any) -> T:
        """One of the things, of those that are `wanted`; `TimeoutError` where there is none in `patience` seconds."""
        with self._changed:
            number = next(self._numbers)
            place = rank, number, wanted
            insort(self._waiting, place)
            try:
                waited = Awake()
                while not self._changed.wait_for(lambda: self._meant_for(number), min(patience, LONGEST / 2)):
                    if waited.look() >= patience:
                        raise TimeoutError
                (thing,) = self._meant_for(number)
                self._free.remove(thing)
                return thing
            finally:
                self._waiting.remove(place)
                self._changed.notify_all()

    def give_back(self, thing: T) -> None:
        """Somebody else may have it."""
        with self._changed:
            self._free.append(thing)
            self._changed.notify_all()

    def _meant_for(self, number: int) -> list[T]:
        """What this one may take now, once all before it have what they want of what is free: one thing or none."""
        free = list(self._free)
        for _, other, wanted in self._waiting:
            taken = [thing for thing in free if wanted(thing)][:1]
            if other == number:
                return taken
            free = [thing for thing in free if thing not in taken]
        return []
