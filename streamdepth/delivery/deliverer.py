"""Delivers one thing after the other in a thread of its own, each until it is there."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from streamdepth.delivery.standing import NotDelivered, Standing
from streamdepth.threads.handoff import Ended
from streamdepth.threads.outbox import Outbox
from streamdepth.threads.worker import Flag, Worker

T = TypeVar("T")

CAPACITY = 1000
"""Things that wait at most; some days of a door, some hundred kilobytes."""
LOOK = 1.0
LAST_TRIES = 0.3
"""Seconds between tries when the end has come."""
CLOSE_PATIENCE = 3.0
"""Seconds in which what waits at the end is still delivered."""


class Deliverer(Generic[T]):
    """Hands things to `deliver` in their order; one for which it raises `NotDelivered` is tried again.

    Putting never waits: where too much waits, the oldest is dropped, counted and reported.
    """

    def __init__(
        self, name: str, deliver: Callable[[T], None], standing: Standing, capacity: int = CAPACITY
    ) -> None:
        self._deliver = deliver
        self._standing = standing
        self._waiting: Outbox[T] = Outbox(capacity)
        self._given_up = Flag()
        self._give_up_at: float | None = None
        self._worker = Worker(name, self._run, on_error=lambda _error: None).start()

    @property
    def failure(self) -> BaseException | None:
        """What ended its thread although it was not asked to: a fault of this program."""
        return self._worker.error

    def put(self, thing: T) -> None:
        """Let it be delivered."""
        if not self._waiting.put(thing):
            self._standing.full()

    def end(self, patience: float = CLOSE_PATIENCE) -> None:
        """No more comes, and what waits has so many seconds from the first call on; does not wait."""
        if self._give_up_at is None:
            self._give_up_at = time.monotonic() + patience
        self._waiting.close()

    def close(self, patience: float = CLOSE_PATIENCE) -> None:
        """Deliver what waits, as long as `end` says; what then still waits is counted as not delivered, and reported.

        A try under way is left behind: it is bounded by itself.
        """
        self.end(patience)
        assert self._give_up_at is not None, "that is the end"
        self._worker.is_running(max(0.0, self._give_up_at - time.monotonic()))
        self._given_up.set()
        self._standing.ended(len(self._waiting))

    def figures(self) -> dict[str, Any]:
        """As the report has them."""
        return self._standing.figures(len(self._waiting), self._waiting.dropped)

    def _run(self) -> None:
        with suppress(Ended):
            while not self._given_up.is_set():
                for thing in self._waiting.first(1, LOOK):
                    self._try(thing)

    def _try(self, thing: T) -> None:
        try:
            self._deliver(thing)
        except NotDelivered as why:
            delay = self._standing.failed(why)
            if not why.is_final:
                if self._waiting.wait_closed(delay):
                    self._given_up.wait(LAST_TRIES)
                return
        else:
            self._standing.got()
        self._waiting.done(thing)
