"""What goes back and forth on an RTSP connection (RFC 2326): requests, replies, packets between them."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence

from streamdepth.publishing.sink import NotPublished
from streamdepth.values import dataclass

LONGEST_HEAD = 16 * 1024
LONGEST_BODY = 64 * 1024
_STATUS = re.compile(r"RTSP/1\.\d (\d{3})(?: (.*))?")


@dataclass(frozen=True)
class Reply:
    """A server's answer; `headers` are (name in small letters, value), since some come twice."""

    status: int
    phrase: str
    headers: tuple[tuple[str, str], ...]

    def header(self, name: str) -> str:
        """The first of that name, or nothing."""
        return next(iter(self.all_of(name)), "")

    def all_of(self, name: str) -> list[str]:
        """All of that name."""
        return [value for key, value in self.headers if key == name]


class Incoming:
    """Takes bytes as they come and gives the replies in them.

    Packets between replies, which are reports of the receiver, and requests of the server are passed over.
    """

    def __init__(self) -> None:
        self._waiting = b""

    def feed(self, data: bytes) -> Iterator[Reply]:
        """The replies that are now complete; raises `NotPublished` for what is no RTSP."""
        self._waiting += data
        while self._waiting:
            taken = self._packet() if self._waiting[:1] == b"$" else self._message()
            if taken is None:
                return
            if isinstance(taken, Reply):
                yield taken

    def _packet(self) -> bytes | None:
        """A packet of RTP or RTCP (RFC 2326, section 10.12)."""
        if len(self._waiting) < 4:
            return None
        return self._take(4 + struct.unpack("!H", self._waiting[2:4])[0])

    def _message(self) -> Reply | bytes | None:
        end = self._waiting.find(b"\r\n\r\n")
        if end < 0:
            if len(self._waiting) > LONGEST_HEAD:
                raise NotPublished("what answers there is not an RTSP server", "check the host and the port")
            return None
        first, *lines = self._waiting[:end].decode("latin-1").strip("\r\n").split("\r\n")
        headers = tuple(
            (name.strip().lower(), value.strip()) for name, _, value in (h.partition(":") for h in lines)
        )
        taken = self._take(end + 4 + _body_length(headers))
        status = _STATUS.fullmatch(first)
        if status is not None:
            return None if taken is None else Reply(int(status[1]), status[2] or "", headers)
        if not first.endswith(("RTSP/1.0", "RTSP/2.0")):
            raise NotPublished("what answers there is not an RTSP server", "check the host and the port")
        return taken

    def _take(self, count: int) -> bytes | None:
        if len(self._waiting) < count:
            return None
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken


def _body_length(headers: Sequence[tuple[str, str]]) -> int:
    length = dict(headers).get("content-length", "0")
    if not length.isascii() or not length.isdigit() or int(length) > LONGEST_BODY:
        raise NotPublished("the server's answer cannot be understood")
    return int(length)
