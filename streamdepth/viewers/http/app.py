"""The web application: its routes, and what lives as long as it does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response

from streamdepth.http.auth import Auth
from streamdepth.http.refusal import Refused
from streamdepth.http.routes import with_head_and_options
from streamdepth.pages.routes import LIVE, page_routes
from streamdepth.viewers.http.access import access_with, refusal_answer
from streamdepth.viewers.http.mjpeg import Jpegs, picture_routes
from streamdepth.viewers.http.whep import read_body, read_json, whep_routes
from streamdepth.viewers.http.whip import whip_routes
from streamdepth.viewers.ingest import Ingests
from streamdepth.viewers.peers.registry import Places, Viewers
from streamdepth.viewers.settings import WebSettings
from streamdepth.viewers.state import LiveState


def make_app(
    settings: WebSettings,
    live_state: LiveState,
    viewers: Viewers,
    ingests: Ingests,
    jpegs: Jpegs,
    places: Places,
) -> Any:
    """The ASGI application; it must run on the loop on which `viewers`, `ingests` and `jpegs` live."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with viewers.looked_after(), ingests.looked_after():
            yield

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    for router in (
        whep_routes(viewers, settings.ice_servers),
        whip_routes(ingests, settings.ice_servers),
        picture_routes(jpegs, places),
        page_routes({"/": LIVE}),
        _control_routes(settings, live_state, places),
    ):
        app.include_router(with_head_and_options(router))
    app.add_exception_handler(Refused, _refuse)
    return Auth(app, access_with(settings.token), refusal_answer)


async def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return refusal_answer(error)


def _control_routes(settings: WebSettings, live_state: LiveState, places: Places) -> APIRouter:
    router = APIRouter()

    @router.get("/healthz")
    async def health() -> Response:
        condition = live_state.condition()
        return JSONResponse({"condition": condition}, 200 if condition == "live" else 503)

    @router.get("/api/state")
    async def state() -> dict[str, Any]:
        viewers = {"now": places.taken, "most": places.most}
        return {**live_state.state(), "viewers": viewers}

    @router.get("/api/ice-servers")
    async def ice_servers() -> list[dict[str, str]]:
        return [server.as_json() for server in settings.ice_servers]

    @router.get("/api/look")
    async def look() -> dict[str, Any]:
        return live_state.look()

    @router.patch("/api/look")
    async def change(request: Request) -> dict[str, Any]:
        return live_state.change(read_json(await read_body(request, "application/json")))

    @router.get("/api/source")
    async def inputs() -> dict[str, Any]:
        return live_state.inputs()

    @router.patch("/api/source")
    async def choose(request: Request) -> dict[str, Any]:
        return live_state.choose(read_json(await read_body(request, "application/json")))

    return router
