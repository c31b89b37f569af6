"""What the web service is started with, and what must be right about it before it listens."""

from __future__ import annotations

import ssl
from pathlib import Path

from streamdepth.errors import SinkError, UsageError
from streamdepth.http.below import read_root_path
from streamdepth.http.listening import check_host, check_port, is_loopback
from streamdepth.http.tokens import check_token
from streamdepth.values import dataclass
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
    root_path: str = ""
    """The path of its host below which a proxy asks it, as `/depth`; a proxy that takes it away needs none."""
    token: str | None = None
    max_viewers: int = 16
    ice_servers: tuple[IceServer, ...] = ()
    certificate: Path | None = None
    key: Path | None = None

    def __post_init__(self) -> None:
        check_host(self.host)
        if self.token is not None:
            check_token(self.token)
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
        check_port(self.port)
        read_root_path(self.root_path)
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
            raise SinkError(
                f"cannot use {self.certificate} with {self.key}: {_why_unusable(error)}",
                "give PEM files of a certificate and of its key without a password",
            ) from error


def _why_unusable(error: OSError) -> str:
    """OpenSSL's own words name a line of its source."""
    if not isinstance(error, ssl.SSLError):
        return (error.strerror or type(error).__name__).lower()
    mismatch = error.reason == "KEY_VALUES_MISMATCH"
    return "they do not belong together" if mismatch else "not a certificate with its key"
