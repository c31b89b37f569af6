"""The TCP connections of clients: how many may keep the server waiting, and for how long."""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

import uvicorn
from uvicorn.server import ServerState

from streamdepth.http.exchange import LEFT, Exchange, answer_to
from streamdepth.http.refusal import Refused
from streamdepth.http.request_reader import Head, RequestReader
from streamdepth.values import dataclass

MOST_WAITING = 128
"""Connections that the server may wait for at once; the one that kept it waiting longest makes room."""
LOOK_EVERY = 1.0
SEND_BUFFER = 64 * 1024
"""Bytes that may be on their way to a client: what it has not taken grows old there. Linux doubles it for itself."""
MOST_UNSENT = 16 * 1024
"""Bytes of these that are not even sent: more come only when the line has room."""
MOST_HELD = 256 * 1024
"""Bytes of a connection that nobody asked for yet, before no more are read."""


@dataclass(frozen=True)
class Patience:
    """Seconds that a client may keep the server waiting."""

    request: float = 10.0
    """For the whole of a request, from its first byte on."""
    pause: float = 10.0
    """For the next bytes of a request."""
    next: float = 10.0
    """For the first byte, of the first request and of the next."""
    taking: float = 10.0
    """For an answer to be taken."""
    slowest: float = math.inf
    """Bytes a second: a request that comes as fast may take longer than `request`."""


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


