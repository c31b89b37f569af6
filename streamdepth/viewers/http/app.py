"""The web application: its routes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from streamdepth.http.auth import Auth
from streamdepth.http.below import below, read_root_path
from streamdepth.http.refusal import Refused
from streamdepth.http.routes import Routes, moved, unrouted
from streamdepth.pages.routes import CAMERAS, LIVE, page_routes
from streamdepth.viewers.cameras import Cameras
from streamdepth.viewers.http.access import access_with, refusal_answer
from streamdepth.viewers.http.cameras import camera_routes, conditions
from streamdepth.viewers.http.film import film_routes
from streamdepth.viewers.http.metres import metres_routes
from streamdepth.viewers.http.mjpeg import picture_routes
from streamdepth.viewers.http.whep import read_body, read_json, whep_routes
from streamdepth.viewers.http.whip import whip_routes
from streamdepth.viewers.http.zones import zone_routes
from streamdepth.viewers.settings import WebSettings
from streamdepth.viewers.showing import Showing
from streamdepth.viewers.state import LiveState
from streamdepth.viewers.streams import WhepSessions, WhipSessions


def make_app(settings: WebSettings, showing: Showing, cameras: Cameras) -> Any:
    """The ASGI application; it must run on the loop on which `showing` lives."""
    streams = showing.streams
    senders = whip_routes(WhipSessions(streams), streams, settings.ice_servers)
    pages = page_routes(
        {"/": CAMERAS if cameras.are_several else LIVE, "/cameras": CAMERAS, "/cameras/{name}": LIVE}
    )
    kinds = (
        *stream_routes(settings, showing),
        senders,
        pages,
        _figure_routes(cameras, showing),
        camera_routes(cameras, streams),
    )
    app = Starlette(
        routes=list(chain.from_iterable(kinds)),
        exception_handlers={Refused: _refuse, HTTPException: _no_route},
    )
    app.router.redirect_slashes = False  # `moved` answers those
    return below(read_root_path(settings.root_path), Auth(app, access_with(settings.token), refusal_answer))


def stream_routes(settings: WebSettings, showing: Showing) -> Sequence[Routes]:
    """What viewers ask of streams, whoever lets them in: they live on the loop on which `showing` does."""
    streams = showing.streams
    return (
        whep_routes(WhepSessions(streams, showing.viewers), streams, settings.ice_servers),
        picture_routes(lambda name: streams.find(name).jpegs, showing.places),
        film_routes(lambda name: streams.find(name).films, showing.places),
        metres_routes(streams),
        _control_routes(settings, showing),
        zone_routes(streams),
    )


async def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return refusal_answer(error)


async def _no_route(request: Request, error: Exception) -> Response:
    """What there is no route for."""
    assert isinstance(error, HTTPException)
    return moved(request) or refusal_answer(
        await unrouted(request, error, "see the guide to the web service")
    )


def _figure_routes(cameras: Cameras, showing: Showing) -> Routes:
    """For Prometheus."""
    routes, streams = Routes(), showing.streams

    @routes.add("GET", "/metrics")
    async def metrics(_request: Request) -> Response:
        from streamdepth.http.live_figures import TYPE, live_text

        reports = {stream.name: stream.state.report() for stream in streams}
        text = live_text(reports, conditions(cameras, streams), showing.places.taken)
        return Response(text, media_type=TYPE)

    return routes


def _control_routes(settings: WebSettings, showing: Showing) -> Routes:
    routes = Routes()

    def state_of(request: Request) -> LiveState:
        return showing.streams.find(request.path_params.get("name")).state

    @routes.add("GET", "/api/state", "/api/cameras/{name}/state")
    async def state(request: Request) -> dict[str, Any]:
        viewers = {"now": showing.places.taken, "most": showing.places.most}
        return {**state_of(request).state(), "viewers": viewers}

    @routes.add("GET", "/api/ice-servers")
    async def ice_servers(_request: Request) -> list[dict[str, str]]:
        return [server.as_json() for server in settings.ice_servers]

    @routes.add("GET", "/api/look", "/api/cameras/{name}/look")
    async def look(request: Request) -> dict[str, Any]:
        return state_of(request).look()

    @routes.add("PATCH", "/api/look", "/api/cameras/{name}/look")
    async def change(request: Request) -> dict[str, Any]:
        return state_of(request).change(read_json(await read_body(request, "application/json")))

    @routes.add("GET", "/api/source", "/api/cameras/{name}/source")
    async def inputs(request: Request) -> dict[str, Any]:
        return state_of(request).inputs()

    @routes.add("PATCH", "/api/source", "/api/cameras/{name}/source")
    async def choose(request: Request) -> dict[str, Any]:
        return state_of(request).choose(read_json(await read_body(request, "application/json")))

    return routes
