"""What all web applications here have: HEAD beside GET, and OPTIONS."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from fastapi.responses import Response
from fastapi.routing import APIRoute


def with_head_and_options(router: APIRouter) -> APIRouter:
    """HEAD wherever GET is answered (uvicorn leaves the body out), and OPTIONS, which browsers ask for other pages."""

    def own(path: str) -> str:
        """The path as the router takes it: it puts its prefix before what is added, once more."""
        return path.removeprefix(router.prefix)

    allowed: dict[str, set[str]] = {}
    for route in [route for route in router.routes if isinstance(route, APIRoute)]:
        methods = set(route.methods or ())
        if "GET" in methods:
            methods.add("HEAD")
            router.add_api_route(own(route.path), route.endpoint, methods=["HEAD"], include_in_schema=False)
        allowed.setdefault(route.path, set()).update(methods)
    for path, methods in allowed.items():
        if "OPTIONS" not in methods:
            answer = _allowing({*methods, "OPTIONS"})
            router.add_api_route(own(path), answer, methods=["OPTIONS"], include_in_schema=False)
    return router


def _allowing(methods: set[str]) -> Callable[[], Awaitable[Response]]:
    async def what_is_taken() -> Response:
        return Response(status_code=204, headers={"Allow": ", ".join(sorted(methods))})

    return what_is_taken
