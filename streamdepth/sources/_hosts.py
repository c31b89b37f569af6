"""What is wrong with a host, where FFmpeg only says that input or output failed."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import SplitResult, urlsplit

PATIENCE = 3.0
"""Seconds for a secure connection to be made."""
SECURE_PORTS = {"https": 443, "rtsps": 322}


def host_known(address: str) -> bool:
    """Whether the host of an address has a number; True where the address names none."""
    parts = _parts(address)
    try:
        return parts is None or parts.hostname is None or bool(socket.getaddrinfo(parts.hostname, None))
    except OSError:
        return False


def tls_fails(address: str) -> bool:
    """Whether a server is there and the secure connection that the scheme asks for cannot be made with it.

    Certificates are not judged: FFmpeg does not do so either, and those of cameras are mostly their own.
    """
    parts = _parts(address)
    if parts is None or parts.hostname is None or parts.scheme not in SECURE_PORTS:
        return False
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        place = (parts.hostname, parts.port or SECURE_PORTS[parts.scheme])
        with socket.create_connection(place, PATIENCE) as plain, context.wrap_socket(plain):
            return False
    except ssl.SSLError:
        return True
    except OSError:
        return False


def _parts(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    return parts
