"""The web application: its routes, and what lives as long as it does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib import resources
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute

from streamdepth.http.auth import Auth
from streamdepth.http.refusal import Refused
from streamdepth.viewers.http.access import access_with, refusal_answer
from streamdepth.viewers.http.mjpeg import Jpegs, picture_routes
from streamdepth.viewers.http.whep import read_body, read_json, whep_routes
from streamdepth.viewers.http.whip import whip_routes
from streamdepth.viewers.ingest import Ingests
from streamdepth.viewers.peers.registry import Places, Viewers
from streamdepth.viewers.settings import WebSettings
from streamdepth.viewers.state import LiveState

PAGE = {
    "index.html": "text/html",
    "page.css": "text/css",
    **dict.fromkeys(
        (
            "page.js",
            "camera.js",
            "viewing.js",
            "pictures.js",
            "statistics.js",
            "figures.js",
            "controls.js",
            "server.js",
        ),
        "text/javascript",
    ),
}
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


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
        _page_routes(),
        _control_routes(settings, live_state, places),
    ):
        app.include_router(_with_head_and_options(router))
    app.add_exception_handler(Refused, _refuse)
    return Auth(app, access_with(settings.token), refusal_answer)


async def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return refusal_answer(error)


def _with_head_and_options(router: APIRouter) -> APIRouter:
    """HEAD wherever GET is answered (uvicorn leaves the body out), and OPTIONS, which browsers ask for other pages."""
    allowed: dict[str, set[str]] = {}
    for route in router.routes:
        if isinstance(route, APIRoute):
            methods = route.methods or set()
            if "GET" in methods:
                route.methods = methods = {*methods, "HEAD"}
            allowed.setdefault(route.path, set()).update(methods)
    for path, methods in allowed.items():
        if "OPTIONS" not in methods:
            router.add_api_route(path, _allowing({*methods, "OPTIONS"}), methods=["OPTIONS"])
    return router


def _allowing(methods: set[str]) -> Callable[[], Awaitable[Response]]:
    async def what_is_taken() -> Response:
        return Response(status_code=204, headers={"Allow": ", ".join(sorted(methods))})

    return what_is_taken


def _page_routes() -> APIRouter:
    router = APIRouter()
    folder = resources.files("streamdepth.viewers") / "static"
    files = {name: (folder / name).read_bytes() for name in PAGE}
    policy = {"Content-Security-Policy": PAGE_POLICY}

    @router.get("/")
    async def page() -> Response:
        return Response(files["index.html"], media_type=PAGE["index.html"], headers=policy)

    @router.get("/static/{name}")
    async def part(name: str) -> Response:
        if name not in files:
            raise Refused(404, "there is no such file")
        return Response(files[name], media_type=PAGE[name], headers=policy)

    return router


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
