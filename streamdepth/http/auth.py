"""Which requests are allowed: the token, the web pages that may ask, and the names that this server answers to."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.responses import Response

from streamdepth.http.fields import field as header
from streamdepth.http.listening import is_loopback
from streamdepth.http.refusal import Refused
from streamdepth.http.token_file import TokenFile
from streamdepth.http.tokens import Tokens, token_in
from streamdepth.http.wrong_tokens import WrongTokens
from streamdepth.values import dataclass, field

PROTECTING = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
}

SENDER = "streamdepth.sender"
"""Key of a scope for the sender, by which limits apply: a hash of the accepted token, or else the address."""

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


@dataclass(frozen=True)
class Access:
    """Whom one service lets in, and to what."""

    tokens: Tokens | TokenFile
    open_paths: tuple[str, ...]
    """Answered without a token."""
    open_folders: tuple[str, ...]
    """The same for all below them; each ends in a slash."""
    token_in_address: tuple[str, ...] = ()
    """For players and dashboards that can be given an address and nothing else."""
    folders_with_token_in_address: tuple[str, ...] = ()
    """The same for all below them; each ends in a slash."""
    for_pages: Mapping[str, str] = field(default_factory=dict)
    """Headers by which pages that may read an answer learn what they may ask."""
    pages: tuple[str, ...] | None = None
    """Origins of pages that may read answers; None: of any page that is let in."""
    is_public: bool = False
    """Whether no token lets everybody in, instead of this machine alone."""
    protecting: Mapping[str, str] = field(default_factory=lambda: PROTECTING)
    """Headers of every answer that does not say otherwise."""

    def takes_token_of_address(self, path: str) -> bool:
        """Whether the token may stand in an address of this path."""
        return path in self.token_in_address or path.startswith(self.folders_with_token_in_address)

    def may_read(self, origin: str | None) -> bool:
        """Whether a page of `origin` may read an answer that it was let in for."""
        return origin is not None and (self.pages is None or origin in self.pages)


class Auth:
    """ASGI middleware around a whole service; `refuse` makes the answer of a request that is not let in.

    With a token, a request that has it is allowed from any page: a foreign page has no token. Without one the
    service is for this machine only, and then the browser is what must be held back: pages from elsewhere that ask
    this machine (by their `Origin`), and names that were pointed at it afterwards (DNS rebinding, by `Host`).
    """

    def __init__(self, app: Any, access: Access, refuse: Callable[[Refused], Response]) -> None:
        self._app = app
        self._access = access
        self._refuse = refuse
        self._guesses = WrongTokens()
        # With a token, the pictures may be shown on a page of any site.
        shared = "cross-origin" if access.tokens and access.pages is None else "same-site"
        usual = {**access.protecting, "Cross-Origin-Resource-Policy": shared}
        self._usual = [(name.lower().encode(), value.encode()) for name, value in usual.items()]
        """Headers of every answer that has no other of their names."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that is not let in, and pass on the others."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        origin = header(scope, b"origin")
        try:
            self._check_place(scope, origin)
            scope[SENDER] = await self._let_in(scope)
        except Refused as refused:
            response = self._refuse(refused)
            await response(scope, receive, self._allowing(send, origin if self._access.tokens else None))
            return
        await self._app(scope, receive, self._allowing(send, origin))

    def _allowing(self, send: Send, origin: str | None) -> Send:
        """`send` with the headers by which a browser lets a page of `origin` read the answer, and no page frame it."""
        access = self._access

        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                given = {name.lower() for name, _ in own}
                message["headers"] = own + [usual for usual in self._usual if usual[0] not in given]
                if origin is not None and access.may_read(origin):
                    headers = MutableHeaders(scope=message)
                    headers.update({"Access-Control-Allow-Origin": origin, **access.for_pages})
                    headers.add_vary_header("Origin")
            await send(message)

        return sending

    def _check_place(self, scope: Scope, origin: str | None) -> None:
        access = self._access
        if access.tokens or access.is_public:
            return
        host = header(scope, b"host")  # a browser always says it, and a probe that speaks HTTP/1.0 never does
        if host is not None and not _is_local(f"//{host}"):
            raise Refused(
                403,
                "without a token this server answers to localhost only (use that name, or start it with a token)",
            )
        if access.pages is not None and access.may_read(origin):
            return  # the operator named it
        if origin is not None and not _is_local(origin):
            raise Refused(
                403, "without a token, requests from pages elsewhere are refused (start it with a token)"
            )
        if header(scope, b"sec-fetch-site") == "cross-site" and not _is_own_document(scope):
            raise Refused(
                403, "without a token, requests from pages elsewhere are refused (start it with a token)"
            )

    async def _let_in(self, scope: Scope) -> str:
        access, path = self._access, scope["path"]
        host: str = (scope.get("client") or ("",))[0]
        is_open = path in access.open_paths or path.startswith(access.open_folders)
        if not access.tokens or is_open or scope["method"] == "OPTIONS":
            return host
        scheme, _, given = (header(scope, b"authorization") or "").partition(" ")
        if scheme.lower() != "bearer":
            given = _token_of_address(scope) if access.takes_token_of_address(path) else ""
        given = given.strip()
        if access.tokens.allow(given):
            return hashlib.sha256(given.encode()).hexdigest()
        if given:
            await self._guesses.answer_late(host or "somebody")
        raise Refused(401, "the token is missing or wrong", WWW_Authenticate="Bearer")


def _is_own_document(scope: Scope) -> bool:
    """Whether a link was followed; a picture or a frame in a page from elsewhere is asked for without an Origin too."""
    return header(scope, b"sec-fetch-mode") == "navigate" and header(scope, b"sec-fetch-dest") == "document"


@lru_cache(16)
def _is_local(url: str) -> bool:
    try:
        return is_loopback(urlsplit(url).hostname or "")
    except ValueError:
        return False


def _token_of_address(scope: Scope) -> str:
    query: bytes = scope["query_string"]
    return token_in(query.decode("latin-1"))
