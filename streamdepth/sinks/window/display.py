"""Whether a window could be opened, found out without a window toolkit: those abort the process where none could.

The X side speaks the first message of the X11 protocol (X Window System Protocol, chapter 8 "Connection Setup"),
because a server that listens may still refuse this user, and that aborts too.
"""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypeVar

TIMEOUT = 1.0
"""Seconds for one attempt to reach a display server."""
MOST_COOKIES = 8
SUCCESS = b"\x01"
NO_COOKIE = (b"", b"")
COOKIE_KIND = b"MIT-MAGIC-COOKIE-1"
SETUP_HEAD = 40
"""Bytes of the server's answer before its vendor's name."""
FORMAT_BYTES = 8
SIZE_IN_SCREEN = 20

Answer = TypeVar("Answer")


class XDisplay(NamedTuple):
    """A parsed `DISPLAY`: `host` is empty for this machine's socket."""

    host: str
    number: int


def parse_display(text: str) -> XDisplay | None:
    """`[protocol/][host]:number[.screen]` (X(7), "Display names"); None where it is nothing of the kind."""
    host, colon, numbers = text.rpartition(":")
    number = numbers.partition(".")[0]
    if not colon or not number.isdecimal():
        return None
    host = host.rpartition("/")[2].strip("[]")
    return XDisplay("" if host == "unix" else host, int(number))


def x_server_answers(environ: Mapping[str, str], *, timeout: float = TIMEOUT) -> bool:
    """Whether the X server of `DISPLAY` accepts this user, with one of the cookies of `XAUTHORITY`."""
    return _asked(environ, timeout, lambda _connection: True) is True


def x_screen(environ: Mapping[str, str], *, timeout: float = TIMEOUT) -> tuple[int, int] | None:
    """(width, height) in pixels of all monitors together of the X server of `DISPLAY`; None where that is unknown."""
    return _asked(environ, timeout, read_screen)


def wayland_answers(environ: Mapping[str, str], *, timeout: float = TIMEOUT) -> bool:
    """Whether a Wayland compositor listens at `WAYLAND_DISPLAY` (a name in `XDG_RUNTIME_DIR`, or a path)."""
    name = environ.get("WAYLAND_DISPLAY", "")
    if not name:
        return False
    path = Path(environ.get("XDG_RUNTIME_DIR", "")) / name
    try:
        _connect(str(path), timeout).close()
    except OSError:
        return False
    return True


def needs_no_check() -> bool:
    """Whether this system's window toolkits always have a screen, or fail with an error: Windows, macOS."""
    return sys.platform in {"win32", "darwin"}


def greet(connection: socket.socket, kind: bytes, secret: bytes) -> bool:
    """Send the X11 connection setup with an authorisation (both empty for none); whether the server agrees."""
    order = b"l" if sys.byteorder == "little" else b"B"
    header = struct.pack("=cxHHHHxx", order, 11, 0, len(kind), len(secret))
    connection.sendall(header + _padded(kind) + _padded(secret))
    return connection.recv(1) == SUCCESS


def read_screen(connection: socket.socket) -> tuple[int, int] | None:
    """(width, height) of the first screen in what follows `SUCCESS`; None where the server breaks off before it."""
    with suppress(struct.error, EOFError):
        head = SUCCESS + _received(connection, SETUP_HEAD - 1)
        (vendor,) = struct.unpack_from("=H", head, 24)
        at = vendor + -vendor % 4 + FORMAT_BYTES * head[29] + SIZE_IN_SCREEN
        width, height = struct.unpack_from("=HH", _received(connection, at + 4), at)
        return width, height
    return None


def read_cookies(data: bytes, number: int) -> Iterator[tuple[bytes, bytes]]:
    """(kind, secret) of the entries for display `number` in the content of an `.Xauthority` file.

    An entry is a 16-bit family, then address, display number, kind and secret, each behind its 16-bit length, all
    big-endian (Xau library, `AuWriteAuth`). Reading ends where the file is cut off.
    """
    with suppress(struct.error):
        while data:
            fields, data = _entry(data)
            if fields[2] == COOKIE_KIND and fields[1] in {b"", str(number).encode()}:
                yield fields[2], fields[3]


def _asked(
    environ: Mapping[str, str], timeout: float, ask: Callable[[socket.socket], Answer]
) -> Answer | None:
    """What `ask` reads from the server of `DISPLAY` once that has accepted this user; None where it does not."""
    display = parse_display(environ.get("DISPLAY", ""))
    if display is None:
        return None
    cookies = [NO_COOKIE, *_cookies(environ, display.number)]
    answers = (_answer(address, cookies, timeout, ask) for address in _addresses(display))
    return next((answer for answer in answers if answer is not None), None)


def _answer(
    address: str | tuple[str, int],
    cookies: Iterable[tuple[bytes, bytes]],
    timeout: float,
    ask: Callable[[socket.socket], Answer],
) -> Answer | None:
    """`_asked` of one address, with one of `cookies`; a server that is silent is not asked again."""
    try:
        for cookie in cookies:
            with _connect(address, timeout) as connection:
                if greet(connection, *cookie):
                    return ask(connection)
    except (OSError, UnicodeError, OverflowError):  # the latter two: no such host name, no such port
        return None
    return None


def _received(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def _entry(data: bytes) -> tuple[list[bytes], bytes]:
    fields, at = [], 2
    for _ in range(4):
        (length,) = struct.unpack_from(">H", data, at)
        fields.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    return fields, data[at:]


def _cookies(environ: Mapping[str, str], number: int) -> list[tuple[bytes, bytes]]:
    path = environ.get("XAUTHORITY") or str(Path(environ.get("HOME", "")) / ".Xauthority")
    try:
        data = Path(path).read_bytes()
    except OSError:
        return []
    return list(read_cookies(data, number))[:MOST_COOKIES]


def _addresses(display: XDisplay) -> list[str | tuple[str, int]]:
    if display.host:
        return [(display.host, 6000 + display.number)]
    path = f"/tmp/.X11-unix/X{display.number}"
    return [f"\0{path}", path]


def _connect(address: str | tuple[str, int], timeout: float) -> socket.socket:
    if isinstance(address, tuple):
        return socket.create_connection(address, timeout)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(timeout)
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