class Connection(asyncio.Protocol):
    """One client's, as uvicorn makes it: its requests one after the other, each waited for only as `Waiting` allows."""

    def __init__(
        self,
        waiting: Waiting,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.transport: asyncio.Transport
        self._loop = _loop or asyncio.get_running_loop()
        self._waiting = waiting
        self._config = config
        self._server = server_state
        self._state = app_state
        self._about: dict[str, Any] = {}
        """Of all its requests, as ASGI has it."""
        self._next = waiting.patience.next
        """Seconds for the next request to begin."""
        self._reader = RequestReader()
        self._exchange: Exchange | None = None
        self._room = asyncio.Event()
        """Set while the client takes what is written."""
        self._room.set()
        self._request_due: float | None = None
        """When the request that began to arrive must be there."""
        self._begun, self._come = 0.0, 0
        """When it began, and the bytes that came of it."""
        self._is_hung_up = False
        """Whether what still comes is dropped."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client came."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._server.connections.add(self)  # type: ignore[arg-type]  # uvicorn calls `shutdown` of it, and no more
        self._about = {
            "type": "http",
            "asgi": {"version": self._config.asgi_version, "spec_version": "2.3"},
            "server": _host_and_port(transport.get_extra_info("sockname")),
            "client": _host_and_port(transport.get_extra_info("peername")),
            "scheme": "http" if transport.get_extra_info("sslcontext") is None else "https",
            "root_path": self._config.root_path,
        }
        if self._waiting.keeps_little:
            _keep_little(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """It left."""
        self._server.connections.discard(self)
        self._waiting.remove(self)
        self._room.set()
        if self._exchange is not None:
            self._exchange.leave()

    def data_received(self, data: bytes) -> None:
        """A part of a request: its time runs from the first one, however slowly the others follow."""
        patience, now = self._waiting.patience, self._loop.time()
        if self._request_due is None:
            self._begun, self._come = now, 0
            self._request_due = now + patience.request
            self._waiting.add(self, patience.pause)
        self._come += len(data)
        self._request_due = max(self._request_due, self._begun + self._come / patience.slowest)
        if not self._is_hung_up:
            self._reader.feed(data)
            self._advance()
        if self._request_due is not None and self._room.is_set():
            self._waiting.put_off(self, min(self._request_due - now, patience.pause))
        self._stop_waiting_where_asked()
        if not self._is_hung_up and self._holds_much():
            self.transport.pause_reading()

    def _holds_much(self) -> bool:
        exchange = self._exchange
        held = 0 if exchange is None or exchange.is_waited_for else exchange.held
        return held + self._reader.waiting > MOST_HELD

    def _advance(self) -> None:
        """Read as far as there is something to read, and the answer before it is written."""
        try:
            while self._is_further():
                pass
        except Refused as refused:
            self._refuse(refused)

    def _is_further(self) -> bool:
        """Read on in this request, or in the next one; whether there may be more to read."""
        exchange = self._exchange
        if exchange is None:
            head = self._reader.head()
            if head is None:
                return False
            exchange = self._exchange = self._begin(head)
        data = self._reader.body()
        exchange.add(data, is_whole=self._reader.is_at_end)
        if not self._reader.is_at_end:
            return False
        exchange.keeps_alive = exchange.keeps_alive and not self._reader.is_last
        if not exchange.is_answered:
            return False
        if not exchange.keeps_alive:
            self._hang_up()
            return False
        self._exchange = None
        self._wait()
        return True

    def _begin(self, head: Head) -> Exchange:
        server, most = self._server, self._config.limit_concurrency
        if most is not None and max(len(server.connections), len(server.tasks)) >= most:
            raise Refused(503, "there are too many connections (ask again in a moment)", Retry_After="1")
        exchange = Exchange(head, self, server.default_headers)
        path, _, query = head.target.partition(b"?")
        scope = {
            **self._about,
            "http_version": head.version,
            "method": head.method,
            "path": self._config.root_path + unquote(path.decode("ascii")),
            "raw_path": self._config.root_path.encode("ascii") + path,
            "query_string": query,
            "headers": head.fields,
            "state": self._state.copy(),
            LEFT: exchange.left,
        }
        task = self._loop.create_task(exchange.run(self._config.loaded_app, scope))
        server.tasks.add(task)
        task.add_done_callback(server.tasks.discard)
        return exchange

    def _refuse(self, refused: Refused) -> None:
        """Say why what came is no request, where an answer to another one is not on its way, and hang up."""
        if self._exchange is not None and self._exchange.has_begun:
            self.transport.abort()
            return
        if self._exchange is not None:
            self._exchange.leave()
        self.transport.write(answer_to(refused))
        self._hang_up()

    def _hang_up(self) -> None:
        """Nothing more is answered. A request that still comes is taken and dropped, for as long as one may take.

        A connection that is closed with bytes unread is reset, and with that its client loses the answer.
        """
        is_read = self._reader.is_at_end and not self._reader.waiting
        if is_read or not self.transport.can_write_eof():
            self.transport.close()
            return
        self._is_hung_up = True
        self._waiting.add(self, self._waiting.patience.pause)
        with suppress(OSError):  # it has left already
            self.transport.write_eof()
        self.transport.resume_reading()

    def write(self, data: bytes) -> None:
        """See `Wire`."""
        self.transport.write(data)

    async def taken(self) -> None:
        """See `Wire`."""
        await self._room.wait()

    def go_on(self) -> None:
        """See `Wire`."""
        if not self._holds_much():  # else what waits are requests ahead of their turn
            self.transport.resume_reading()

    def abort(self) -> None:
        """See `Wire`."""
        self.transport.abort()

    def end(self, exchange: Exchange) -> None:
        """The answer is written: it must be taken, or another request must come."""
        self._server.total_requests += 1
        self._next = min(self._waiting.patience.next, self._config.timeout_keep_alive)
        if self.transport.is_closing():
            return
        self._wait()
        if not exchange.keeps_alive:
            self._hang_up()
            return
        self._advance()
        self._stop_waiting_where_asked()
        if not self._holds_much():
            self.transport.resume_reading()

    def shutdown(self) -> None:
        """As uvicorn ends: what is asked is answered, and nothing more."""
        if self._is_hung_up or self._exchange is None or self._exchange.is_answered:
            self.transport.close()
        else:
            self._exchange.keeps_alive = False

    def pause_writing(self) -> None:
        """More of an answer waits to be taken than should."""
        self._room.clear()
        self._waiting.add(self, self._waiting.patience.taking)

    def resume_writing(self) -> None:
        """It was taken."""
        self._room.set()
        if self._request_due is None:
            self._wait()
        self._stop_waiting_where_asked()

    def _wait(self) -> None:
        """For the next request, or for the rest of an answer to be taken where that is so already."""
        self._request_due = None
        if self._room.is_set():
            is_taken = not self.transport.get_write_buffer_size()
            self._waiting.add(
                self, self._next if is_taken else max(self._waiting.patience.taking, self._next)
            )

    def _stop_waiting_where_asked(self) -> None:
        """A request is complete and its answer is not: where the client takes what is written, it is not its turn."""
        is_asking = self._exchange is not None and self._reader.is_at_end and not self._exchange.is_answered
        if is_asking and self._room.is_set():
            self._waiting.remove(self)


def _host_and_port(address: Any) -> tuple[str, int] | None:
    """As ASGI has it; None for a socket that has none."""
    return (str(address[0]), int(address[1])) if isinstance(address, tuple) else None


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
