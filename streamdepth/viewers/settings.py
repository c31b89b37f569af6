"""What the web service is started with, and what must be right about it before it listens."""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from streamdepth.errors import SinkError, UsageError
from streamdepth.webrtc.ice_server import IceServer

MOST_VIEWERS = 32
"""Beyond this the network side alone takes a core of this program: a media server does it better."""


@dataclass(frozen=True)
class WebSettings:
    """Where the service listens, and which clients it accepts.

    Raises `UsageError` where others could watch without a token, or where a value is out of range.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    """0 takes any that is free."""
    token: str | None = None
    max_viewers: int = 16
    ice_servers: tuple[IceServer, ...] = ()
    certificate: Path | None = None
    key: Path | None = None

    def __post_init__(self) -> None:
        if self.token is not None and not re.fullmatch(r"[\x21-\x7e]{8,256}", self.token):
            raise UsageError(
                "the token is too short or has odd characters", "give 8 or more letters and digits"
            )
        if self.token is None and not is_loopback(self.host):
            raise UsageError(
                f"on {self.host} anybody in the network could watch",
                "add --token SECRET, or leave --host out",
            )
        if not 1 <= self.max_viewers <= MOST_VIEWERS:
            raise UsageError(
                f"{self.max_viewers} viewers are out of range",
                f"give 1 to {MOST_VIEWERS}; for more, put a media server in front",
            )
        if not 0 <= self.port <= 65535:
            raise UsageError(f"there is no port {self.port}", "give one from 1024 to 65535")
        if (self.certificate is None) != (self.key is None):
            raise UsageError("--cert and --key belong together", "give both or neither")

    @property
    def scheme(self) -> str:
        """`https` with a certificate, else `http`."""
        return "https" if self.certificate is not None else "http"

    @property
    def exposes_token(self) -> bool:
        """Whether the token leaves this machine unencrypted."""
        return self.token is not None and self.scheme == "http" and not is_loopback(self.host)

    def check_certificate(self) -> None:
        """Raise `SinkError` where the certificate and its key cannot be used."""
        if self.certificate is None or self.key is None:
            return
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.certificate, self.key, password="")
        except OSError as error:  # ssl.SSLError is one
            reason = error.strerror or "not a certificate with its key"
            raise SinkError(
                f"cannot use {self.certificate} with {self.key}: {reason}",
                "give PEM files of a certificate and of its key without a password",
            ) from error


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def listen(settings: WebSettings) -> socket.socket:
    """A socket that is bound where the service shall listen; raises `SinkError` where it cannot be."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family)
    except OSError as error:
        raise SinkError(
            f"cannot listen on {settings.host}: {error.strerror}", "name another --host"
        ) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise SinkError(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror}",
            "stop what uses the port, or name another with --port",
        ) from error
    return listener


def address(settings: WebSettings, listener: socket.socket) -> str:
    """What a person opens in a browser; the token is in the part that no browser sends."""
    host, port = listener.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        host = _own_address(listener.family)
    shown = f"[{host}]" if ":" in host else host
    fragment = f"#token={settings.token}" if settings.token else ""
    return f"{settings.scheme}://{shown}:{port}/{fragment}"


def _own_address(family: socket.AddressFamily) -> str:
    """This machine's address towards the network; nothing is sent to find it."""
    outside = "2001:db8::1" if family == socket.AF_INET6 else "192.0.2.1"
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((outside, 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "localhost"
