"""An address that is asked over HTTP again and again, on a connection that is kept where the server keeps it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPResponse, HTTPSConnection
from io import BufferedReader, RawIOBase
from socket import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin

from streamdepth.addresses import Address, read_address
from streamdepth.connecting import why_no_connection
from streamdepth.counted import byte_size
from streamdepth.errors import SourceError, SourceTimeout, Trouble
from streamdepth.ffmpeg import errors
from streamdepth.ffmpeg.hosts import secure_context
from streamdepth.login import Login
from streamdepth.values import dataclass

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

MOST_BYTES = 64_000_000
"""Of one answer."""
MOST_TURNS = 6
"""Requests for one picture: redirections, and one more to show who asks."""
BELIEVED = 9
"""Times in a row that a server may say that there is nothing new: some know only when they themselves were made."""
_BLOCK = 65_536
_REDIRECTED = frozenset({301, 302, 303, 307, 308})
_ASKED_AGAIN = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
_AS_WRITTEN = "/%:?=&;,+~!$'()*@[]|"
"""Signs of an address that are sent as they were typed."""


class _InTime(RawIOBase):
    """What comes from a socket while there are seconds `left`: its own time-out begins anew with each byte."""

    def __init__(self, sock: socket, left: Callable[[], float]) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._left = left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int | None:
        self._sock.settimeout(self._left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    """One that is read in time, its head as well as its body."""

    def __init__(self, left: Callable[[], float], sock: socket, *args: Any, **more: Any) -> None:
        super().__init__(sock, *args, **more)
        self.fp = BufferedReader(_InTime(sock, left))


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    headers: HTTPMessage
    body: bytes


class PolledAddress:
    """What is at an http(s) address now, as often as `get` is called, by one thread; times in seconds of `clock`."""

    def __init__(self, url: str, clock: Callable[[], float]) -> None:
        home = read_address(url)
        assert home is not None, "FFmpeg has opened it"
        self._home = home
        self._clock = clock
        self._login = None if home.user is None else Login(home.user, home.password or "")
        self._known: tuple[str, Mapping[str, str]] = ("", {})
        """An address, and what to ask it with for what is newer than its last answer."""
        self._same = 0
        """How often in a row that was nothing."""
        self._at = home
        self._http = _connection(home)

    def get(self, patience: float) -> bytes | None:
        """What is there, None where the server says that it is what came last; within about `patience` seconds.

        Raises SourceError and its kin, with a cure and no password.
        """
        name = self._home.name
        try:
            answer = self._answer(self._clock() + patience)
        except SourceError:
            raise
        except TimeoutError as error:
            cure = "check the camera and the network"
            raise SourceTimeout(
                f"{name} did not answer within {patience:g} s", cure, Trouble.TIMEOUT
            ) from error
        except OSError as error:
            reason, cure = why_no_connection(error)
            raise SourceError(f"{name} cannot be reached: {reason}", cure, Trouble(reason)) from error
        except HTTPException as error:
            cure = "check the network and the camera"
            raise SourceError(f"{name} broke off", cure, Trouble.BROKE_OFF) from error
        except ValueError as error:  # it sends us to what is no host
            raise errors.answered(400, name, self._home.text) from error
        if answer.status == 304 and self._known[0]:
            self._same += 1
            return None
        if answer.status != 200:
            raise errors.answered(answer.status, name, self._home.text)
        said = {ask: answer.headers[one] for one, ask in _ASKED_AGAIN.items() if one in answer.headers}
        self._known, self._same = (self._at.text, said), 0
        return answer.body

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def _answer(self, ends: float) -> Answer:
        """After redirections, which may lead elsewhere each time, and after a login where one is asked for."""
        self._go_to(self._home)
        has_logged_in = False
        for _ in range(MOST_TURNS):
            answer = self._asked(ends)
            login, asked = self._login_here, answer.headers.get_all("WWW-Authenticate", [])
            if answer.status in _REDIRECTED and "Location" in answer.headers:
                self._go_to(self._elsewhere(answer.headers["Location"]))
            elif answer.status == 401 and login and not has_logged_in and login.learn(asked):
                has_logged_in = True  # a wrong password is not shown twice: cameras lock accounts
            else:
                break
        return answer

    def _elsewhere(self, location: str) -> Address:
        address = read_address(urljoin(self._at.text, location))
        if address is None or address.scheme not in ("http", "https"):
            raise errors.answered(400, self._home.name, self._home.text)
        return address

    def _go_to(self, address: Address) -> None:
        if (address.scheme, address.place) != (self._at.scheme, self._at.place):
            self._http.close()
            self._http = _connection(address)
        self._at = address

    @property
    def _login_here(self) -> Login | None:
        """Nobody else gets it, and nobody less encrypted, wherever a server sends us."""
        home, here = self._home, self._at
        is_safe = here.host == home.host and (here.scheme == "https" or home.scheme == "http")
        return self._login if is_safe else None

    def _asked(self, ends: float) -> Answer:
        """A connection that was kept may have been closed meanwhile, which is seen only now."""
        was_kept = self._http.sock is not None
        try:
            return self._exchanged(ends)
        except (ConnectionError, HTTPException):
            self._http.close()
            if not was_kept:
                raise
        return self._exchanged(ends)

    def _exchanged(self, ends: float) -> Answer:
        path = self._at.rest.partition("#")[0]
        path = quote(path if path.startswith("/") else f"/{path}", safe=_AS_WRITTEN)
        left = partial(self._left, ends)
        self._http.timeout = left()
        self._http.response_class = partial(_Response, left)  # type: ignore[assignment]
        if self._http.sock is not None:
            self._http.sock.settimeout(self._http.timeout)
        self._http.request("GET", path, headers=self._headers(path))
        with self._http.getresponse() as answer:
            return Answer(answer.status, answer.headers, self._body(answer))

    def _headers(self, path: str) -> dict[str, str | bytes]:
        headers: dict[str, str | bytes] = {"User-Agent": "streamdepth", "Accept": "image/*"}
        if self._known[0] == self._at.text and self._same < BELIEVED:
            headers |= self._known[1]
        login = self._login_here
        shown = None if login is None else login.header("GET", path)
        # As bytes: http.client would send the name of a user as Latin-1, or not at all.
        return headers if shown is None else {**headers, "Authorization": shown.encode()}

    def _body(self, answer: HTTPResponse) -> bytes:
        body = bytearray()
        while block := answer.read1(_BLOCK):
            body += block
            if len(body) > MOST_BYTES:
                what = f"{self._home.name} sends more than {byte_size(MOST_BYTES)} for one picture"
                raise SourceError(what, "check the address", Trouble.TOO_LARGE)
        if answer.length:
            raise ConnectionResetError(f"{answer.length} bytes are missing")
        return bytes(body)

    def _left(self, ends: float) -> float:
        left = ends - self._clock()
        if left <= 0:
            raise TimeoutError
        return left


def _connection(address: Address) -> HTTPConnection:
    if address.scheme == "https":
        return HTTPSConnection(address.host, address.port, context=secure_context())
    return HTTPConnection(address.host, address.port)
