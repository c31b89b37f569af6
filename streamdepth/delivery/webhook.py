"""A webhook: JSON that is posted, signed as Standard Webhooks has it (standardwebhooks.com).

Three headers: `webhook-id`, the same for each try of one event, `webhook-timestamp`, seconds since 1970, and
`webhook-signature`, `v1,` and the Base64 of HMAC-SHA256 over `ID.TIMESTAMP.BODY`. A secret that begins with `whsec_` is
Base64 behind that; any other one is taken as it is.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import urllib.request
from http.client import HTTPException
from urllib.error import HTTPError, URLError

from streamdepth.addresses import mistake_in_address, read_address, redact_path
from streamdepth.connecting import why_no_connection
from streamdepth.delivery.standing import NotDelivered
from streamdepth.errors import UsageError
from streamdepth.no_redirects import opener
from streamdepth.values import dataclass, field

SCHEMES = frozenset({"http", "https"})
PATIENCE = 5.0
"""Seconds that a connection, and each part of an answer, may take."""
LONGEST_REST = 60.0
"""Seconds that a receiver may ask to be left alone for."""
PREFIX = "whsec_"
_FINAL = frozenset({400, 410, 413, 414, 415, 422})
"""Statuses that the same event would get again."""


@dataclass(frozen=True)
class Webhook:
    """Where to post. `name` may be shown: the host alone, since a path is a secret at many services."""

    name: str
    url: str = field(repr=False)
    secret: bytes | None = field(default=None, repr=False)
    """What it is signed with; None: it is not."""

    @classmethod
    def parse(cls, text: str) -> Webhook:
        """`http(s)://[SECRET@]HOST[:PORT]/PATH`; raises `UsageError`."""
        if mistake := mistake_in_address(text, SCHEMES):
            raise UsageError(mistake.what, mistake.cure)
        address = read_address(text)
        assert address is not None, "it has no mistake"
        if not re.fullmatch(r"[\x21-\x7e]+", text):
            raise UsageError(
                f"the address {redact_path(text)!r} holds spaces or odd characters",
                "write them as %20 and so on",
            )
        name = redact_path(text)
        if address.password is not None:
            raise UsageError(
                f"the login of {name} is not a secret to sign with",
                "write SECRET@ before the host, with no colon",
            )
        path = address.rest.partition("#")[0]
        url = f"{address.scheme}://{address.place}{path if path.startswith('/') else '/' + path}"
        return cls(name, url, _key(address.user, name) if address.user else None)

    def post(self, identity: str, body: bytes, now: float) -> None:
        """Post JSON with its identity, at `now` in seconds since 1970, in a bounded time; raises `NotDelivered`."""
        request = urllib.request.Request(self.url, body, self._headers(identity, body, now), method="POST")
        try:
            with opener.open(request, timeout=PATIENCE):
                return
        except HTTPError as refusal:
            with refusal:
                raise _refused(refusal) from None
        except (OSError, HTTPException, ValueError) as error:
            raise _failed(error) from None

    def _headers(self, identity: str, body: bytes, now: float) -> dict[str, str]:
        timestamp = str(int(now))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "streamdepth",
            "webhook-id": identity,
            "webhook-timestamp": timestamp,
        }
        if self.secret is not None:
            headers["webhook-signature"] = signature(self.secret, identity, timestamp, body)
        return headers


def signature(secret: bytes, identity: str, timestamp: str, body: bytes) -> str:
    """The value of `webhook-signature`."""
    signed = f"{identity}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()


def _key(secret: str, name: str) -> bytes:
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise UsageError(
            f"the secret of {name} begins with {PREFIX} and is not followed by Base64",
            "write + as %2B, / as %2F and = as %3D",
        ) from error


def _refused(refusal: HTTPError) -> NotDelivered:
    status = refusal.code
    if 300 <= status < 400:
        return NotDelivered(f"the server answered {status}: it is elsewhere", "name the address it is at")
    cure = "check the secret and the part of the address after the host" if status < 500 else ""
    asked = refusal.headers.get("Retry-After", "")
    rest = min(float(asked), LONGEST_REST) if re.fullmatch(r"\d{1,9}", asked) else None
    return NotDelivered(f"the server answered {status}", cure, is_final=status in _FINAL, retry_after=rest)


def _failed(error: Exception) -> NotDelivered:
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, OSError):
        return NotDelivered(*why_no_connection(reason))
    return NotDelivered("what answers there does not speak HTTP", "check the host and the port")
