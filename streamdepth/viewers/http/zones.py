"""`/api/zones` and `/api/boxes`: what is watched of the picture, and depth of what a detector elsewhere found."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request

from streamdepth.errors import NoFrameYet, SinkError, UsageError
from streamdepth.http.refusal import Refused
from streamdepth.http.routes import Routes
from streamdepth.viewers.boxes import LONGEST as LONGEST_BOXES
from streamdepth.viewers.http.whep import read_body, read_json
from streamdepth.viewers.peers.registry import RETRY_SOON
from streamdepth.viewers.state import LiveState
from streamdepth.viewers.streams import Streams

ZONES = ("/api/zones", "/api/cameras/{name}/zones")
LONGEST = 256 * 1024
"""Bytes of all zones of a camera."""


def zone_routes(streams: Streams) -> Routes:
    """Of the first stream, and of each by its name."""
    routes = Routes()

    def state_of(request: Request) -> LiveState:
        return streams.find(request.path_params.get("name")).state

    @routes.add("GET", *ZONES)
    async def zones(request: Request) -> dict[str, Any]:
        return state_of(request).zones.table()

    @routes.add("PUT", *ZONES)
    async def put(request: Request) -> dict[str, Any]:
        kept = state_of(request).zones_to_set
        table = read_json(await read_body(request, "application/json", LONGEST))
        try:
            # A file is written, and flushed to disk.
            await asyncio.get_running_loop().run_in_executor(None, kept.put, table)
        except UsageError as error:
            raise Refused(400, str(error)) from error
        except NoFrameYet as error:
            raise Refused(503, str(error), Retry_After=RETRY_SOON) from error
        except SinkError as error:
            raise Refused(500, str(error)) from error
        return kept.table()

    @routes.add("POST", "/api/boxes", "/api/cameras/{name}/boxes")
    async def boxes(request: Request) -> dict[str, Any]:
        body = await read_body(request, "application/json", LONGEST_BOXES)
        return state_of(request).depth_in_boxes(read_json(body))

    return routes
