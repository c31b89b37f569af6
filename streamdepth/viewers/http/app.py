"""The web application: its routes."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response

from streamdepth.http.auth import Auth
from streamdepth.http.live_figures import TYPE, live_text
from streamdepth.http.refusal import Refused
from streamdepth.http.routes import with_head_and_options
from streamdepth.pages.routes import CAMERAS, LIVE, page_routes
from streamdepth.viewers.cameras import Cameras
from streamdepth.viewers.http.access import access_with, refusal_answer
from streamdepth.viewers.http.cameras import camera_routes, conditions
from streamdepth.viewers.http.metres import metres_routes
from streamdepth.viewers.http.mjpeg import picture_routes
from streamdepth.viewers.http.whep import read_body, read_json, whep_routes
from streamdepth.viewers.http.whip import whip_routes
from streamdepth.viewers.http.zones import zone_routes
from streamdepth.viewers.peers.registry import Places, Viewers
from streamdepth.viewers.settings import WebSettings
from streamdepth.viewers.state import LiveState
from streamdepth.viewers.streams import Streams, WhepSessions, WhipSessions


def make_app(
    settings: WebSettings, streams: Streams, viewers: Viewers, places: Places, cameras: Cameras
) -> Any:
    """The ASGI application; it must run on the loop on which `streams` and `viewers` live."""
    servers = settings.ice_servers
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for router in (
        whep_routes(WhepSessions(streams, viewers), streams, servers),
        whip_routes(WhipSessions(streams), streams, servers),
        picture_routes(lambda name: streams.find(name).jpegs, places),
        page_routes(
            {"/": CAMERAS if cameras.are_several else LIVE, "/cameras": CAMERAS, "/cameras/{name}": LIVE}
        ),
        metres_routes(streams),
        _control_routes(settings, cameras, streams, places),
        camera_routes(cameras, streams),
        zone_routes(streams),
    ):
        app.include_router(with_head_and_options(router))
    app.add_exception_handler(Refused, _refuse)
    return Auth(app, access_with(settings.token), refusal_answer)


async def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return refusal_answer(error)


def _control_routes(settings: WebSettings, cameras: Cameras, streams: Streams, places: Places) -> APIRouter:
    router = APIRouter()

    def state_of(request: Request) -> LiveState:
        return streams.find(request.path_params.get("name")).state

    @router.get("/api/state")
    @router.get("/api/cameras/{name}/state")
    async def state(request: Request) -> dict[str, Any]:
        viewers = {"now": places.taken, "most": places.most}
        return {**state_of(request).state(), "viewers": viewers}

    @router.get("/metrics")
    async def metrics() -> Response:
        reports = {stream.name: stream.state.report() for stream in streams}
        return Response(live_text(reports, conditions(cameras, streams), places.taken), media_type=TYPE)

    @router.get("/api/ice-servers")
    async def ice_servers() -> list[dict[str, str]]:
        return [server.as_json() for server in settings.ice_servers]

    @router.get("/api/look")
    @router.get("/api/cameras/{name}/look")
    async def look(request: Request) -> dict[str, Any]:
        return state_of(request).look()

    @router.patch("/api/look")
    @router.patch("/api/cameras/{name}/look")
    async def change(request: Request) -> dict[str, Any]:
        return state_of(request).change(read_json(await read_body(request, "application/json")))

    @router.get("/api/source")
    @router.get("/api/cameras/{name}/source")
    async def inputs(request: Request) -> dict[str, Any]:
        return state_of(request).inputs()

    @router.patch("/api/source")
    @router.patch("/api/cameras/{name}/source")
    async def choose(request: Request) -> dict[str, Any]:
        return state_of(request).choose(read_json(await read_body(request, "application/json")))

    return router
