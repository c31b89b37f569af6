"""`/api/cameras`: all cameras with their figures, and those that clients add and remove."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from streamdepth.viewers.cameras import Cameras, check_may_change, described
from streamdepth.viewers.http.whep import read_body, read_json
from streamdepth.viewers.streams import Streams

LONGEST = 8 * 1024


def camera_routes(cameras: Cameras, streams: Streams) -> APIRouter:
    """The list, and PUT and DELETE of a camera by its name, where that is allowed."""
    router = APIRouter()

    @router.get("/api/cameras")
    async def listed() -> dict[str, Any]:
        return described(cameras, streams)

    @router.put("/api/cameras/{name}")
    async def put(name: str, request: Request) -> Response:
        check_may_change(cameras)
        is_new = cameras.put(name, read_json(await read_body(request, "application/json", LONGEST)))
        return JSONResponse({"name": name}, 201 if is_new else 200)

    @router.delete("/api/cameras/{name}")
    async def delete(name: str) -> Response:
        check_may_change(cameras)
        cameras.delete(name)
        return JSONResponse({"name": name, "condition": "ending"}, 202)

    return router
