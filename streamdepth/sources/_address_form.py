"""What is wrong with an address to the eye, before anybody is asked over the network."""

from __future__ import annotations

from urllib.parse import urlsplit

from streamdepth.errors import SourceError, Trouble
from streamdepth.redaction import redact_address

_OF_A_HOST = {"rtsp", "rtsps", "http", "https", "rtmp", "rtmps"}
_OTHERS = {
    "rtmpe", "rtmpt", "rtmpte", "rtmpts", "ftp", "sftp", "smb", "gopher", "gophers", "mmsh", "mmst", "amqp", "zmq",
    "tcp", "tls", "udp", "udplite", "rtp", "srtp", "srt", "rist", "sctp", "sap", "unix", "ipfs", "ipns", "icecast",
}  # fmt: skip
"""What FFmpeg reads, in one build or another; some of these have no host, as in `udp://@:1234`."""


def check_address(url: str) -> None:
    """Raise SourceError where an address is of an unknown kind, names no host, or has a port that is none."""
    scheme, name = url.partition("://")[0].lower(), redact_address(url)
    if scheme not in _OF_A_HOST | _OTHERS:
        raise SourceError(
            f"the address {name} is of a kind that cannot be read here",
            "use rtsp://, http:// or https://, or name a file",
            Trouble.KIND_OF_ADDRESS,
        )
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise SourceError(
            f"the host or the port of {name} cannot be read",
            "write HOST:PORT with a port up to 65535, and in a login / as %2F, @ as %40, : as %3A",
        ) from error
    if scheme in _OF_A_HOST and not parts.hostname:
        raise SourceError(f"the address {name} names no host", f"write it as {scheme}://HOST/PATH")
