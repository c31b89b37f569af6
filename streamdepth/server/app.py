"""The web application of the depth service: its routes, its errors and its authentication."""

from __future__ import annotations

import logging
from itertools import chain
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

import streamdepth
from streamdepth.errors import SinkError, StreamdepthError
from streamdepth.http.auth import PROTECTING, Access, Auth
from streamdepth.http.below import below, read_root_path
from streamdepth.http.refusal import Refused
from streamdepth.http.routes import Routes, moved, unrouted
from streamdepth.pages.routes import LIVE, PICTURE, page_routes
from streamdepth.server.admission import DEPTH, Admission
from streamdepth.server.depth_service import DepthService
from streamdepth.server.direct import Direct
from streamdepth.server.inference_protocol import HEADER
from streamdepth.server.jobs.desk import Desk
from streamdepth.server.live.live import Live
from streamdepth.server.observed import Observed
from streamdepth.server.problems import SCHEMA, failed, problem_answer, refusal_of
from streamdepth.server.rate_limit import RateLimit
from streamdepth.server.routes.depth import depth_endpoint, depth_routes
from streamdepth.server.routes.inference import inference_routes
from streamdepth.server.routes.jobs import job_routes
from streamdepth.server.routes.live import PAGE, live_routes
from streamdepth.server.routes.methods import with_head_and_options
from streamdepth.server.routes.probes import probe_routes
from streamdepth.server.settings import ServeSettings
from streamdepth.server.uploads import Room
from streamdepth.viewers.http.access import STREAM_FOLDERS

logger = logging.getLogger(__name__)

OPEN = ("/", "/live", "/healthz", "/readyz", "/openapi.json", "/v2/health/live", "/v2/health/ready")
"""Answered without a token: probes have none, and what the service can do is no secret."""
_FOR_PAGES = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, "
    f"If-Range, If-Unmodified-Since, Last-Event-ID, Prefer, Range, X-Request-ID, traceparent, tracestate, {HEADER}",
    "Access-Control-Expose-Headers": "Content-Range, ETag, Link, Location, Retry-After, X-Request-ID, Depth-Meaning, "
    f"Depth-Model, Depth-Scale, Depth-Offset, {HEADER}",
}


def make_app(
    settings: ServeSettings, service: DepthService, desk: Desk | None = None, live: Live | None = None
) -> Any:
    """The ASGI application; it must run on the loop on which the rest lives.

    Without `desk` it takes no jobs, and without `live` no cameras.
    """
    app = FastAPI(
        title="streamdepth",
        version=streamdepth.__version__,
        description="Depth of pictures, by a network on an ordinary CPU. Errors are problem details (RFC 9457).",
        servers=[{"url": "."}],  # beside this document, wherever a proxy has it
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # `moved` answers those
        # FastAPI's own traces, from 0.165 on (earlier ones pass over this): they would have the names of live streams
        # and go where the environment says. What is traced goes where `--traces` says.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    room = Room(service.limits.bytes_at_once)
    depth = depth_endpoint(service, room)
    routers = [
        depth_routes(depth),
        inference_routes(service, room),
        probe_routes(service, desk, live),
    ]
    routers += [job_routes(desk)] if desk is not None else []
    pages = {"/": PICTURE, PAGE: LIVE} if live is not None else {"/": PICTURE}
    for router in routers:
        app.include_router(with_head_and_options(router))
    _add(app, page_routes(pages), *(live_routes(live) if live is not None else ()))
    for kind in (Refused, StreamdepthError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _refuse)
    app.add_exception_handler(Exception, _fail)
    contract, of_contract = _contract(app), Routes()

    @of_contract.add("GET", "/openapi.json")
    async def openapi(_request: Request) -> Response:
        return contract

    _add(app, of_contract)
    access = Access(
        settings.tokens,
        OPEN,
        ("/static/", "/live/"),
        folders_with_token_in_address=STREAM_FOLDERS,
        for_pages=_FOR_PAGES,
        pages=settings.pages,
        is_public=settings.is_public,
        protecting={**PROTECTING, "Cross-Origin-Opener-Policy": "same-origin"},
    )
    per_second = settings.limits.per_second
    admitted = Admission(Direct(app, {DEPTH: depth}, _refuse), service.check_room)
    limited = RateLimit(admitted, per_second) if per_second is not None else admitted
    observed = Observed(Auth(limited, access, problem_answer), service.figures, service.traces)
    return below(read_root_path(settings.root_path), observed)


def _add(app: FastAPI, *kinds: Routes) -> None:
    """Routes that are no part of the contract: pages, and what WHIP and WHEP say."""
    for route in chain.from_iterable(kinds):
        app.add_route(route.path, route.endpoint, list(route.methods or ()), include_in_schema=False)


def _contract(app: FastAPI) -> Response:
    """OpenAPI of all routes, with the one schema of what is refused."""
    document = app.openapi()
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):  # FastAPI's own form, which is not answered here
        schemas.pop(name, None)
    for operation in (one for path in document["paths"].values() for one in path.values()):
        if "HTTPValidationError" in str(operation["responses"].get("422")):
            del operation["responses"]["422"]
    schemas["Problem"] = dict(SCHEMA)
    document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{}, {"token": []}]
    return JSONResponse(document)


async def _refuse(request: Request, error: Exception) -> Response:
    """Whatever ended a request, as problem details."""
    if isinstance(error, Refused):
        return problem_answer(error)
    if isinstance(error, StreamdepthError):
        if isinstance(error, SinkError):
            logger.warning("%s", error)
        return problem_answer(refusal_of(error))
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        return problem_answer(Refused(422, f"{where}: {first['msg'][:1].lower()}{first['msg'][1:]}"))
    assert isinstance(error, HTTPException)
    return moved(request) or problem_answer(await unrouted(request, error, "see /openapi.json"))


async def _fail(_request: Request, _error: Exception) -> Response:
    """What nobody thought of; the error goes on to `Observed`, which logs it."""
    return problem_answer(failed())
