"""`/v1/jobs`: films and zips of pictures that are rendered while nobody waits."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from streamdepth.errors import SinkError, UsageError
from streamdepth.http.numbers import whole_number
from streamdepth.http.references import reference
from streamdepth.http.refusal import Refused
from streamdepth.rendering.colormaps import COLORMAPS
from streamdepth.rendering.layouts.registry import LAYOUTS
from streamdepth.rendering.look import Look
from streamdepth.server.jobs.desk import ID, Desk
from streamdepth.server.jobs.pictures import FORMS
from streamdepth.server.jobs.record import State, Wishes
from streamdepth.server.routes.depth import problem_responses
from streamdepth.server.routes.results import file_answer
from streamdepth.server.wanted import check_names

logger = logging.getLogger(__name__)

SENT = (
    *("video/mp4", "video/quicktime", "video/x-matroska", "video/webm", "video/x-msvideo", "video/mp2t"),
    *("application/zip", "application/octet-stream"),
)
"""Media types that an upload may declare; its content decides what it is."""
EVENTS = "text/event-stream"
_FILM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "A film (MP4, MOV, Matroska, WebM, AVI or MPEG-TS) or a zip of pictures, found by its content.",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary", "minLength": 1}} for kind in SENT
        },
    }
}
_RECORD: dict[int | str, dict[str, Any]] = {
    status: {"description": said, "content": {"application/json": {"schema": {"type": "object"}}}}
    for status, said in ((200, "The job that there is already."), (202, "It is kept, and will be done."))
}
TYPES = {".mp4": "video/mp4", ".zip": "application/zip"}
"""Of results."""
Identity = Annotated[str, Path(json_schema_extra={"pattern": ID.pattern, "minLength": 1, "maxLength": 128})]
Layout = Annotated[str | None, Query(json_schema_extra={"enum": [*LAYOUTS]})]
WebhookName = Annotated[
    str,
    Query(
        description="The webhook to notify when it has ended, by the name that the operator gave.",
        max_length=128,
    ),
]
Colormap = Annotated[str, Query(json_schema_extra={"enum": [*COLORMAPS]})]
Form = Annotated[
    str,
    Query(description="Of the pictures of a zip: colours, or values.", json_schema_extra={"enum": [*FORMS]}),
]


def _wishes(
    request: Request,
    layout: Layout = None,
    colormap: Colormap = "inferno",
    webhook: WebhookName = "",
    form: Form = "colours",
) -> Wishes:
    check_names(request.query_params, ("layout", "colormap", "webhook", "form"))
    Look(layout or "depth", colormap)  # which says what is wrong with them
    if form not in FORMS:
        raise UsageError(f"there is no form {form[:40]!r}", f"say {' or '.join(FORMS)}")
    return Wishes(layout or "", colormap, form, webhook)


Wished = Annotated[Wishes, Depends(_wishes)]


def job_routes(desk: Desk) -> APIRouter:
    """The routes; they must run on the loop on which `desk` lives."""
    router = APIRouter(prefix="/v1/jobs")
    _take_uploads(router, desk)
    _add_reading_routes(router, desk)
    return router


def _take_uploads(router: APIRouter, desk: Desk) -> None:
    refusals = problem_responses(400, 401, 403, 409, 413, 415, 422, 429, 503, 507)

    @router.post(
        "",
        summary="Render a film, or the pictures of a zip",
        openapi_extra=_FILM,
        responses={**_RECORD, **refusals},
        status_code=202,
    )
    async def post(request: Request, wishes: Wished) -> Response:
        return await _taken(desk, request, secrets.token_urlsafe(12), wishes)

    @router.put(
        "/{identity}",
        summary="Render a film under an id of the client's: the same again is the same job",
        openapi_extra=_FILM,
        responses={**_RECORD, **refusals},
        status_code=202,
    )
    async def put(identity: Identity, request: Request, wishes: Wished) -> Response:
        return await _taken(desk, request, identity, wishes)


def _add_reading_routes(router: APIRouter, desk: Desk) -> None:

    @router.get("/{identity}", summary="How far a job is", responses=problem_responses(401, 403, 404, 503))
    async def get(identity: str) -> dict[str, Any]:
        return (await desk.find(identity)).to_json()

    @router.get(
        "/{identity}/events",
        summary="Each change of a job, as server-sent events",
        responses={
            200: {"content": {EVENTS: {}}},
            204: {"description": "It is over, and its last event is that of Last-Event-ID."},
            **problem_responses(401, 403, 404, 503),
        },
        response_class=Response,
    )
    async def events(identity: str, request: Request) -> Response:
        return await _event_stream(desk, identity, request)

    @router.get(
        "/{identity}/result",
        summary="The film or the zip that came of it, or a part of it",
        responses={
            200: {"content": {kind: {} for kind in TYPES.values()}},
            206: {},
            **problem_responses(304, 401, 403, 404, 409, 412, 416, 503),
        },
        response_class=Response,
    )
    async def result(identity: str, request: Request) -> Response:
        return await _result(desk, identity, request)

    @router.delete(
        "/{identity}",
        summary="Cancel a job, and remove all of it",
        responses=problem_responses(401, 403, 404, 503),
        status_code=204,
    )
    async def delete(identity: str) -> Response:
        await desk.cancel(identity)
        return Response(status_code=204)


async def _taken(desk: Desk, request: Request, identity: str, wishes: Wishes) -> Response:
    record, is_new = await desk.take(request, identity, wishes)
    location = reference(request.url.path, f"/v1/jobs/{identity}")
    return JSONResponse(record.to_json(), 202 if is_new else 200, {"Location": location})


async def _event_stream(desk: Desk, identity: str, request: Request) -> Response:
    record = await desk.find(identity)
    seen = whole_number(request.headers.get("last-event-id", ""))
    if seen is None or seen > record.version:
        seen = -1  # it is none, or of an earlier job of that id
    if record.is_over and seen >= record.version:
        return Response(status_code=204)  # so a browser does not connect again
    headers = {"X-Accel-Buffering": "no"}  # nginx would hold the events back
    if request.method == "HEAD":
        return Response(headers=headers, media_type=EVENTS)
    return StreamingResponse(_events(desk, identity, seen), 200, headers, EVENTS)


async def _result(desk: Desk, identity: str, request: Request) -> Response:
    record = await desk.find(identity)
    if not record.is_over:
        raise Refused(409, f"the job is {record.state.value} (ask again when it is done; /events says when)")
    if record.state is not State.DONE:
        raise Refused(409, f"the job is {record.state.value}{f': {record.reason}' if record.reason else ''}")
    headers = {
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-cache",
    }
    path = desk.jobs.folder.result(record)
    try:
        return await file_answer(request, path, TYPES[record.result_suffix], headers, desk.in_thread)
    except FileNotFoundError as error:
        await desk.find(identity)  # removed meanwhile
        logger.warning("job %s is done, and %s is not there: is --jobs one folder for all?", identity, path)
        raise Refused(500, "the result is not where this service looks for it (its log says more)") from error


async def _events(desk: Desk, identity: str, seen: int) -> AsyncIterator[str]:
    """Each change that is seen, up to the last; a comment now and then keeps the connection alive."""
    with desk.watch.changes() as changes:
        while not desk.watch.is_over:
            try:
                record = await desk.look_up(identity)
            except SinkError:
                return  # the client reconnects, with its last id
            if record is None:
                event = {"id": identity, "state": State.CANCELLED.value}
                yield f"event: {State.CANCELLED.value}\ndata: {json.dumps(event)}\n\n"
                return
            if record.version > seen:
                seen = record.version
                yield f"id: {seen}\nevent: {record.state.value}\ndata: {json.dumps(record.to_json())}\n\n"
            if record.is_over:
                return
            if not await changes.wait():
                yield ":\n\n"
