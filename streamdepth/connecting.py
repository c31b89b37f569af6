"""Why a server cannot be reached, in words, whoever it was that tried."""

from __future__ import annotations

import errno
import socket
import ssl

from streamdepth.errors import Trouble

UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL}


def why_no_connection(error: OSError) -> tuple[str, str]:
    """What is wrong, in a few words without an address, and what to do about it, which may be nothing."""
    if isinstance(error, ssl.SSLError):
        return Trouble.TLS.value, "its certificate must be one that this machine trusts"
    if isinstance(error, socket.gaierror):
        return Trouble.UNKNOWN_HOST.value, "check its spelling and the network"
    if isinstance(error, ConnectionRefusedError):
        return Trouble.REFUSED.value, "check the host and the port, and that the server is on"
    if isinstance(error, TimeoutError):
        return Trouble.TIMEOUT.value, "check the host and the port, and that no firewall is between"
    if error.errno in UNREACHABLE:
        return Trouble.UNREACHABLE.value, "check the network and the address"
    return Trouble.BROKE_OFF.value, ""
