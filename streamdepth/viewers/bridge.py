"""From the threads of runs to the event loop that shows their streams."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from streamdepth.errors import SinkError
from streamdepth.viewers.showing import Showing
from streamdepth.viewers.stream import Shown, Stream

PATIENCE = 20.0
"""Seconds for the loop to do what it is asked."""

T = TypeVar("T")


class Host(Protocol):
    """A service, as the runs see it that have a stream there; all may be called from any thread."""

    @property
    def address(self) -> str:
        """What to open."""

    def open(self, name: str, shown: Shown) -> Stream:
        """Show one more stream, whose name must be free; raises `SinkError` where the service has ended."""

    def remove(self, name: str) -> None:
        """End a stream, if it exists, and notify its viewers. Does nothing after the service has ended."""

    def check(self) -> None:
        """Raise `SinkError` where the service has failed."""

    def on_loop(self, call: Callable[[], None]) -> None:
        """Have it called on the event loop."""


class Bridge:
    """A `Host` of what is shown on a loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, showing: Showing, address: str) -> None:
        self.address = address
        self._loop = loop
        self._showing = showing

    def open(self, name: str, shown: Shown) -> Stream:
        """See `Host`."""
        stream = self._done(self._showing.add(name, shown))
        shown.encoder.listen(lambda: self.on_loop(stream.wake))
        return stream

    def remove(self, name: str) -> None:
        """See `Host`."""
        with suppress(SinkError):
            self._done(self._showing.streams.remove(name))

    def check(self) -> None:
        """See `Host`: what cannot be shown is reported by `open`."""

    def on_loop(self, call: Callable[[], None]) -> None:
        """See `Host`: the one bridge from other threads."""
        with suppress(RuntimeError):  # the loop has ended, and its viewers with it
            self._loop.call_soon_threadsafe(call)

    def _done(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of what is done on the event loop."""
        future = None
        try:
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
            return future.result(PATIENCE)
        except Exception as error:  # the loop has ended, or ends, or is held up
            if future is not None:
                future.cancel()
            if inspect.getcoroutinestate(work) == inspect.CORO_CREATED:
                work.close()
            raise SinkError(f"the web service does not answer: {error}", "start again") from error
