"""Single flight: of several requests for the same, one has the work done and all get its result."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Generic, TypeVar

from streamdepth.threads.ticket import Ticket
from streamdepth.values import dataclass, field

T = TypeVar("T")


@dataclass(eq=False)
class _Flight(Generic[T]):
    work: Ticket[T]
    waiting: list[asyncio.Future[None]] = field(default_factory=list)
    is_told: bool = False
    """Whether somebody has its result."""


class Flights(Generic[T]):
    """What is under way in other threads, by its key; lives on the event loop."""

    def __init__(self) -> None:
        self._flights: dict[str, _Flight[T]] = {}

    def __contains__(self, key: str) -> bool:
        """Whether it is under way."""
        return key in self._flights

    async def share(
        self, key: str, begin: Callable[[], Ticket[T]], keep: Callable[[T], Awaitable[None]], patience: float
    ) -> T:
        """The result of what `begin` begins, or of what is under way with this key.

        The first caller that has it keeps it with `keep`, and until that is done it stays under way: a request that
        comes meanwhile, and did not find it where it is kept, gets it here. Raises what that work raises, and `begin`,
        and `TimeoutError` after `patience` seconds. A caller that is cancelled does not affect the others; when all
        have left, the work is cancelled.
        No task is made for it: each hop on the loop would cost a request more than its word.
        """
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = self._take_off(key, begin())
        if not flight.work.done():
            async with asyncio.timeout(patience):
                await self._wait(key, flight)
        result = flight.work.result()
        if not flight.is_told:
            flight.is_told = True
            try:
                await keep(result)
            finally:
                self._forget(key, flight)
        return result

    async def _wait(self, key: str, flight: _Flight[T]) -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        flight.waiting.append(waiting)
        try:
            await waiting
        except asyncio.CancelledError:
            if flight.waiting == [waiting] and not flight.is_told:
                self._forget(key, flight)
                flight.work.cancel()
            raise
        finally:
            flight.waiting.remove(waiting)

    def _take_off(self, key: str, work: Ticket[T]) -> _Flight[T]:
        flight, loop = _Flight(work), asyncio.get_running_loop()

        def done(_work: object) -> None:
            with suppress(RuntimeError):  # the loop has ended, and so have its waiting requests
                loop.call_soon_threadsafe(self._land, key, flight)

        work.add_done_callback(done)
        return flight

    def _land(self, key: str, flight: _Flight[T]) -> None:
        if flight.work.cancelled() or flight.work.exception() is not None:
            self._forget(key, flight)
        for waiting in flight.waiting:
            if not waiting.done():
                waiting.set_result(None)

    def _forget(self, key: str, flight: _Flight[T]) -> None:
        if self._flights.get(key) is flight:  # else all had left, and another is under way
            del self._flights[key]
