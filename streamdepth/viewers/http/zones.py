"""`/api/zones` and `/api/boxes`: what is watched of the picture, and depth of what a detector elsewhere found."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request

from streamdepth.errors import SinkError, UsageError
from streamdepth.http.refusal import Refused
from streamdepth.viewers.boxes import LONGEST as LONGEST_BOXES
from streamdepth.viewers.http.whep import read_body, read_json
from streamdepth.viewers.state import LiveState
from streamdepth.viewers.streams import Streams

LONGEST = 256 * 1024
"""Octets of all zones of a camera."""


def zone_routes(streams: Streams) -> APIRouter:
    """Of the first stream, and of each by its name."""
    router = APIRouter()

    def state_of(request: Request) -> LiveState:
        return streams.find(request.path_params.get("name")).state

    @router.get("/api/zones")
    @router.get("/api/cameras/{name}/zones")
    async def zones(request: Request) -> dict[str, Any]:
        return state_of(request).zones.table()

    @router.put("/api/zones")
    @router.put("/api/cameras/{name}/zones")
    async def put(request: Request) -> dict[str, Any]:
        kept = state_of(request).zones
        table = read_json(await read_body(request, "application/json", LONGEST))
        try:
            # A file is written, and flushed to disk.
            await asyncio.get_running_loop().run_in_executor(None, kept.put, table)
        except UsageError as error:
            raise Refused(400, str(error)) from error
        except SinkError as error:
            raise Refused(500, str(error)) from error
        return kept.table()

    @router.post("/api/boxes")
    @router.post("/api/cameras/{name}/boxes")
    async def boxes(request: Request) -> dict[str, Any]:
        body = await read_body(request, "application/json", LONGEST_BOXES)
        return state_of(request).depth_in_boxes(read_json(body))

    return router
