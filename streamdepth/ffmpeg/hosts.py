"""What is wrong with a host, where FFmpeg only says that input or output failed."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from streamdepth.addresses import read_address

if TYPE_CHECKING:
    from ssl import SSLContext

PATIENCE = 3.0
"""Seconds for a secure connection to be made."""
SECURE_PORTS = {"https": 443, "rtsps": 322}


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
