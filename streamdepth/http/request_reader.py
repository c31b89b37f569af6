"""Requests out of the bytes of a connection: heads by a parser in C, bodies by the length that these give."""

from __future__ import annotations

import re
from dataclasses import replace

import httptools

from streamdepth.http.refusal import Refused
from streamdepth.values import dataclass

MOST_HEAD = 64 * 1024
"""Bytes of a head, and of what a chunked body has between two parts of its content."""
_END = b"\r\n\r\n"
_CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
_ABSOLUTE = re.compile(rb"https?://([^/?#]*)", re.IGNORECASE)
_LENGTH = re.compile(rb"[0-9]{1,18}")

Part = bytes | memoryview
"""Of a body: a view of what was received where it is not all of that, since uploads are copied often enough."""
Field = tuple[bytes, bytes]
"""A header: its name in small letters, and its value."""


@dataclass(frozen=True)
class Head:
    """What a request says before its body."""

    method: str
    target: bytes
    version: str
    """1.1 or 1.0."""
    fields: list[Field]

    def values(self, name: bytes) -> list[bytes]:
        """Of all headers of that name."""
        return [value for other, value in self.fields if other == name]

    @property
    def keeps_alive(self) -> bool:
        """Whether its client may send another one on the same connection."""
        said = b",".join(self.values(b"connection")).lower().split(b",")
        return self.version == "1.1" and b"close" not in map(bytes.strip, said)

    @property
    def expects_continue(self) -> bool:
        """Whether its client waits for a word before it sends the body."""
        return any(value.lower() == b"100-continue" for value in self.values(b"expect"))


class RequestReader:
    """Takes bytes, and gives the head and the body of one request after the other; knows no socket.

    The next head is read when the body before it is at its end, so that requests which come ahead of their turn are
    nothing but bytes that wait. `head` and `body` raise `Refused` for what is no request, or one of which it is not
    certain where it ends; after that nothing on the connection means anything.
    """

    def __init__(self) -> None:
        self._data = b""
        self._at = 0
        """How far that is read."""
        self._left = 0
        """Of a body whose length was given."""
        self._chunks: _Chunks | None = None
        self.is_last = False
        """Whether it is not known where the next request begins."""

    @property
    def waiting(self) -> int:
        """Bytes that are not read yet."""
        return len(self._data) - self._at

    @property
    def is_at_end(self) -> bool:
        """Whether all of the body was read."""
        return not self._left and self._chunks is None

    def feed(self, data: bytes) -> None:
        """These came."""
        self._keep(self._rest() + data if self.waiting else data)

    def head(self) -> Head | None:
        """The next head, when all of it is there."""
        data = self._keep(self._rest().lstrip(b"\r\n"))
        if data and not data[:1].isalpha():
            raise Refused(400, "this is not an HTTP request (is it meant for https? this port speaks http)")
        end = data.find(_END)
        size = len(data) if end < 0 else end + len(_END)
        if size > MOST_HEAD:
            raise Refused(431, f"the head of the request has more than {MOST_HEAD} bytes (send less in it)")
        if end < 0 and b"\n\n" not in data:
            return None
        head = _read_head(data[:size])
        self._at = size
        self._expect_body(head)
        return head

    def body(self) -> Part:
        """What came of the body since the last call; empty where that is nothing."""
        if self._chunks is not None:
            data = self._rest()
            self._keep(b"")
            return self._of_chunks(self._chunks, data)
        begin, end = self._at, min(len(self._data), self._at + self._left)
        part = self._data if end - begin == len(self._data) else memoryview(self._data)[begin:end]
        self._at = end
        self._left -= end - begin
        if not self.waiting:
            self._keep(b"")
        return part

    def _rest(self) -> bytes:
        """What is not read yet, without a copy where that is all."""
        return self._data[self._at :]

    def _keep(self, data: bytes) -> bytes:
        """Of what came, this is not read yet."""
        self._data, self._at = data, 0
        return data

    def _expect_body(self, head: Head) -> None:
        coded, lengths = head.values(b"transfer-encoding"), head.values(b"content-length")
        if coded and (lengths or head.version != "1.1"):
            raise Refused(400, "the body has both a length and chunks (send one of the two)")
        if coded and [value.lower() for value in coded] != [b"chunked"]:
            raise Refused(
                501, "the transfer coding of the body is not supported (send it as it is, or in chunks)"
            )
        if len(lengths) > 1 or (lengths and _LENGTH.fullmatch(lengths[0]) is None):
            raise Refused(400, "Content-Length is not a number")
        if head.method == "CONNECT":
            self.is_last = True  # what follows is no HTTP
        elif coded:
            self._chunks = _Chunks()
        elif lengths:
            self._left = int(lengths[0])

    def _of_chunks(self, chunks: _Chunks, data: bytes) -> bytes:
        content = chunks.content(data)
        if chunks.are_whole:
            self._chunks = None
            self.is_last = chunks.are_followed
        return content


