"""What stands between inference and the renderer of a file: estimates, each until what follows it is known."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from streamdepth.frames import Estimate
from streamdepth.pipeline.between import Supply
from streamdepth.protocols import Foresees
from streamdepth.threads.handoff import Ended

T = TypeVar("T")


class LookAhead:
    """Gives the estimates of `estimates` in their order, each when `renderer` has foreseen what it wants to know."""

    def __init__(self, estimates: Supply[Estimate], renderer: Foresees, clock: Callable[[], float]) -> None:
        self._estimates = estimates
        self._renderer = renderer
        self._clock = clock
        self._waiting: deque[Estimate] = deque()
        self._spent = 0.0

    def get(self, timeout: float) -> Estimate:
        """The next one; `TimeoutError` where none came within `timeout` seconds, `Ended` after the last."""
        while not self._renderer.knows_next:
            try:
                estimate = self._estimates.get(timeout)
            except Ended:
                if not self._waiting:
                    raise
                break
            begin = self._clock()
            self._renderer.foresee(estimate)
            self._spent += self._clock() - begin
            self._waiting.append(estimate)
        return self._waiting.popleft()

    def spent(self) -> float:
        """Seconds that the renderer took to foresee since this was asked last: a part of what rendering takes."""
        seconds, self._spent = self._spent, 0.0
        return seconds


def in_view(items: Iterable[T], foresee: Callable[[T], None], knows_next: Callable[[], bool]) -> Iterator[T]:
    """Each of `items`, when enough of those behind it were foreseen; it is to be drawn before the next is asked for."""
    waiting: deque[T] = deque()
    for item in items:
        foresee(item)
        waiting.append(item)
        while knows_next():
            yield waiting.popleft()
    yield from waiting
