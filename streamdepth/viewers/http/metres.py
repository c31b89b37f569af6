"""Distances by HTTP: told, given, forgotten, and kept as a file for `--metres`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from streamdepth.http.refusal import Refused
from streamdepth.viewers.distances import Distances
from streamdepth.viewers.http.whep import read_body, read_json
from streamdepth.viewers.streams import Streams

PLACES = ("/api/metres", "/api/cameras/{name}/metres")


def metres_routes(streams: Streams) -> APIRouter:
    """`/api/metres` of the first stream and of each by its name, and below it the `file`."""
    router = APIRouter()

    def distances_of(request: Request) -> Distances:
        return streams.find(request.path_params.get("name")).distances

    async def told(request: Request) -> dict[str, Any]:
        return distances_of(request).told()

    async def learn(request: Request) -> dict[str, Any]:
        given = read_json(await read_body(request, "application/json"))
        return distances_of(request).learn(given)

    async def forget(request: Request) -> dict[str, Any]:
        return distances_of(request).forget()

    async def file(request: Request) -> Response:
        known = distances_of(request).known
        if known is None:
            raise Refused(404, "no distances are known")
        named = {"Content-Disposition": 'attachment; filename="camera.metres"'}
        return Response(known.archive(), media_type="application/octet-stream", headers=named)

    for place in PLACES:
        for method, answer in (("GET", told), ("PUT", learn), ("DELETE", forget)):
            router.add_api_route(place, answer, methods=[method])
        router.add_api_route(place + "/file", file, methods=["GET"])
    return router
