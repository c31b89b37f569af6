"""Why a server cannot be reached, in words, whoever it was that tried."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

from streamdepth.errors import Trouble

if TYPE_CHECKING:
    from ssl import SSLError

UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL}
"""What the system says where no way leads to a host; FFmpeg hands these on as they are."""

_CURES = {
    9: "its certificate is not valid yet: check the clocks of both machines",
    10: "its certificate has expired: renew it",
    **dict.fromkeys((18, 19, 20, 21), "its certificate must be one that this machine trusts"),
    **dict.fromkeys((62, 64), "its certificate is for another name: use that, or have this one in it"),
}
"""By OpenSSL's number (`X509_verify_cert_error_string(3)`)."""


def why_no_connection(error: OSError) -> tuple[str, str]:
    """What is wrong, in a few words without an address, and what to do about it, which may be nothing."""
    import ssl  # a run of files does without it

    if isinstance(error, ssl.SSLError):
        return Trouble.TLS.value, _about_certificate(error)
    if isinstance(error, socket.gaierror):
        return Trouble.UNKNOWN_HOST.value, "check its spelling and the network"
    if isinstance(error, ConnectionRefusedError):
        return Trouble.REFUSED.value, "check the host and the port, and that the server is on"
    if isinstance(error, TimeoutError):
        return Trouble.TIMEOUT.value, "check the host and the port, and that no firewall is between"
    if error.errno in UNREACHABLE:
        return Trouble.UNREACHABLE.value, "check the network and the address"
    return Trouble.BROKE_OFF.value, ""


def why_no_answer(error: object) -> tuple[str, str]:
    """The same of a request over HTTP; what is no `OSError` and no part of an answer is said by something else."""
    from http.client import IncompleteRead

    if isinstance(error, TimeoutError):
        return "nothing came in time", "look into its log, and check the host and the port"
    if isinstance(error, IncompleteRead):
        return Trouble.BROKE_OFF.value, "check that it is running"
    if not isinstance(error, OSError):
        return "what comes is not HTTP", "check the host and the port"
    why, cure = why_no_connection(error)
    return why, cure or "check that it is running"


def _about_certificate(error: SSLError) -> str:
    """Python 3.13 refuses certificates that earlier ones took, such as one that does not say which key signed it."""
    import ssl

    if not isinstance(error, ssl.SSLCertVerificationError):
        return "check that it speaks TLS at this port"
    words = f"its certificate is refused ({error.verify_message}): make it anew, as a current openssl does"
    return _CURES.get(error.verify_code, words)
