"""Clients of a depth service, for serve.py: connections that are kept, and pictures that are asked for over them."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

_NUMBERS = count()
_LENGTH = re.compile(rb"(?i)content-length: (\d+)")
_CLOSES = re.compile(rb"(?im)^connection: *close\r$")

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True)
class Door:
    """Where the clients ask."""

    port: int
    trust: ssl.SSLContext | None = None

    async def open(self) -> Streams:
        """A new connection."""
        name = None if self.trust is None else "localhost"
        return await asyncio.open_connection("127.0.0.1", self.port, ssl=self.trust, server_hostname=name)


@dataclass
class Seen:
    """What the clients saw."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    """Of answers with 200."""
    refused: list[float] = field(default_factory=list)
    """From the first byte of the request to the head of a 429."""
    late: int = 0
    """Open loop: pictures for which no connection was free."""
    opened_again: int = 0
    """Connections in place of those that the server closed, as nginx does after a thousand requests."""


class Kept:
    """A connection that is kept as long as the server keeps it, and then opened again."""

    def __init__(self, door: Door, seen: Seen) -> None:
        self._door = door
        self._seen = seen
        self._streams: Streams | None = None
        self._is_first = True

    async def open(self) -> Streams:
        """The connection, a new one where there is none."""
        if self._streams is None:
            self._streams = await self._door.open()
            self._seen.opened_again += not self._is_first
            self._is_first = False
        return self._streams

    async def close(self) -> None:
        """Hang up, and wait until that is done."""
        if self._streams is not None:
            writer, self._streams = self._streams[1], None
            writer.close()
            with suppress(OSError):  # the server was faster
                await writer.wait_closed()

    async def ask(self, jpeg: bytes) -> None:
        """One picture and its answer; a comment makes it unlike all others, so that no work is shared.

        Where a kept connection ends before a word of an answer, the picture is sent once more over a new one.
        """
        jpeg = jpeg[:2] + b"\xff\xfe\x00\x0a%08d" % next(_NUMBERS) + jpeg[2:]
        request = (
            b"POST /v1/depth HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\n"
            b"Content-Length: %d\r\n\r\n" % len(jpeg) + jpeg
        )
        is_kept = self._streams is not None
        began = time.perf_counter()
        try:
            head = await self._head(request)
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError) as error:
            if not is_kept or (isinstance(error, asyncio.IncompleteReadError) and error.partial):
                raise
            await self.close()
            head = await self._head(request)
        answered = time.perf_counter() - began
        length = _LENGTH.search(head)
        assert length is not None
        reader, _ = await self.open()
        await reader.readexactly(int(length[1]))
        self._note(int(head[9:12]), answered, time.perf_counter() - began)
        if _CLOSES.search(head):
            await self.close()

    async def _head(self, request: bytes) -> bytes:
        reader, writer = await self.open()
        writer.write(request)
        return await reader.readuntil(b"\r\n\r\n")

    def _note(self, status: int, answered: float, seconds: float) -> None:
        self._seen.statuses[status] += 1
        if status == 200:
            self._seen.seconds.append(seconds)
        elif status == 429:
            self._seen.refused.append(answered)


async def closed_loop(door: Door, data: Sequence[bytes], connections: int, seconds: float) -> Seen:
    """Each connection asks again as soon as it has its answer."""
    seen = Seen()
    until = time.perf_counter() + seconds

    async def client(number: int) -> None:
        connection = Kept(door, seen)
        place = number * 7
        while time.perf_counter() < until:
            await connection.ask(data[place % len(data)])
            place += connections
        await connection.close()

    await asyncio.gather(*[client(number) for number in range(connections)])
    return seen


async def open_loop(door: Door, data: Sequence[bytes], connections: int, seconds: float, rate: float) -> Seen:
    """A picture every 1 / rate seconds, on whichever connection is free."""
    seen = Seen()
    kept = [Kept(door, seen) for _ in range(connections)]
    free: asyncio.Queue[Kept] = asyncio.Queue()
    for connection in kept:
        await connection.open()
        free.put_nowait(connection)

    async def one(connection: Kept, place: int) -> None:
        await connection.ask(data[place % len(data)])
        free.put_nowait(connection)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as asking:
        for place in range(int(seconds * rate)):
            await asyncio.sleep(max(0.0, began + place / rate - time.perf_counter()))
            if free.empty():
                seen.late += 1
            else:
                asking.create_task(one(free.get_nowait(), place))
    for connection in kept:
        await connection.close()
    return seen
