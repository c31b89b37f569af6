"""The HTTP side of publishing by WHIP (RFC 9725): the offer is posted, the session is deleted.

These calls block, each for a bounded time; they are made in a thread beside the event loop.
"""

from __future__ import annotations

import base64
import urllib.request
from contextlib import suppress
from http.client import HTTPException, HTTPResponse
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit

from streamdepth.errors import Trouble
from streamdepth.no_redirects import opener
from streamdepth.publishing.destinations import Destination
from streamdepth.publishing.sink import NotPublished, cannot_connect
from streamdepth.values import dataclass, field

POST_PATIENCE = 5.0
"""Seconds that a connection, and each part of an answer, may take."""
DELETE_PATIENCE = 0.7
LONGEST_ANSWER = 256 * 1024
MOST_REDIRECTIONS = 5
REDIRECTED = (307, 308)
"""Statuses with which a WHIP server may send clients elsewhere (section 4.5); 301 and 302 would make it a GET."""
_TOKEN_CURE = "put the token into the address, as in whip+https://TOKEN@HOST/PATH"
_REFUSALS = {
    401: ("the token or the password was refused", _TOKEN_CURE),
    403: (Trouble.FORBIDDEN.value, _TOKEN_CURE),
    404: (Trouble.NOT_FOUND.value, "check the part of the address after the host"),
    405: ("the server takes no streams there", "check the part of the address after the host"),
    409: ("somebody else publishes there", "stop the other, or publish to another path"),
    429: ("the server has too many requests", ""),
    503: ("the server has no room, or is not ready", ""),
}


class CodecRefused(NotPublished):
    """The server takes no video of the kind that was offered."""

    def __init__(self) -> None:
        super().__init__(
            "the server does not take the codec", "let it take H.264 (Constrained Baseline) or VP8"
        )


@dataclass(frozen=True)
class Session:
    """What a server has agreed to."""

    answer: str = field(repr=False)
    """SDP."""
    address: str | None = field(repr=False)
    """The resource to delete at the end; a secret. None where the server gave none that can be deleted."""


def post_offer(destination: Destination, offer: str) -> Session:
    """Offer a stream; raises `NotPublished` with a reason in which there is no secret."""
    address = destination.url
    for _ in range(MOST_REDIRECTIONS + 1):
        try:
            with _ask(destination, "POST", address, POST_PATIENCE, offer) as answer:
                return _session(answer, address)
        except HTTPError as refusal:
            with refusal:
                elsewhere = refusal.headers.get("Location")
                if refusal.code not in REDIRECTED or not elsewhere:
                    raise _refused(refusal) from None
            address = _joined(address, elsewhere)
        except (OSError, HTTPException, ValueError) as error:
            raise _failed(error) from None
    raise NotPublished("the server sends us in circles", "look into its settings")


def delete(destination: Destination, address: str) -> None:
    """End a session; a server that does not receive it will notice the silence."""
    with suppress(OSError, HTTPException, ValueError), _ask(destination, "DELETE", address, DELETE_PATIENCE):
        return


def authorization(destination: Destination) -> str | None:
    """A bearer token (RFC 6750), or a user with a password (RFC 7617); None without either."""
    if not destination.user:
        return None
    if destination.password is None:
        return f"Bearer {destination.user}"
    both = f"{destination.user}:{destination.password}".encode()
    return f"Basic {base64.b64encode(both).decode()}"


def may_have_token(destination: Destination, address: str) -> bool:
    """Whether a place to which the server sends us may see the token: on the same host, and no less encrypted."""
    here, there = urlsplit(destination.url), urlsplit(address)
    return there.hostname == here.hostname and (there.scheme == "https" or here.scheme == "http")


def _ask(
    destination: Destination, method: str, address: str, patience: float, offer: str | None = None
) -> HTTPResponse:
    request = urllib.request.Request(address, None if offer is None else offer.encode(), method=method)
    request.add_header("User-Agent", "streamdepth")
    if offer is not None:
        request.add_header("Content-Type", "application/sdp")
        request.add_header("Accept", "application/sdp")
    login = authorization(destination)
    if login is not None and may_have_token(destination, address):
        request.add_header("Authorization", login)
    opened: HTTPResponse = opener.open(request, timeout=patience)
    return opened


def _session(answer: HTTPResponse, address: str) -> Session:
    body = answer.read(LONGEST_ANSWER + 1)
    if answer.status not in (200, 201) or not body.startswith(b"v=0") or len(body) > LONGEST_ANSWER:
        raise NotPublished(
            "what answers there is not a WHIP server", "check the part of the address after the host"
        )
    location = answer.headers.get("Location")
    return Session(body.decode("utf-8", "replace"), _joined(address, location) if location else None)


def _joined(address: str, elsewhere: str) -> str:
    joined = urljoin(address, elsewhere)
    if urlsplit(joined).scheme not in ("http", "https"):
        raise NotPublished("the server sends us to what is not a web address", "look into its settings")
    return joined


def _refused(refusal: HTTPError) -> NotPublished:
    if refusal.code in (406, 422):
        return CodecRefused()
    reason, cure = _REFUSALS.get(refusal.code, (f"the server answered {refusal.code}", "look into its log"))
    return NotPublished(reason, cure)


def _failed(error: Exception) -> NotPublished:
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, OSError):
        return cannot_connect(reason)
    return NotPublished("what answers there is not a WHIP server", "check the host and the port")
