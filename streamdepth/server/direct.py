"""What is answered in front of FastAPI: pictures, of whose cost its way to a route would be a good part."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from streamdepth.errors import StreamdepthError
from streamdepth.http.refusal import Refused
from streamdepth.server.admission import Declared

Endpoint = Callable[[Request], Awaitable[Response]]
"""Reads all that it wants from the request, and raises `Refused` or `StreamdepthError` for what it will not answer."""
Refuse = Callable[[Request, Exception], Awaitable[Response]]


class Direct:
    """ASGI middleware around the routes: answers a POST to one of the paths of `endpoints`, and passes on the others.

    The same endpoints are routes of FastAPI, for the contract and for all other methods.
    """

    def __init__(self, app: Any, endpoints: Mapping[str, Endpoint], refuse: Refuse) -> None:
        self._app = app
        self._endpoints = endpoints
        self._refuse = refuse

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer, or pass on."""
        is_post = scope["type"] == "http" and scope["method"] == "POST"
        endpoint = self._endpoints.get(scope["path"]) if is_post else None
        if endpoint is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = Declared(scope["path"])
        request = Request(scope, receive)
        try:
            answer = await endpoint(request)
        except (Refused, StreamdepthError) as error:
            answer = await self._refuse(request, error)
        await answer(scope, receive, send)
