"""Single flight: of several requests for the same, one does the work and all get its result."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(eq=False)
class _Flight(Generic[T]):
    task: asyncio.Future[T]
    waiting: int = 0


class Flights(Generic[T]):
    """What is under way, by its key; lives on the event loop."""

    def __init__(self) -> None:
        self._flights: dict[str, _Flight[T]] = {}

    def __contains__(self, key: str) -> bool:
        """Whether it is under way."""
        return key in self._flights

    async def share(self, key: str, begin: Callable[[], Awaitable[T]]) -> T:
        """The result of `begin`, or of the call with this key that is under way; raises what that raises.

        Who is cancelled leaves the others with it; when all have left, it is cancelled.
        """
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.ensure_future(begin()))
            flight.task.add_done_callback(lambda _task: self._land(key))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                self._flights.pop(key, None)
                flight.task.cancel()

    def _land(self, key: str) -> None:
        flight = self._flights.get(key)
        if flight is not None and flight.task.done():
            del self._flights[key]
