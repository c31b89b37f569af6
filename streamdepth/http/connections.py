"""The TCP connections of clients: how many may keep the server waiting, and for how long."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

MOST_WAITING = 128
"""Connections that the server may wait for at once; the one that kept it waiting longest makes room."""
LOOK_EVERY = 1.0
SEND_BUFFER = 64 * 1024
"""Octets that may be on their way to a client: what it has not taken grows old there. Linux doubles it for itself."""
MOST_UNSENT = 16 * 1024
"""Octets of these that are not even sent: more come only when the line has room."""


@dataclass(frozen=True)
class Patience:
    """Seconds that a client may keep the server waiting."""

    request: float = 10.0
    """For the whole of a request, from its first octet on."""
    octets: float = 10.0
    """For the next octets of a request."""
    next: float = 10.0
    """For the first octet, of the first request and of the next."""
    taking: float = 10.0
    """For an answer to be taken."""


USUAL = Patience()


class Waiting:
    """Connections of which something must come, the longest waiting first; lives on the event loop.

    Clients that open connections and send nothing, or send it slowly, lock no other out: they are dropped first.
    """

    def __init__(
        self, most: int = MOST_WAITING, patience: Patience = USUAL, *, keeps_little: bool = True
    ) -> None:
        self._most = most
        self.patience = patience
        self.keeps_little = keeps_little
        """Whether an answer that is not taken must not grow old in buffers."""
        self._due: dict[Connection, float] = {}
        self._look: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._due)

    def add(self, connection: Connection, seconds: float) -> None:
        """Something must come of `connection` within `seconds`; also where it was waited for before."""
        loop = asyncio.get_running_loop()
        self.remove(connection)
        self._due[connection] = loop.time() + seconds
        if len(self._due) > self._most:
            self._drop(next(iter(self._due)))  # it kept the server waiting longest
        if self._look is None:
            self._look = loop.call_later(LOOK_EVERY, self._look_after)

    def put_off(self, connection: Connection, seconds: float) -> None:
        """A part of it came, and the rest must within `seconds`; its place among those that are dropped stays."""
        if connection in self._due:
            self._due[connection] = asyncio.get_running_loop().time() + seconds

    def remove(self, connection: Connection) -> None:
        """It came, or nothing will."""
        self._due.pop(connection, None)

    def _look_after(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in [connection for connection, due in self._due.items() if due < now]:
            self._drop(connection)
        self._look = loop.call_later(LOOK_EVERY, self._look_after) if self._due else None

    def _drop(self, connection: Connection) -> None:
        self.remove(connection)
        connection.transport.abort()


class Connection(H11Protocol):
    """uvicorn's, on which a client may be waited for only as `Waiting` allows."""

    def __init__(self, waiting: Waiting, **of_uvicorn: Any) -> None:
        super().__init__(**of_uvicorn)
        self._waiting = waiting
        self._request_due: float | None = None
        """When the request that began to arrive must be there."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A client came."""
        super().connection_made(transport)
        if self._waiting.keeps_little:
            _keep_little(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """It left."""
        self._waiting.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """A part of a request: its time runs from the first one, however slowly the others follow."""
        patience, now = self._waiting.patience, self.loop.time()
        if self._request_due is None:
            self._request_due = now + patience.request
            self._waiting.add(self, patience.octets)
        super().data_received(data)
        if self._is_asking():
            self._waiting.remove(self)
        elif self._request_due is not None:
            self._waiting.put_off(self, min(self._request_due - now, patience.octets))

    def on_response_complete(self) -> None:
        """The answer is written: it must be taken, or another request must come."""
        super().on_response_complete()
        if not self._is_asking():
            self._wait()

    def pause_writing(self) -> None:
        """More of an answer waits to be taken than should."""
        super().pause_writing()
        self._waiting.add(self, self._waiting.patience.taking)

    def resume_writing(self) -> None:
        """It was taken."""
        super().resume_writing()
        if self._is_asking():
            self._waiting.remove(self)

    def _wait(self) -> None:
        self._request_due = None
        self._waiting.add(self, self._waiting.patience.next)

    def _is_asking(self) -> bool:
        """Whether a request is complete and its answer is not."""
        is_complete = self.conn.their_state in (h11.DONE, h11.MUST_CLOSE, h11.CLOSED)
        return is_complete and self.cycle is not None and not self.cycle.response_complete


def _keep_little(transport: asyncio.Transport) -> None:
    """Let the system take little of an answer, and this process no more than that, before it is on its way."""
    transport.set_write_buffer_limits(high=1, low=0)  # of TLS, asyncio takes 0 for always full
    connection = transport.get_extra_info("socket")
    with suppress(OSError):  # it has left already
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MOST_UNSENT)


def bounded(waiting: Waiting) -> Callable[..., Connection]:
    """What uvicorn makes for each connection."""
    return lambda **of_uvicorn: Connection(waiting, **of_uvicorn)
