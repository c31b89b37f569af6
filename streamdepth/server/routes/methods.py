"""What the routes with a contract have beside their own methods: HEAD beside GET, and OPTIONS."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.routing import APIRoute

from streamdepth.http.routes import allowing


def with_head_and_options(router: APIRouter) -> APIRouter:
    """HEAD wherever GET is answered, and OPTIONS, as `Routes` has them."""

    def own(path: str) -> str:
        """The path as the router takes it: it puts its prefix before what is added, once more."""
        return path.removeprefix(router.prefix)

    allowed: dict[str, set[str]] = {}
    for route in [route for route in router.routes if isinstance(route, APIRoute)]:
        methods = set(route.methods or ())
        if "GET" in methods:
            methods.add("HEAD")
            router.add_api_route(
                own(route.path),
                route.endpoint,
                methods=["HEAD"],
                include_in_schema=False,
                dependencies=route.dependencies,
            )
        allowed.setdefault(route.path, set()).update(methods)
    for path, methods in allowed.items():
        if "OPTIONS" not in methods:
            answer = allowing({*methods, "OPTIONS"})
            router.add_api_route(own(path), answer, methods=["OPTIONS"], include_in_schema=False)
    return router
