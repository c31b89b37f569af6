"""A user and a password in HTTP and in RTSP, which borrowed its ways to show them: Basic and Digest."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable

_PARAMETER = re.compile(r'([a-z]+)=(?:"([^"]*)"|([^\s,]+))', re.I)
_USUAL = "MD5"
"""What nearly all servers ask for, and those that say nothing."""
_HASHES = {_USUAL: hashlib.md5, "SHA-256": hashlib.sha256}
"""Of RFC 7616."""


class Login:
    """A user and a password, shown to a server in the way that it asks for (RFC 7617, RFC 7616)."""

    def __init__(self, user: str, password: str) -> None:
        self._user = user
        self._password = password
        self._challenge: dict[str, str] | None = None
        self._count = 0

    def learn(self, challenges: Iterable[str]) -> bool:
        """Take each `WWW-Authenticate` of an answer with 401; False where there is nothing in them known here."""
        offers = [offer for value in challenges if (offer := _challenge(value))]
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


def hash_alone(challenges: Iterable[str]) -> str | None:
    """The hash that each `WWW-Authenticate` of an answer wants, if none takes MD5 or Basic: FFmpeg 8 knows no other."""
    offers = [_challenge(value) for value in challenges]
    hashes = {offer["algorithm"] for offer in offers if offer and offer["scheme"] == "digest"}
    takes_basic = any(offer and offer["scheme"] == "basic" for offer in offers)
    return None if takes_basic or _USUAL in hashes else next(iter(sorted(hashes)), None)


def _challenge(value: str) -> dict[str, str] | None:
    """What one `WWW-Authenticate` asks for; None for a scheme or a hash that is not known here."""
    scheme, _, rest = value.partition(" ")
    found = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(rest)}
    found["scheme"] = scheme.lower()
    if scheme.lower() == "basic":
        return found
    if "algorithm" in found:
        found["states_algorithm"] = "yes"
    found["algorithm"] = found.get("algorithm", _USUAL).upper()
    return found if scheme.lower() == "digest" and found["algorithm"] in _HASHES else None


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
