"""Which requests are allowed: the token, the web pages that may ask, and the names that this server answers to."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse

from streamdepth.viewers.http.wrong_tokens import WrongTokens
from streamdepth.viewers.settings import is_loopback
from streamdepth.webrtc.refusal import Refused

OPEN_PATHS = ("/", "/healthz")
OPEN_FOLDER = "/static/"
TOKEN_IN_ADDRESS = ("/stream.mjpg", "/snapshot.jpg")
"""For players and dashboards that can be given an address and nothing else."""
PROTECTING = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
}
SHARED = {
    False: {"Cross-Origin-Resource-Policy": "same-site"},
    True: {"Cross-Origin-Resource-Policy": "cross-origin"},
}
"""By whether there is a token: with it, the pictures may be shown on a page of any site."""
READABLE_BY_PAGES = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
    "Access-Control-Expose-Headers": "Location, ETag, Link, Retry-After, Accept-Post",
}

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class Auth:
    """ASGI middleware around the whole service.

    With a token, a request that has it is allowed from any page: a foreign page has no token. Without one the
    service is for this machine only, and then the browser is what must be held back: pages from elsewhere that ask
    this machine (by their `Origin`), and names that were pointed at it afterwards (DNS rebinding, by `Host`).
    """

    def __init__(self, app: Any, token: str | None) -> None:
        self._app = app
        self._token = token
        self._guesses = WrongTokens()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that is not let in, and pass on the others."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        try:
            self._check_place(headers, origin)
            await self._check_token(scope, headers)
        except Refused as refused:
            response = JSONResponse({"error": refused.sentence}, refused.status, refused.headers)
            await response(scope, receive, self._allowing(send, origin if self._token else None))
            return
        await self._app(scope, receive, self._allowing(send, origin))

    def _allowing(self, send: Send, origin: str | None) -> Send:
        """`send` with the headers by which a browser lets a page of `origin` read the answer, and no page frame it."""

        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**PROTECTING, **SHARED[self._token is not None]}.items():
                    headers.setdefault(name, value)
                if origin is not None:
                    headers.update({"Access-Control-Allow-Origin": origin, **READABLE_BY_PAGES})
                    headers.add_vary_header("Origin")
            await send(message)

        return sending

    def _check_place(self, headers: Headers, origin: str | None) -> None:
        if self._token is not None:
            return
        if not _is_local(f"//{headers.get('host', '')}"):
            raise Refused(403, "without a token this server answers to localhost only")
        if origin is not None and not _is_local(origin):
            raise Refused(403, "without a token, pages from elsewhere are not let in")
        if headers.get("sec-fetch-site") == "cross-site" and not _is_own_document(headers):
            raise Refused(403, "without a token, pages from elsewhere are not let in")

    async def _check_token(self, scope: Scope, headers: Headers) -> None:
        path = scope["path"]
        is_open = path in OPEN_PATHS or path.startswith(OPEN_FOLDER) or scope["method"] == "OPTIONS"
        if self._token is None or is_open:
            return
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            given = _token_of_address(scope) if path in TOKEN_IN_ADDRESS else ""
        given = given.strip()
        if hmac.compare_digest(given.encode(), self._token.encode()):
            return
        if given:
            await self._guesses.answer_late((scope.get("client") or ("somebody",))[0])
        raise Refused(401, "the token is missing or wrong", WWW_Authenticate="Bearer")


def _is_own_document(headers: Headers) -> bool:
    """Whether a link was followed; a picture or a frame in a page from elsewhere is asked for without an Origin too."""
    return headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"


def _is_local(url: str) -> bool:
    try:
        return is_loopback(urlsplit(url).hostname or "")
    except ValueError:
        return False


def _token_of_address(scope: Scope) -> str:
    query: bytes = scope["query_string"]
    return parse_qs(query.decode("latin-1")).get("token", [""])[0]
