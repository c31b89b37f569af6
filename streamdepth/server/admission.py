"""What is refused by the head of a request alone, before a route is looked for: pictures, while there is no room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streamdepth.http.refusal import Refused
from streamdepth.server.problems import problem_answer
from streamdepth.values import dataclass

DEPTH = "/v1/depth"
INFER = "/v2/models/{name}/infer"


@dataclass(frozen=True)
class Declared:
    """A route as FastAPI's in `scope`, for the figures."""

    path: str


class Admission:
    """ASGI middleware around the routes, after authentication; `check_room` raises `Refused` where there is none.

    A service that is asked three times as much as it can do refuses most of it: each refusal takes time from the
    pictures that are let in, and a route of FastAPI takes most of what it would cost.
    """

    def __init__(self, app: Any, check_room: Callable[[], None]) -> None:
        self._app = app
        self._check_room = check_room

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Refuse a picture at once, and pass on the others."""
        route = _of_pictures(scope)
        if route is not None:
            try:
                self._check_room()
            except Refused as refused:
                scope["route"] = route
                await problem_answer(refused)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _of_pictures(scope: dict[str, Any]) -> Declared | None:
    """The route of a request that sends pictures to be answered."""
    if scope["type"] != "http" or scope["method"] != "POST":
        return None
    path: str = scope["path"]
    if path == DEPTH:
        return Declared(DEPTH)
    before, _, after = INFER.partition("{name}")
    return Declared(INFER) if path.startswith(before) and path.endswith(after) else None
