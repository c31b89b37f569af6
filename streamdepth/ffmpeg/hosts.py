"""What is wrong with a host, where FFmpeg only says that input or output failed."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from streamdepth.addresses import Address, read_address
from streamdepth.login import hash_alone

if TYPE_CHECKING:
    from ssl import SSLContext

PATIENCE = 3.0
"""Seconds for a secure connection to be made, and for an answer about a login."""
SECURE_PORTS = {"https": 443, "rtsps": 322}
_LONGEST_LINE = 65536
_PORTS = {"http": 80, "rtsp": 554} | SECURE_PORTS


def host_known(address: str) -> bool:
    """Whether the host of an address has a number; True where the address names none."""
    parts = read_address(address)
    try:
        return parts is None or not parts.host or bool(socket.getaddrinfo(parts.host, None))
    except (OSError, UnicodeError):  # a label that is too long is a UnicodeError
        return False


def secure_context() -> SSLContext:
    """Of a connection to a camera: its certificate, which is mostly its own, is not judged, as FFmpeg does not."""
    import ssl

    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def tls_fails(address: str) -> bool:
    """Whether a server is there and the secure connection that the scheme asks for cannot be made with it."""
    parts = read_address(address)
    if parts is None or not parts.host or parts.scheme not in SECURE_PORTS:
        return False
    import ssl

    try:
        place = (parts.host, parts.port or SECURE_PORTS[parts.scheme])
        with socket.create_connection(place, PATIENCE) as plain, secure_context().wrap_socket(plain):
            return False
    except ssl.SSLError:
        return True
    except OSError:
        return False


def login_unknown_to_ffmpeg(address: str) -> str | None:
    """The hash that a server wants the login of an address with, where FFmpeg cannot give it so.

    The server is asked once, without the login: cameras count those that they refuse.
    """
    parts = read_address(address)
    if parts is None or parts.user is None or not parts.host or parts.scheme not in _PORTS:
        return None
    from http.client import HTTPException, parse_headers

    place = (parts.host, parts.port or _PORTS[parts.scheme])
    try:
        with socket.create_connection(place, PATIENCE) as plain, _secured(plain, parts) as connection:
            connection.sendall(_request(parts))
            with connection.makefile("rb") as answer:
                answer.readline(_LONGEST_LINE)
                return hash_alone(parse_headers(answer).get_all("WWW-Authenticate", []))
    except (OSError, HTTPException):
        return None


def _secured(plain: socket.socket, parts: Address) -> socket.socket:
    return secure_context().wrap_socket(plain) if parts.scheme in SECURE_PORTS else plain


def _request(parts: Address) -> bytes:
    path = parts.rest.partition("#")[0] or "/"
    if parts.scheme.startswith("rtsp"):
        head = f"DESCRIBE {parts.scheme}://{parts.place}{path} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp"
    else:
        head = f"GET {path} HTTP/1.1\r\nHost: {parts.place}\r\nConnection: close"
    return f"{head}\r\nUser-Agent: streamdepth\r\n\r\n".encode()
