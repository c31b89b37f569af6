"""One request and its answer: what an ASGI application receives and sends, and the bytes that this makes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from typing import Any, Protocol

from streamdepth.http.refusal import Refused
from streamdepth.http.request_reader import Field, Head, Part

logger = logging.getLogger(__name__)

AT_ONCE = 256 * 1024
"""Bytes of a body that are handed over together: an application is not woken for less of what still comes."""
SOON = 0.02
"""Seconds after which it is: what came may be too much for it already."""
JOINED = 256 * 1024
"""Bytes of a body that are copied to be sent with the head: less work than sending twice, and waking a client twice."""
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LEFT = "streamdepth.left"
"""Key of a scope for a future that is done when the client disconnects, for code that waits for other things, too."""
BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


class HungUp(Exception):
    """Raised by an application that leaves its answer unfinished, and has said why where anybody wants to know."""


class Wire(Protocol):
    """What an exchange needs of its connection."""

    def write(self, data: bytes) -> None:
        """Send these, now or later."""

    async def taken(self) -> None:
        """Return when the client has taken enough of what was written."""

    def go_on(self) -> None:
        """More of the body is wanted."""

    def end(self, exchange: Exchange) -> None:
        """All of the answer was written."""

    def abort(self) -> None:
        """The answer cannot be completed."""


class Exchange:
    """From the head of a request to the end of its answer; made and used on the event loop."""

    def __init__(self, head: Head, wire: Wire, usual: Iterable[Field]) -> None:
        """`usual` are headers of every answer."""
        self._request = head
        self._wire = wire
        self._usual = usual
        self._pieces: list[Part] = []
        self._news = asyncio.Event()
        self._soon: asyncio.TimerHandle | None = None
        self._is_due = False
        """Whether what came has waited for more long enough."""
        self._is_whole = False
        self._was_read = False
        self._expects_continue = head.expects_continue
        self._answer: _Answer | None = None
        self._head = b""
        """Of the answer, as long as it waits for the first bytes of the body."""
        self.keeps_alive = head.keeps_alive
        """Whether the connection may be used once more."""
        self.held = 0
        """Bytes of the body that were not received yet."""
        self.is_waited_for = False
        """Whether the application waits for more of the body."""
        self.is_answered = False
        self.is_gone = False
        """Whether there is nobody to answer."""
        self.left: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when that is so."""

    @property
    def has_begun(self) -> bool:
        """Whether the answer has."""
        return self._answer is not None

    def add(self, data: Part, *, is_whole: bool) -> None:
        """A part of the body came, which with it is whole or not."""
        self._is_whole = is_whole
        if data and not self.is_answered:
            self._expects_continue = False
            self._pieces.append(data)
            self.held += len(data)
        if is_whole or self.held >= AT_ONCE:
            self._wake()
        elif self.held and self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(SOON, self._hand_over)

    def _wake(self) -> None:
        if self._soon is not None:  # which would wake the loop for nothing
            self._soon.cancel()
            self._soon = None
        self._news.set()

    def _hand_over(self) -> None:
        self._is_due = self.held > 0
        self._wake()

    def leave(self) -> None:
        """The client has left."""
        self.is_gone = True
        self._wake()
        if not self.left.done():
            self.left.set_result(None)

    async def run(self, application: Application, scope: dict[str, Any]) -> None:
        """Have it answered; however that ends, the client is not left waiting."""
        try:
            await application(scope, self.receive, self.send)
            if not self.is_answered and not self.is_gone:
                raise RuntimeError("the answer to a request has no end")
        except HungUp:
            assert self.has_begun, "only an answer that has begun can be left"
        except Exception:
            logger.exception("the answer to a request failed")
            if not self.has_begun:
                await self._fail()
        finally:
            if not self.is_answered and not self.is_gone:
                self._wire.abort()

    async def _fail(self) -> None:
        said = b"the service failed (its log says why)"
        head = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(said))]
        await self.send({"type": "http.response.start", "status": 500, "headers": head})
        await self.send({"type": "http.response.body", "body": said})

    async def receive(self) -> dict[str, Any]:
        """As ASGI has it: a part of the body, the last one with `more_body` false, and then that the client left."""
        if self._expects_continue and not self.has_begun and not self.is_gone:
            self._expects_continue = False
            self._wire.write(CONTINUE)
        while not self._has_news():
            self.is_waited_for = True
            self._wire.go_on()
            self._news.clear()
            try:
                await self._news.wait()
            finally:
                self.is_waited_for = False
        if self.is_gone or self.is_answered:
            return {"type": "http.disconnect"}
        body = b"".join(self._pieces)  # no copy of a single one that is no view
        self._pieces.clear()
        self.held, self._is_due = 0, False
        self._was_read = self._is_whole
        if self._was_read:  # whether the client leaves is seen only where there is more to read
            self._wire.go_on()
        return {"type": "http.request", "body": body, "more_body": not self._is_whole}

    def _has_news(self) -> bool:
        if self.is_gone or self.is_answered:
            return True
        return not self._was_read and (self._is_whole or self._is_due or self.held >= AT_ONCE)

    async def send(self, message: dict[str, Any]) -> None:
        """As ASGI has it: the head of the answer, and then its body; raises `RuntimeError` for anything else."""
        await self._wire.taken()
        if self.is_gone:
            return
        if message["type"] == "http.response.start" and self._answer is None:
            self._begin(message["status"], message.get("headers", ()))
        elif message["type"] == "http.response.body" and self._answer is not None and not self.is_answered:
            self._go_on(self._answer, message.get("body", b""), is_last=not message.get("more_body", False))
        else:
            raise RuntimeError(f"{message['type']} comes at the wrong time")

    def _begin(self, status: int, fields: Iterable[Field]) -> None:
        # Who waits for a word before it sends the body may now send it or not: what follows could be either.
        self.keeps_alive = self.keeps_alive and not self._expects_continue
        answer = _Answer(self._request, status, [*self._usual, *fields])
        self.keeps_alive = self.keeps_alive and answer.keeps_alive
        head = answer.head(keeps_alive=self.keeps_alive)
        self._answer = answer
        if answer.left is None:  # a streaming answer may need its head sent before the first bytes
            self._wire.write(head)
        else:
            self._head = head

    def _go_on(self, answer: _Answer, data: bytes, *, is_last: bool) -> None:
        data = answer.framed(data, is_last=is_last)
        if self._head and len(data) > JOINED:
            self._wire.write(self._head)
        else:
            data = self._head + data
        self._head = b""
        if data:
            self._wire.write(data)
        if is_last:
            self.is_answered = True
            self._pieces.clear()
            self.held = 0
            self._news.set()
            self._wire.end(self)


