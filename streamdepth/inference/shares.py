"""One network for several live cameras: which one gets the next lane, with its newest picture.

No picture waits in a line, only a camera does: it takes its newest picture when it has a lane. So a camera without a
picture takes no lane, one that is slow or hangs holds none, and where there are more pictures than lanes can do, each
camera gets its share of them (start-time fair queueing: P. Goyal, H. M. Vin, H. Cheng, SIGCOMM 1996).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

from streamdepth.errors import StageStuck
from streamdepth.threads.turnstile import Turnstile
from streamdepth.threads.worker import Lock

PATIENCE = 30.0
"""Seconds for a turn, whoever else wants one: a lane that hangs is not waited for longer."""
WATCHED = 3.0
"""The weight of a camera that somebody watches, beside 1 of one that is only recorded."""
MOVING = 2.0
"""By how much the weight grows of a camera before which much moves: what stands still has the same depth again."""

L = TypeVar("L")


def weight_of(*, is_watched: bool, motion: float) -> float:
    """What a camera's claim weighs, by how much moves before it (0 to 1): 1 at least, `WATCHED * MOVING` at most.

    So nobody starves: of n cameras each gets one turn in `WATCHED * MOVING * n` at the worst.
    """
    return (WATCHED if is_watched else 1.0) * (1.0 + (MOVING - 1.0) * motion)


class SharedLanes(Generic[L]):
    """The lanes of one network; `join` gives each camera its share of them."""

    def __init__(self, lanes: Sequence[L], clock: Callable[[], float] = time.monotonic) -> None:
        self.lanes = tuple(lanes)
        self.turnstile = Turnstile(self.lanes)
        self.clock = clock
        self._lock = Lock()
        self._now = 0.0

    def join(self, weight: Callable[[], float], patience: float = PATIENCE) -> Share[L]:
        """One more camera; `weight` is asked before each turn: twice the weight is twice the share."""
        return Share(self, weight, patience)

    def start_of(self, finish: float) -> float:
        """When, in time that passes by what is used, a turn begins of somebody whose last one is paid for at `finish`.

        It is not in the past: a camera that was idle has not accumulated a share.
        """
        with self._lock:
            return max(self._now, finish)

    def begin(self, start: float) -> None:
        """A turn that has this start was given."""
        with self._lock:
            self._now = max(self._now, start)


class Share(Generic[L]):
    """One camera's share of the lanes; used by one thread at a time."""

    def __init__(self, shared: SharedLanes[L], weight: Callable[[], float], patience: float) -> None:
        self._shared = shared
        self._weight = weight
        self._patience = patience
        self._finish = 0.0

    @contextmanager
    def turn(self) -> Iterator[L]:
        """A lane, for one picture; raises `StageStuck` where none is free for so long that all must hang."""
        shared, start = self._shared, self._shared.start_of(self._finish)
        lane = self._take(start)
        shared.begin(start)
        began = shared.clock()
        try:
            yield lane
        finally:
            self._finish = start + (shared.clock() - began) / self._weight()
            shared.turnstile.give_back(lane)

    def each(self) -> Iterator[L]:
        """Every lane, one after the other, while others use the rest: what prepares all of them goes through here."""
        for lane in self._shared.lanes:
            self._take(self._shared.start_of(self._finish), lane)
            try:
                yield lane
            finally:
                self._shared.turnstile.give_back(lane)

    def _take(self, start: float, only: L | None = None) -> L:
        def is_wanted(lane: L) -> bool:
            return only is None or lane is only

        try:
            return self._shared.turnstile.take(start, self._patience, is_wanted)
        except TimeoutError as error:
            raise StageStuck(
                f"the network has not been free for this camera for {self._patience:g} s", "start again"
            ) from error
