"""All cameras with their figures and their health, and those that clients add and remove."""

from __future__ import annotations

from collections import Counter
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from streamdepth.http.routes import Routes
from streamdepth.viewers.cameras import Cameras, Listed, check_may_change
from streamdepth.viewers.http.whep import read_body, read_json
from streamdepth.viewers.streams import Streams

LONGEST = 8 * 1024
LIVE, STARTING = "live", "starting"
FIGURES = ("behind", "rate", "latency_ms", "age_ms", "dropped")


def camera_routes(cameras: Cameras, streams: Streams) -> Routes:
    """`/healthz`, the list, and PUT and DELETE of a camera by its name, where that is allowed."""
    routes = Routes()

    @routes.add("GET", "/healthz")
    async def health(_request: Request) -> Response:
        document = _health(list(conditions(cameras, streams).values()), are_several=cameras.are_several)
        return JSONResponse(document, 200 if document["condition"] == LIVE else 503)

    @routes.add("GET", "/api/cameras")
    async def listed(_request: Request) -> dict[str, Any]:
        entries = [_entry(one, streams) for one in _all(cameras, streams)]
        return {"may_change": cameras.may_change, "cameras": entries}

    @routes.add("PUT", "/api/cameras/{name}")
    async def put(request: Request) -> Response:
        check_may_change(cameras)
        name = request.path_params["name"]
        is_new = cameras.put(name, read_json(await read_body(request, "application/json", LONGEST)))
        return JSONResponse({"name": name}, 201 if is_new else 200)

    @routes.add("DELETE", "/api/cameras/{name}")
    async def delete(request: Request) -> Response:
        check_may_change(cameras)
        name = request.path_params["name"]
        cameras.delete(name)
        return JSONResponse({"name": name, "condition": "ending"}, 202)

    return routes


def conditions(cameras: Cameras, streams: Streams) -> dict[str, str]:
    """How each camera is, by its name; also those that have no stream."""
    return {one.name: _condition(one, streams) for one in _all(cameras, streams)}


def _health(conditions: list[str], *, are_several: bool) -> dict[str, Any]:
    """What anybody may know: no names, and no reasons, which have addresses in them."""
    words = [condition.partition(" ")[0] for condition in conditions] or [STARTING]
    several = {"cameras": Counter(words if conditions else ())} if are_several else {}
    return {"condition": LIVE if LIVE in words else words[0], **several}


def _all(cameras: Cameras, streams: Streams) -> list[Listed]:
    listed = list(cameras.listed())
    names = {one.name for one in listed}
    return listed + [Listed(stream.name, "") for stream in streams if stream.name not in names]


def _condition(one: Listed, streams: Streams) -> str:
    if one.condition or one.name not in streams:
        return one.condition or STARTING
    return streams.find(one.name).state.condition()


def _entry(one: Listed, streams: Streams) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": one.name, "source": one.source, "condition": _condition(one, streams)}
    if one.name not in streams:
        return entry
    figures = streams.find(one.name).state.figures()
    viewers = sum(encoder["viewers"] for encoder in figures["encoders"])
    return entry | {name: figures[name] for name in FIGURES} | {"viewers": viewers}