class _Found:
    """What the parser finds of a request; it calls the methods that begin with `on_`."""

    def __init__(self) -> None:
        self.target = b""
        self.fields: list[Field] = []
        self.content: list[bytes] = []
        self.is_head_whole = False
        self.is_whole = False
        self.is_followed = False
        """Whether the next request came with the end of this one."""

    def on_message_begin(self) -> None:
        self.is_followed = self.is_whole

    def on_url(self, data: bytes) -> None:
        self.target += data

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.is_head_whole:  # what stands behind a body is no header
            self.fields.append((name.lower(), value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        self.is_head_whole = True

    def on_body(self, data: bytes) -> None:
        if not self.is_whole:
            self.content.append(data)

    def on_message_complete(self) -> None:
        self.is_whole = True


class _Chunks:
    """A body in chunks; where it ends, only the parser knows."""

    def __init__(self) -> None:
        self._found = _Found()
        self._parser = httptools.HttpRequestParser(self._found)
        # Of the real head, one that asks for another protocol would hide the body.
        _parse(self._parser, _CHUNKED)
        self._around = 0
        """Bytes since there was content."""
        self.are_followed = False

    @property
    def are_whole(self) -> bool:
        """Whether the last one came."""
        return self._found.is_whole

    def content(self, data: bytes) -> bytes:
        """What is in these; raises `Refused` with 400."""
        if not data:
            return b""
        found = self._found
        try:
            are_read = _parse(self._parser, data) == len(data)
        except Refused:
            if not found.is_whole:
                raise
            are_read = False  # what follows is no request
        self.are_followed = found.is_followed or not are_read
        content = b"".join(found.content)
        found.content.clear()
        self._around = 0 if content else self._around + len(data)
        if self._around > MOST_HEAD:
            raise Refused(400, "the chunks of the body have too many extensions or trailers (send fewer)")
        return content


def _parse(parser: httptools.HttpRequestParser, data: bytes) -> int:
    """Have `data` parsed, and say how many were; raises `Refused`."""
    try:
        parser.feed_data(data)
    except httptools.HttpParserUpgrade as upgrade:
        # To what is not spoken here: the request is answered as it is.
        return int(upgrade.args[0])
    except httptools.HttpParserInvalidMethodError as error:
        raise Refused(501, "there is no such method (send GET, POST, PUT, PATCH or DELETE)") from error
    except httptools.HttpParserError as error:
        raise _malformed() from error
    return len(data)


def _malformed() -> Refused:
    return Refused(400, "the request is malformed (it is read strictly as RFC 9112 has it)")


def _read_head(data: bytes) -> Head:
    """All of a head, parsed; raises `Refused` also where the parser lets more pass than is meant."""
    found = _Found()
    parser = httptools.HttpRequestParser(found)
    _parse(parser, data)
    version = parser.get_http_version()
    head = Head(parser.get_method().decode("ascii"), found.target, version, found.fields)
    if not found.is_head_whole or not head.target.isascii():
        raise _malformed()
    if version not in ("1.1", "1.0"):
        raise Refused(505, "this version of HTTP is not supported (send HTTP/1.1)")
    hosts = len(head.values(b"host"))
    if hosts > 1 or (not hosts and version == "1.1"):
        raise Refused(400, "a request has one header Host")
    return _of_origin(head)


def _of_origin(head: Head) -> Head:
    """As it is sent to a server, of one whose target is a whole address: the host in that is the one that is meant."""
    absolute = _ABSOLUTE.match(head.target)
    if absolute is None:
        return head
    target = head.target[absolute.end() :]
    target = target if target.startswith(b"/") else b"/" + target
    fields = [(b"host", absolute[1]), *(field for field in head.fields if field[0] != b"host")]
    return replace(head, target=target, fields=fields)
