"""Distances over HTTP: read, set, reset, and downloaded as a file for `--metres`."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from streamdepth.http.refusal import Refused
from streamdepth.http.routes import Routes
from streamdepth.viewers.distances import Distances
from streamdepth.viewers.http.whep import read_body, read_json
from streamdepth.viewers.streams import Streams

PLACES = ("/api/metres", "/api/cameras/{name}/metres")
FILES = tuple(place + "/file" for place in PLACES)


def metres_routes(streams: Streams) -> Routes:
    """`/api/metres` of the first stream and of each by its name, and below it the `file`."""
    routes = Routes()

    def distances_of(request: Request) -> Distances:
        return streams.find(request.path_params.get("name")).distances

    @routes.add("GET", *PLACES)
    async def read(request: Request) -> dict[str, Any]:
        return distances_of(request).to_json()

    @routes.add("PUT", *PLACES)
    async def learn(request: Request) -> dict[str, Any]:
        given = read_json(await read_body(request, "application/json"))
        return distances_of(request).learn(given)

    @routes.add("DELETE", *PLACES)
    async def forget(request: Request) -> dict[str, Any]:
        return distances_of(request).forget()

    @routes.add("GET", *FILES)
    async def file(request: Request) -> Response:
        known = distances_of(request).known
        if known is None:
            raise Refused(404, "no distances are known")
        named = {"Content-Disposition": 'attachment; filename="camera.metres"'}
        return Response(known.archive(), media_type="application/octet-stream", headers=named)

    return routes
