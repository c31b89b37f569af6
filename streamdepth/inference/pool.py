"""One engine for many users: a thread a lane, a bounded line of work before them, and the wait that it means.

Work is a function of a lane. On a CPU a picture a thread is the best there is (batching does not pay), so a lane does
the whole of a piece of work: it decodes, infers and encodes, and no picture crosses from core to core on its way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from enum import IntEnum
from functools import partial
from typing import Generic, TypeVar

from streamdepth.errors import Overloaded
from streamdepth.inference.crowding import Crowding
from streamdepth.inference.rate import Rate
from streamdepth.threads.handoff import Ended
from streamdepth.threads.priority_queue import PriorityQueue
from streamdepth.threads.scheduling import give_way
from streamdepth.threads.ticket import Ticket
from streamdepth.threads.worker import Lock, Worker
from streamdepth.values import dataclass

LANES_FOR_ONE = 2
"""In a short line one waits for so many lanes: as long as half a piece takes, and no lane finds it empty."""

_LATER = "ask again a little later"

L = TypeVar("L")
T = TypeVar("T")


class Priority(IntEnum):
    """Whose work goes first; see `HEAD_STARTS`."""

    LIVE = 0
    """Of a picture that grows old."""
    REQUEST = 1
    """Somebody waits for it."""
    JOB = 2
    """Nobody watches."""


HEAD_STARTS = {Priority.LIVE: 1.0, Priority.REQUEST: 0.0, Priority.JOB: -3.0}
"""Seconds by which work is taken as if it had come earlier: so the urgent overtakes, and nothing waits for ever."""


@dataclass(frozen=True)
class Turn(Generic[L]):
    """What a piece of work gets when it begins."""

    lane: L
    waited: float
    """Seconds in the line."""
    check: Callable[[], None]
    """Raises `Withdrawn` where nobody wants the result any more; to be called between steps."""


@dataclass(frozen=True)
class PoolFigures:
    """How busy a pool is."""

    lanes: int
    running: int
    waiting: int
    seconds: float
    """A piece of work takes, as a moving mean."""
    busy: float
    """Seconds so far that lanes spent on work, all together."""


@dataclass(frozen=True, eq=False)
class _Piece(Generic[L]):
    begin: Callable[[L], None]
    refuse: Callable[[BaseException], None]


class Pool(Generic[L]):
    """Runs work on `lanes`, each in a thread of its own, behind all other threads; at most `capacity` pieces wait.

    `seconds` is what a piece is thought to take until the first are done. Where it `shortens`, one request waits for
    every two lanes while more are refused than taken: a line that stands full helps nobody.
    """

    def __init__(
        self,
        lanes: Sequence[L],
        capacity: int,
        seconds: float = 0.05,
        clock: Callable[[], float] = time.monotonic,
        *,
        shortens: bool = False,
    ) -> None:
        self._clock = clock
        self._crowding = Crowding(len(lanes))
        self._shortens = shortens
        self._lanes = len(lanes)
        self._short = max(1, len(lanes) // LANES_FOR_ONE)
        self._queue: PriorityQueue[_Piece[L]] = PriorityQueue(capacity)
        self._rate = Rate(seconds)
        self._lock = Lock()
        self._running = 0
        self._busy = 0.0
        self._workers = [
            Worker(f"lane-{number}", partial(self._work, lane), on_error=_keep).start()
            for number, lane in enumerate(lanes, start=1)
        ]

    def submit(
        self,
        work: Callable[[Turn[L]], T],
        priority: Priority = Priority.REQUEST,
        deadline: float | None = None,
    ) -> Ticket[T]:
        """Hand work in, from any thread; its `Ticket` gives the outcome.

        Raises `Overloaded` at once where the line is full, where the work could not be done by `deadline` (of the
        pool's clock), or where the pool is closed. What passes its deadline while it waits is not begun: its ticket
        has that error. A live picture needs no room: it is the only one of its camera that waits.
        """
        now = self._clock()
        if deadline is not None and now + self.wait(priority) + self._rate.seconds > deadline:
            raise self._late()
        is_request = priority is Priority.REQUEST
        if is_request:
            self.check_room()
            work = partial(self._do_request, work)
        ticket: Ticket[T] = Ticket(lambda: self._queue.remove(piece))
        piece = _Piece(partial(self._do, ticket, work, now, deadline), ticket.fail)
        is_one_of_many = priority is not Priority.LIVE
        if not self._queue.put(piece, now - HEAD_STARTS[priority], needs_room=is_one_of_many):
            raise self._full()
        if is_request:
            self._note(now, refused=False)
        return ticket

    def check_room(self) -> None:
        """Raise `Overloaded` where a request would be refused now: before what it brings is read."""
        now = self._clock()
        if self._queue.is_full or (self._is_crowded(now) and self._before(Priority.REQUEST) > self._short):
            self._note(now, refused=True)
            raise self._full()

    def note_answered(self) -> None:
        """A request was answered without any work here: it counts among those that are taken."""
        self._note(self._clock(), refused=False)

    def wait(self, priority: Priority = Priority.REQUEST) -> float:
        """Seconds that work of this priority would wait if it came now."""
        return max(0, self._before(priority)) * self._rate.seconds / self._lanes

    @property
    def is_closed(self) -> bool:
        """Whether no more work is taken, for good."""
        return self._queue.is_closed

    @property
    def retry_after(self) -> float:
        """Seconds until half of what waits now is done: then it is worth asking again."""
        return max(self._rate.seconds, self.wait(Priority.JOB) / 2)

    @property
    def figures(self) -> PoolFigures:
        """As they are now."""
        with self._lock:
            running, busy = self._running, self._busy
        return PoolFigures(self._lanes, running, len(self._queue), self._rate.seconds, busy)

    def close(self, patience: float) -> None:
        """Refuse what waits, and let what runs end; raises `StageStuck` where it has not after `patience` seconds."""
        for piece in self._queue.close():
            piece.refuse(Overloaded("the service is shutting down", _LATER, retry_after=self._rate.seconds))
        give_up_at = time.monotonic() + patience
        for worker in self._workers:
            worker.join(max(0.0, give_up_at - time.monotonic()))

    def _work(self, lane: L) -> None:
        give_way()  # the thread that accepts and refuses requests runs at once
        while True:
            try:
                piece = self._queue.take()
            except Ended:
                return
            piece.begin(lane)
            del piece  # or its result would stay until the next one comes

    def _do(
        self, ticket: Ticket[T], work: Callable[[Turn[L]], T], came: float, deadline: float | None, lane: L
    ) -> None:
        began = self._clock()
        if deadline is not None and began + self._rate.seconds > deadline:
            ticket.fail(self._late())
            return
        with self._lock:
            self._running += 1
        is_done = ticket.do(lambda: work(Turn(lane, began - came, ticket.check)))
        seconds = self._clock() - began
        with self._lock:
            self._running -= 1
            self._busy += seconds
            if is_done:  # what fails, does so sooner, and says nothing of the others
                self._rate.add(seconds)

    def _before(self, priority: Priority) -> int:
        """How many pieces must end before one of this priority that came now would begin."""
        return self._queue.ahead(self._clock() - HEAD_STARTS[priority]) + self._running + 1 - self._lanes

    def _is_crowded(self, now: float) -> bool:
        with self._lock:
            is_known = self._shortens and self._rate.is_measured
            return is_known and self._crowding.is_crowded(now, self._rate.seconds)

    def _note(self, now: float, *, refused: bool) -> None:
        with self._lock:
            self._crowding.note(now, refused=refused)

    def _do_request(self, work: Callable[[Turn[L]], T], turn: Turn[L]) -> T:
        with self._lock:
            self._crowding.work_begins(self._clock())
        try:
            return work(turn)
        finally:
            with self._lock:
                self._crowding.work_ends(self._clock())

    def _full(self) -> Overloaded:
        return Overloaded("too much waits already", _LATER, retry_after=self.retry_after)

    def _late(self) -> Overloaded:
        return Overloaded(
            "it could not be done in the time that its client gives", _LATER, retry_after=self.retry_after
        )


def _keep(_error: BaseException) -> None:
    """It is with the worker, and raised when that is joined."""
