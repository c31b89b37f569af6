"""Addresses of media servers to which live depth is published, checked before anything is opened."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from streamdepth.addresses import Address, mistake_in_address, read_address, redact_address, scheme_of
from streamdepth.errors import UsageError
from streamdepth.values import dataclass, field

SCHEMES = "rtsp://HOST/PATH, whip+http://HOST/PATH or whip+https://HOST/PATH"
TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""What a bearer token is made of (RFC 6750, section 2.1)."""


class Protocol(Enum):
    """How a media server is spoken to."""

    RTSP = "rtsp"
    WHIP = "whip"


_SPOKEN = {
    "rtsp": (Protocol.RTSP, "rtsp", 554),
    "whip+http": (Protocol.WHIP, "http", 80),
    "whip+https": (Protocol.WHIP, "https", 443),
}
"""By the kind of an address: how the server is spoken to, the scheme of what it is asked for, its usual port."""


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
    def parse(cls, text: str) -> Destination:
        """`rtsp://[USER:PASSWORD@]HOST[:PORT]/PATH`, or `whip+http(s)://[TOKEN@]HOST[:PORT]/PATH`.

        WHIP servers that want a user and a password get them by `USER:PASSWORD@`. Raises `UsageError`.
        """
        address = _read(text)
        protocol, scheme, usual_port = _SPOKEN[address.scheme]
        user, password = _login(address, protocol)
        path, _, _ = address.rest.partition("#")
        url = f"{scheme}://{address.place}{path if path.startswith('/') else '/' + path}"
        return cls(protocol, address.name, url, address.host, address.port or usual_port, user, password)


def parse_all(addresses: Sequence[str]) -> tuple[Destination, ...]:
    """Each of them; raises `UsageError` for one that is wrong or is named twice."""
    found = tuple(map(Destination.parse, addresses))
    seen: set[str] = set()
    for one in found:
        if one.url in seen:
            raise UsageError(f"--publish names {one.name} twice", "name each place once")
        seen.add(one.url)
    return found


def _read(text: str) -> Address:
    name = redact_address(text)
    if scheme_of(text) not in _SPOKEN:
        raise UsageError(f"cannot publish to {name!r}", f"write {SCHEMES}")
    if not re.fullmatch(r"[\x21-\x7e]+", text):
        raise UsageError(
            f"the address {name!r} holds spaces or odd characters", "write them as %20 and so on"
        )
    if mistake := mistake_in_address(text, frozenset(_SPOKEN)):
        raise UsageError(mistake.what, mistake.cure)
    address = read_address(text)
    assert address is not None, "it has no mistake"
    if not address.host:
        raise UsageError(f"the address {name} names no host", f"write {SCHEMES}")
    return address


def _login(address: Address, protocol: Protocol) -> tuple[str | None, str | None]:
    name, user, password = address.name, address.user, address.password
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
