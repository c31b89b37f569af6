"""Routes of Starlette's own: of what has no contract in OpenAPI, for which FastAPI would be imported in vain."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, MutableMapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route

from streamdepth.http.references import reference
from streamdepth.http.refusal import Refused

Answer = Response | Mapping[str, Any] | Sequence[Any]
Handler = Callable[[Request], Awaitable[Answer]]


class Routes:
    """What is answered at which address, in the order in which addresses are looked through.

    With GET goes HEAD (whose body the server leaves out), and with all OPTIONS, which browsers ask for other pages.
    What a handler returns that is not a `Response` is sent as JSON.
    """

    def __init__(self) -> None:
        self._handlers: dict[str, dict[str, Handler]] = {}

    def add(self, method: str, *paths: str) -> Callable[[Handler], Handler]:
        """Decorates what answers `method` at these addresses."""

        def added(handler: Handler) -> Handler:
            for path in paths:
                self._handlers.setdefault(path, {})[method] = handler
            return handler

        return added

    def __iter__(self) -> Iterator[Route]:
        for path, handlers in self._handlers.items():
            methods = [*handlers, *(["HEAD"] if "GET" in handlers else [])]
            taken = [*methods, *(["OPTIONS"] if "OPTIONS" not in handlers else [])]
            yield _route(path, {"OPTIONS": allowing(taken), **handlers}, taken)


def _route(path: str, handlers: Mapping[str, Handler], methods: Collection[str]) -> Route:
    async def answer(request: Request) -> Response:
        request.scope["route"] = route  # where FastAPI puts its own: metrics and traces are labelled by it
        said = await handlers["GET" if request.method == "HEAD" else request.method](request)
        return said if isinstance(said, Response) else JSONResponse(said)

    route = Route(path, answer, methods=methods)
    return route


def allowing(methods: Collection[str]) -> Callable[[Request], Awaitable[Response]]:
    """The answer to OPTIONS where these are taken."""

    async def options(_request: Request) -> Response:
        return Response(status_code=204, headers={"Allow": ", ".join(sorted(methods))})

    return options


def moved(request: Request) -> Response | None:
    """Where an address is that was asked for with a slash at its end: relative, as everything that names an address.

    The framework's own answer names host and path as this server knows them, which are not those before a proxy.
    """
    asked = request.scope["path"]
    target = asked.removesuffix("/")
    if target in ("", "/", asked):
        return None
    scope = {**request.scope, "path": target}
    if all(route.matches(scope)[0] is Match.NONE for route in request.app.router.routes):
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    return Response(status_code=307, headers={"Location": quote(reference(asked, target)) + query})


async def unrouted(request: Request, error: HTTPException, cure: str) -> Refused:
    """How a request is refused that no route takes: at its address there is nothing, or not for its method."""
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        methods = await _allowed(request)
        return Refused(
            error.status_code, f"this address takes {methods}, not {request.method} ({cure})", Allow=methods
        )
    assert error.status_code == HTTPStatus.NOT_FOUND, error
    return Refused(error.status_code, f"there is nothing at this address ({cure})")


async def _allowed(request: Request) -> str:
    """What OPTIONS says that the address of a request takes, for the `Allow` of 405; empty where it says nothing.

    Several routes may be of one address, and the framework names the methods of the first alone.
    """
    said = ""

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal said
        if message["type"] == "http.response.start":
            said = Headers(raw=list(message["headers"])).get("allow", "")

    with suppress(HTTPException):  # there is no OPTIONS at that address
        await request.app.router({**request.scope, "method": "OPTIONS"}, receive, send)
    return said
