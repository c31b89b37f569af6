"""What goes back and forth on an RTSP connection (RFC 2326): requests, replies, packets between them, logins."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import struct
from collections.abc import Iterator, Sequence

from streamdepth.publishing.sink import NotPublished
from streamdepth.values import dataclass

LONGEST_HEAD = 16 * 1024
LONGEST_BODY = 64 * 1024
_STATUS = re.compile(r"RTSP/1\.\d (\d{3})(?: (.*))?")
_PARAMETER = re.compile(r'([a-z]+)=(?:"([^"]*)"|([^\s,]+))', re.I)
_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
"""Of RFC 7616; the first is what nearly all servers ask for."""


@dataclass(frozen=True)
class Reply:
    """A server's answer; `headers` are (name in small letters, value), since some come twice."""

    status: int
    phrase: str
    headers: tuple[tuple[str, str], ...]

    def header(self, name: str) -> str:
        """The first of that name, or nothing."""
        return next(iter(self.all_of(name)), "")

    def all_of(self, name: str) -> list[str]:
        """All of that name."""
        return [value for key, value in self.headers if key == name]


class Incoming:
    """Takes bytes as they come and gives the replies in them.

    Packets between replies, which are reports of the receiver, and requests of the server are passed over.
    """

    def __init__(self) -> None:
        self._waiting = b""

    def feed(self, data: bytes) -> Iterator[Reply]:
        """The replies that are now complete; raises `NotPublished` for what is no RTSP."""
        self._waiting += data
        while self._waiting:
            taken = self._packet() if self._waiting[:1] == b"$" else self._message()
            if taken is None:
                return
            if isinstance(taken, Reply):
                yield taken

    def _packet(self) -> bytes | None:
        """A packet of RTP or RTCP (RFC 2326, section 10.12)."""
        if len(self._waiting) < 4:
            return None
        return self._take(4 + struct.unpack("!H", self._waiting[2:4])[0])

    def _message(self) -> Reply | bytes | None:
        end = self._waiting.find(b"\r\n\r\n")
        if end < 0:
            if len(self._waiting) > LONGEST_HEAD:
                raise NotPublished("what answers there is not an RTSP server", "check the host and the port")
            return None
        first, *lines = self._waiting[:end].decode("latin-1").strip("\r\n").split("\r\n")
        headers = tuple(
            (name.strip().lower(), value.strip()) for name, _, value in (h.partition(":") for h in lines)
        )
        taken = self._take(end + 4 + _body_length(headers))
        status = _STATUS.fullmatch(first)
        if status is not None:
            return None if taken is None else Reply(int(status[1]), status[2] or "", headers)
        if not first.endswith(("RTSP/1.0", "RTSP/2.0")):
            raise NotPublished("what answers there is not an RTSP server", "check the host and the port")
        return taken

    def _take(self, count: int) -> bytes | None:
        if len(self._waiting) < count:
            return None
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken


def _body_length(headers: Sequence[tuple[str, str]]) -> int:
    length = dict(headers).get("content-length", "0")
    if not length.isascii() or not length.isdigit() or int(length) > LONGEST_BODY:
        raise NotPublished("the server's answer cannot be understood")
    return int(length)


class Login:
    """A user and a password, shown to a server in the way that it asks for (RFC 7617, RFC 7616)."""

    def __init__(self, user: str, password: str) -> None:
        self._user = user
        self._password = password
        self._challenge: dict[str, str] | None = None
        self._count = 0

    def learn(self, reply: Reply) -> bool:
        """Take what a reply with 401 asks for; False where there is nothing in it that is known here."""
        offers = [offer for value in reply.all_of("www-authenticate") if (offer := _challenge(value))]
        digests = [offer for offer in offers if offer["scheme"] == "digest"]
        self._challenge = next(iter(digests or offers), None)
        self._count = 0
        return self._challenge is not None

    def header(self, method: str, url: str) -> str | None:
        """The `Authorization` of a request; None before the server has asked."""
        if self._challenge is None:
            return None
        if self._challenge["scheme"] == "basic":
            both = f"{self._user}:{self._password}".encode()
            return f"Basic {base64.b64encode(both).decode()}"
        return self._digest(self._challenge, method, url)

    def _digest(self, challenge: dict[str, str], method: str, url: str) -> str:
        """RFC 7616, section 3.4; without `qop` as in RFC 2069."""

        def hashed(text: str) -> str:
            return _HASHES[challenge["algorithm"]](text.encode()).hexdigest()

        realm, nonce = challenge.get("realm", ""), challenge.get("nonce", "")
        who, what = hashed(f"{self._user}:{realm}:{self._password}"), hashed(f"{method}:{url}")
        fields = {"username": self._user, "realm": realm, "nonce": nonce, "uri": url}
        plain = {"algorithm": challenge["algorithm"]} if "states_algorithm" in challenge else {}
        if "auth" in re.split(r"[\s,]+", challenge.get("qop", "")):
            self._count += 1
            count, own = f"{self._count:08x}", secrets.token_hex(8)
            fields |= {"cnonce": own, "response": hashed(f"{who}:{nonce}:{count}:{own}:auth:{what}")}
            plain |= {"qop": "auth", "nc": count}
        else:
            fields["response"] = hashed(f"{who}:{nonce}:{what}")
        if "opaque" in challenge:
            fields["opaque"] = challenge["opaque"]
        return "Digest " + ", ".join(
            [
                *(f'{name}="{_quoted(value)}"' for name, value in fields.items()),
                *(f"{n}={v}" for n, v in plain.items()),
            ]
        )


def _challenge(value: str) -> dict[str, str] | None:
    """What one `WWW-Authenticate` asks for; None for a scheme or a hash that is not known here."""
    scheme, _, rest = value.partition(" ")
    found = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(rest)}
    found["scheme"] = scheme.lower()
    if scheme.lower() == "basic":
        return found
    if "algorithm" in found:
        found["states_algorithm"] = "yes"
    found["algorithm"] = found.get("algorithm", "MD5").upper()
    return found if scheme.lower() == "digest" and found["algorithm"] in _HASHES else None


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
