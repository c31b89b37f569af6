"""The TCP connections of clients: how many may keep the server waiting, and for how long."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_PATIENCE = 10.0
"""Seconds that a request may take to arrive, that the next may be waited for, or an answer be taken."""
MOST_WAITING = 128
"""Connections that the server may wait for at once; the one that kept it waiting longest makes room."""
LOOK_EVERY = 1.0
SEND_BUFFER = 64 * 1024
"""Octets that may be on their way to a client: what it has not taken grows old there. Linux doubles it for itself."""
MOST_UNSENT = 16 * 1024
"""Octets of these that are not even sent: more come only when the line has room."""


class Waiting:
    """Connections of which something must come, the longest waiting first; lives on the event loop.

    Clients that open connections and send nothing, or send it slowly, lock no other out: they are dropped first.
    """

    def __init__(self, most: int = MOST_WAITING, patience: float = REQUEST_PATIENCE) -> None:
        self._most = most
        self._patience = patience
        self._since: dict[Connection, float] = {}
        self._look: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._since)

    def add(self, connection: Connection) -> None:
        """Something must come of `connection`, from now on; also where it was waited for before."""
        loop = asyncio.get_running_loop()
        self.remove(connection)
        self._since[connection] = loop.time()
        if len(self._since) > self._most:
            self._drop_first()
        if self._look is None:
            self._look = loop.call_later(LOOK_EVERY, self._look_after)

    def remove(self, connection: Connection) -> None:
        """It came, or nothing will."""
        self._since.pop(connection, None)

    def _look_after(self) -> None:
        loop = asyncio.get_running_loop()
        while self._since and loop.time() - next(iter(self._since.values())) > self._patience:
            self._drop_first()
        self._look = loop.call_later(LOOK_EVERY, self._look_after) if self._since else None

    def _drop_first(self) -> None:
        first = next(iter(self._since))
        self.remove(first)
        first.transport.abort()


class Connection(H11Protocol):
    """uvicorn's, on which a client may be waited for only as `Waiting` allows."""

    def __init__(self, waiting: Waiting, **of_uvicorn: Any) -> None:
        super().__init__(**of_uvicorn)
        self._waiting = waiting
        self._has_sent = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A client came."""
        super().connection_made(transport)
        _keep_little(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """It left."""
        self._waiting.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """A part of a request: its time runs from the first one, however slowly the others follow."""
        if not self._has_sent:
            self._has_sent = True
            self._waiting.add(self)
        super().data_received(data)
        if self._is_asking():
            self._waiting.remove(self)

    def on_response_complete(self) -> None:
        """The answer is written: it must be taken, or another request must come."""
        super().on_response_complete()
        if not self._is_asking():
            self._wait()

    def pause_writing(self) -> None:
        """More of an answer waits to be taken than should."""
        super().pause_writing()
        self._waiting.add(self)

    def resume_writing(self) -> None:
        """It was taken."""
        super().resume_writing()
        if self._is_asking():
            self._waiting.remove(self)

    def _wait(self) -> None:
        self._has_sent = False
        self._waiting.add(self)

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
