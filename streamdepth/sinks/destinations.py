"""Addresses of media servers to which live depth is published, checked before anything is opened."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import SplitResult, unquote, urlsplit

from streamdepth.errors import UsageError
from streamdepth.redaction import redact_address

RTSP_PORT = 554
SCHEMES = "rtsp://HOST/PATH, whip+http://HOST/PATH or whip+https://HOST/PATH"
TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""What a bearer token is made of (RFC 6750, section 2.1)."""


class Protocol(Enum):
    """How a media server is spoken to."""

    RTSP = "rtsp"
    WHIP = "whip"


@dataclass(frozen=True)
class Destination:
    """Where to publish. `name` may be shown; `url` is without the login, but its path may be a secret all the same."""

    protocol: Protocol
    name: str
    url: str = field(repr=False)
    host: str
    port: int
    user: str | None = field(default=None, repr=False)
    """With a password the user; without one, for WHIP, the bearer token."""
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, address: str) -> Destination:
        """`rtsp://[USER:PASSWORD@]HOST[:PORT]/PATH`, or `whip+http(s)://[TOKEN@]HOST[:PORT]/PATH`.

        WHIP servers that want a user and a password get them by `USER:PASSWORD@`. Raises `UsageError`.
        """
        name = redact_address(address)
        if not re.fullmatch(r"[\x21-\x7e]+", address):
            raise UsageError(
                f"the address {name!r} holds spaces or odd characters", "write them as %20 and so on"
            )
        parts, port = _split(address, name)
        protocol, scheme, usual_port = _spoken(parts, name)
        if not parts.hostname:
            raise UsageError(f"the address {name} names no host", f"write {SCHEMES}")
        user, password = _login(parts, name, protocol)
        place = parts.netloc.rpartition("@")[2]
        path = parts.path or "/"
        url = f"{scheme}://{place}{path}" + (f"?{parts.query}" if parts.query else "")
        return cls(protocol, name, url, parts.hostname, port or usual_port, user, password)


def parse_all(addresses: Sequence[str]) -> tuple[Destination, ...]:
    """Each of them; raises `UsageError` for one that is wrong or is named twice."""
    found = tuple(map(Destination.parse, addresses))
    seen: set[str] = set()
    for one in found:
        if one.url in seen:
            raise UsageError(f"--publish names {one.name} twice", "name each place once")
        seen.add(one.url)
    return found


def _split(address: str, name: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(address)
        return parts, parts.port
    except ValueError as error:  # not `from` it: it quotes what it could not read, which may be a password
        del error
    raise UsageError(
        f"the address {name} cannot be read",
        f"write {SCHEMES}; in a password, / is written %2F, @ is %40 and : is %3A",
    ) from None


def _spoken(parts: SplitResult, name: str) -> tuple[Protocol, str, int]:
    """The protocol, the scheme of the address that is asked, its usual port."""
    match parts.scheme:
        case "rtsp":
            return Protocol.RTSP, "rtsp", RTSP_PORT
        case "whip+http":
            return Protocol.WHIP, "http", 80
        case "whip+https":
            return Protocol.WHIP, "https", 443
    raise UsageError(f"nothing publishes to {name!r}", f"write {SCHEMES}")


def _login(parts: SplitResult, name: str, protocol: Protocol) -> tuple[str | None, str | None]:
    user, password = (None if word is None else unquote(word) for word in (parts.username, parts.password))
    if protocol is Protocol.WHIP and not user:  # a token alone may stand on either side of the colon
        user, password = password or None, None
    if any(re.search(r"[\x00-\x1f\x7f]", word) for word in (user, password) if word):
        raise UsageError(f"the login of {name} holds control characters", "check what stands before the @")
    if protocol is Protocol.WHIP and user and password is None and not TOKEN.fullmatch(user):
        raise UsageError(
            f"the token of {name} holds what a bearer token cannot",
            "write whip+https://TOKEN@HOST/PATH, with a / in the token as %2F",
        )
    return user, password
