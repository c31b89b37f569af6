"""STUN and TURN servers, by which a peer learns how it can be reached from elsewhere."""

from __future__ import annotations

import re

from streamdepth.addresses import redact_address
from streamdepth.errors import UsageError
from streamdepth.values import dataclass

ICE_URL = re.compile(
    r"(?P<scheme>stuns?|turns?):(?:(?P<user>[^:@\s]+):(?P<secret>[^@\s]+)@)?"
    r"(?P<place>[^\s@?:\[\]]+(?::[0-9]{1,5})?)(?P<query>\?transport=(?:udp|tcp))?"
)


@dataclass(frozen=True)
class IceServer:
    """A STUN or TURN server, as a browser's `RTCIceServer` has it."""

    url: str
    username: str = ""
    credential: str = ""

    @classmethod
    def parse(cls, text: str) -> IceServer:
        """`stun:HOST[:PORT]` or `turn:USER:SECRET@HOST[:PORT][?transport=tcp]`; raises `UsageError`."""
        match, name = ICE_URL.fullmatch(text), redact_address(text)
        if match is None:
            raise UsageError(
                f"{name!r} is not a STUN or TURN server",
                "write stun:HOST:3478, or turn:USER:SECRET@HOST:3478",
            )
        if match["scheme"].startswith("turn") and not match["user"]:
            raise UsageError(f"{name!r} lacks its user", "write turn:USER:SECRET@HOST:3478")
        if match["scheme"].startswith("stun") and match["query"]:
            raise UsageError(
                f"{name!r} names a transport, which STUN does not have", "leave out what follows ?"
            )
        url = f"{match['scheme']}:{match['place']}{match['query'] or ''}"
        return cls(url, match["user"] or "", match["secret"] or "")

    def as_json(self) -> dict[str, str]:
        """As the constructor of `RTCPeerConnection` in a browser takes it."""
        login = {"username": self.username, "credential": self.credential} if self.username else {}
        return {"urls": self.url, **login}

    def as_link(self) -> str:
        """As a `Link` header names it (RFC 9725, section 4.6)."""
        login = (
            f'; username="{self.username}"; credential="{self.credential}"; credential-type="password"'
            if self.username
            else ""
        )
        return f'<{self.url}>; rel="ice-server"{login}'
