"""What all web applications here have: pages that are served from memory, HEAD beside GET, and OPTIONS."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from importlib import resources

from fastapi import APIRouter
from fastapi.responses import Response
from fastapi.routing import APIRoute

from streamdepth.http.refusal import Refused

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


SHARED = {"base.css": "text/css", "asking.js": "text/javascript"}
"""Parts of all pages, with their media types."""


def page_routes(package: str, own: Mapping[str, str]) -> APIRouter:
    """`/` and `/static/NAME`: the files of `static/` in a package, which `own` names with their media types."""
    router = APIRouter(include_in_schema=False)
    types = {**own, **SHARED}
    files = {**_read(package, own), **_read("streamdepth.http", SHARED)}
    policy = {"Content-Security-Policy": PAGE_POLICY}

    @router.get("/")
    async def page() -> Response:
        return Response(files["index.html"], media_type=types["index.html"], headers=policy)

    @router.get("/static/{name}")
    async def part(name: str) -> Response:
        if name not in files:
            raise Refused(404, "there is no such file")
        return Response(files[name], media_type=types[name], headers=policy)

    return router


def _read(package: str, types: Mapping[str, str]) -> dict[str, bytes]:
    folder = resources.files(package) / "static"
    return {name: (folder / name).read_bytes() for name in types}


def with_head_and_options(router: APIRouter) -> APIRouter:
    """HEAD wherever GET is answered (uvicorn leaves the body out), and OPTIONS, which browsers ask for other pages."""
    allowed: dict[str, set[str]] = {}
    for route in [route for route in router.routes if isinstance(route, APIRoute)]:
        methods = set(route.methods or ())
        if "GET" in methods:
            methods.add("HEAD")
            router.add_api_route(route.path, route.endpoint, methods=["HEAD"], include_in_schema=False)
        allowed.setdefault(route.path, set()).update(methods)
    for path, methods in allowed.items():
        if "OPTIONS" not in methods:
            answer = _allowing({*methods, "OPTIONS"})
            router.add_api_route(path, answer, methods=["OPTIONS"], include_in_schema=False)
    return router


def _allowing(methods: set[str]) -> Callable[[], Awaitable[Response]]:
    async def what_is_taken() -> Response:
        return Response(status_code=204, headers={"Allow": ", ".join(sorted(methods))})

    return what_is_taken