class _Answer:
    """How the bytes of one answer are framed."""

    def __init__(self, request: Head, status: int, fields: list[Field]) -> None:
        self._status = status
        self._fields = fields
        lengths = [int(value) for name, value in fields if name.lower() == b"content-length"]
        has_body = request.method != "HEAD" and status not in BODILESS
        self._is_bodiless = not has_body
        self.left = lengths[0] if lengths else None
        """Bytes of the body that are to come, if their number was given."""
        self._is_chunked = has_body and self.left is None and request.version == "1.1"
        self._says_close = (b"connection", b"close") in fields
        has_end = self._is_chunked or not has_body or self.left is not None
        self.keeps_alive = has_end and not self._says_close

    def head(self, *, keeps_alive: bool) -> bytes:
        """Its bytes; raises `RuntimeError` where a header would be more than one."""
        lines = [_status_line(self._status)]
        lines += [name + b": " + value for name, value in self._fields]
        if self._is_chunked:
            lines.append(b"transfer-encoding: chunked")
        if not keeps_alive and not self._says_close:
            lines.append(b"connection: close")
        head = b"\r\n".join(lines)
        if head.count(b"\n") != len(lines) - 1 or head.count(b"\r") != len(lines) - 1 or b"\0" in head:
            raise RuntimeError("a header of the answer has a line break in it")
        return head + b"\r\n\r\n"

    def framed(self, data: bytes, *, is_last: bool) -> bytes:
        """A part of the body as it is sent; raises `RuntimeError` if it is not as long as was stated."""
        if self._is_bodiless:
            return b""
        if self._is_chunked:
            chunk = b"%x\r\n%b\r\n" % (len(data), data) if data else b""
            return chunk + b"0\r\n\r\n" if is_last else chunk
        if self.left is not None:
            self.left -= len(data)
            if self.left < 0 or (is_last and self.left):
                raise RuntimeError("the body of the answer is not as long as its head says")
        return data


def _status_line(status: int) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}".encode("ascii")


def answer_to(refused: Refused) -> bytes:
    """All bytes of an answer to what was no request, after which the connection ends."""
    said = refused.sentence.encode()
    lines = [_status_line(refused.status), b"content-type: text/plain; charset=utf-8"]
    lines += [f"{name}: {value}".encode() for name, value in refused.headers.items()]
    lines += [b"content-length: %d" % len(said), b"connection: close", b"", said]
    return b"\r\n".join(lines)
