"""One file over HTTP, resumed where an earlier attempt ended; nothing waits without a bound."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import BinaryIO
from urllib.error import HTTPError

from streamdepth.errors import WeightsError

CONNECT_SECONDS = 3.0
"""For each connection, TLS included; looking up the name is bounded by the system's resolver."""
STALL_SECONDS = 15.0
"""A download that brings less than `STALL_BYTES` in this time is given up."""
STALL_BYTES = 64 * 1024
_BLOCK_BYTES = 256 * 1024

Progress = Callable[[int, int | None], None]
"""Called with the bytes there are and the bytes there will be (None where the server does not say)."""


class DownloadFailed(Exception):
    """The network or the server did not deliver; the message says how. Caught in `weights`."""

    def __init__(self, reason: str, *, answered: bool) -> None:
        super().__init__(reason)
        self.answered = answered
        """Whether there was a server that said no, rather than none to be reached."""


def download(url: str, part: Path, progress: Progress, clock: Callable[[], float] = time.monotonic) -> None:
    """Fetch `url` into `part`, beginning where `part` ends.

    A connection that breaks is taken up again as long as every attempt brings the file further. Raises
    `DownloadFailed`, leaving what has come for the next time, and `WeightsError` where `part` cannot be written.
    """
    pace = _Pace(clock)
    farthest = _size(part)
    while True:
        try:
            return _attempt(url, part, progress, pace)
        except (OSError, HTTPException) as error:
            reached = _size(part)
            refused = isinstance(error, HTTPError)
            if refused or pace.stalled() or reached <= farthest:
                raise DownloadFailed(_reason(error), answered=refused) from error
            farthest = reached


class _Pace:
    """Notices when too little comes in too much time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since = clock()
        self._count = 0

    def took(self, count: int) -> None:
        """Count bytes; raises `TimeoutError` where they come too slowly."""
        self._count += count
        if self._count >= STALL_BYTES:
            self._since, self._count = self._clock(), 0
        elif self.stalled():
            raise TimeoutError("too slow")

    def stalled(self) -> bool:
        return self._clock() - self._since > STALL_SECONDS


def _attempt(url: str, part: Path, progress: Progress, pace: _Pace) -> None:
    """Append what one connection gives; raises `OSError` or `HTTPException` where that is not the rest."""
    start = _size(part)
    request = urllib.request.Request(url, headers={"Range": f"bytes={start}-"} if start else {})
    try:
        response = _opener().open(request, timeout=CONNECT_SECONDS)
    except HTTPError as error:
        error.close()
        if error.code == 416 and start:
            return  # nothing is left to fetch: the hash decides
        raise
    with response:
        resumed = response.status == 206 and _first_byte(response) == start
        start = start if resumed else 0
        left = _content_length(response)
        total = None if left is None else start + left
        with _writable(part, append=resumed) as file:
            _copy(response, file, lambda count: progress(count, total), pace)
    if total is not None and _size(part) < total:
        raise ConnectionResetError(f"the connection ended after {_size(part)} of {total} bytes")


def _copy(response: HTTPResponse, file: BinaryIO, progress: Callable[[int], None], pace: _Pace) -> None:
    while block := response.read1(_BLOCK_BYTES):
        pace.took(len(block))
        try:
            file.write(block)
        except OSError as error:
            raise _unwritable(Path(file.name), error) from error
        progress(file.tell())


def _writable(part: Path, *, append: bool) -> BinaryIO:
    try:
        return part.open("ab" if append else "wb")
    except OSError as error:
        raise _unwritable(part, error) from error


def _unwritable(part: Path, error: OSError) -> WeightsError:
    return WeightsError(
        f"{part} cannot be written: {error.strerror or error}",
        "free some space or choose another cache folder",
    )


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _content_length(response: HTTPResponse) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isdecimal() else None


def _first_byte(response: HTTPResponse) -> int | None:
    """Of `Content-Range: bytes 100-199/200`, the 100."""
    text = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    return int(text) if text.isdecimal() else None


def _reason(error: Exception) -> str:
    inner = getattr(error, "reason", error)  # URLError wraps what happened
    if isinstance(error, HTTPError):
        return f"the server answered {error.code} {inner}"
    return getattr(inner, "strerror", None) or str(inner) or type(inner).__name__


# urllib knows one time-out for everything; a connection needs a short one and a read a longer one.
class _Http(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(STALL_SECONDS)


class _Https(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(STALL_SECONDS)


class _HttpHandler(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_Http, req)


class _HttpsHandler(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_Https, req)


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_HttpHandler, _HttpsHandler)
