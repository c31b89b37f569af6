"""`POST /v1/depth`: a picture in, its depth out, in the form that the client accepts."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from streamdepth.errors import SourceError
from streamdepth.http.etags import knows
from streamdepth.http.exchange import LEFT
from streamdepth.http.fields import field
from streamdepth.http.refusal import Refused
from streamdepth.server import problems
from streamdepth.server.admission import DEPTH
from streamdepth.server.answers import Answer
from streamdepth.server.depth_service import DepthService
from streamdepth.server.direct import Endpoint
from streamdepth.server.negotiation import ZIP, Form, choose
from streamdepth.server.pictures import Upload
from streamdepth.server.rate_limit import count_pictures
from streamdepth.server.several import joined
from streamdepth.server.uploads import (
    FIELD,
    FORM,
    Room,
    announced,
    explained,
    most_bytes,
    pictures_of,
    read_body,
)
from streamdepth.server.wanted import Wanted, answered_as, parameters, wanted_in

T = TypeVar("T")
OF_ONE = tuple(form.value for form in Form)
OF_SEVERAL = {ZIP: Form.HEAT, f"{ZIP};depth=16": Form.DEEP, Form.JSON.value: Form.JSON}
OF_ANY = tuple(dict.fromkeys((*OF_ONE, *OF_SEVERAL)))
_PATIENCE = re.compile(r'(?:^|[,;\s])wait\s*=\s*"?(\d{1,6}(?:\.\d{1,6})?)', re.IGNORECASE)
PICTURES = "image/jpeg, image/png, image/webp, image/bmp, image/tiff, image/gif, image/heic, image/avif"
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_PICTURE = {"schema": {"type": "string", "format": "binary", "minLength": 1}}
_FACTS = {
    name: {"description": said, "schema": {"type": "string"}}
    for name, said in {
        "ETag": "Of the picture, the options, the network and the version.",
        "Depth-Meaning": "What a value says; of inverse_relative, larger is nearer.",
        "Depth-Model": "The network.",
        "Depth-Scale": "In 16 bits: value = offset + scale * pixel.",
        "Depth-Offset": "See Depth-Scale.",
    }.items()
}
_CONTRACT: dict[str, Any] = {
    "parameters": parameters(),
    "requestBody": {
        "required": True,
        "description": "JPEG, PNG, WebP, BMP, TIFF, GIF (its first picture), HEIC or AVIF, found by its content.",
        "content": {
            "application/octet-stream": _PICTURE,
            "image/*": _PICTURE,
            FORM: {
                "schema": {
                    "type": "object",
                    "required": [FIELD],
                    "properties": {
                        FIELD: {
                            "type": "array",
                            "minItems": 1,
                            "items": {"type": "string", "format": "binary", "minLength": 1},
                        }
                    },
                },
                "encoding": {FIELD: {"contentType": PICTURES}},
            },
        },
    },
}
_SAID = {
    304: "Nothing changed since the ETag of If-None-Match, or the date of If-Modified-Since.",
    400: "The request is not whole, or its form is wrong.",
    401: "The token is missing or wrong.",
    403: "A page from elsewhere, or another name of this machine, asks without a token.",
    404: "There is no such model.",
    409: "It is not in that state, or the id is that of another.",
    406: "Nothing that is accepted can be answered.",
    412: "It is not the one that If-Match names, or changed since If-Unmodified-Since.",
    413: "Too many bytes, pixels or pictures.",
    415: "It is not a picture, or of a kind that is not read.",
    422: "An option is wrong, or the picture is damaged.",
    416: "There is no such part.",
    507: "The disk of the service is full.",
    429: "Too much waits; Retry-After says when to ask again.",
    503: "The network is being loaded, or it was not done in time.",
}


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of refusals."""
    content = {problems.PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": _SAID[status], **({} if status == 304 else {"content": content})}
        for status in statuses
    }


def depth_endpoint(service: DepthService, room: Room) -> Endpoint:
    """What answers; it must run on the loop on which `service` lives."""

    async def depth(request: Request) -> Response:
        wanted = wanted_in(request.scope["query_string"])
        service.loaded.named(wanted.model)
        # What cannot be answered is refused before a byte of it is read.
        choose(field(request.scope, b"accept"), OF_ANY)
        patience = _patience(request, service.limits.answer_seconds)
        most = most_bytes(request, service.limits)
        with room.taken(announced(request, most)):
            uploads = pictures_of(request, await read_body(request, most), service.limits)
            count_pictures(request.scope, len(uploads))
            return await _answered(request, service, uploads, wanted, patience)

    return depth


def depth_routes(endpoint: Endpoint) -> APIRouter:
    """The route of `depth_endpoint`."""
    router = APIRouter()
    content = {form.value: _BINARY for form in Form} | {ZIP: _BINARY, Form.JSON.value: {"schema": {}}}
    answers: dict[int | str, dict[str, Any]] = {
        200: {"description": "The depth.", "headers": _FACTS, "content": content}
    }
    router.add_api_route(
        DEPTH,
        endpoint,
        methods=["POST"],
        summary="The depth of a picture, or of several",
        openapi_extra=_CONTRACT,
        responses={
            **answers,
            **problem_responses(*(status for status in _SAID if status not in (404, 409, 412, 416, 507))),
        },
        response_class=Response,
    )
    return router


async def _answered(
    request: Request, service: DepthService, uploads: Sequence[Upload], wanted: Wanted, seconds: float
) -> Response:
    accept = field(request.scope, b"accept")
    several = len(uploads) > 1
    form = OF_SEVERAL[choose(accept, tuple(OF_SEVERAL))] if several else Form(choose(accept, OF_ONE))
    wanted = answered_as(wanted, form, service.loaded.named(wanted.model).name)
    keys = await service.keys(uploads, wanted)
    etag = _etag(keys)
    headers = {"ETag": etag, "Vary": "Accept", "Cache-Control": "private, no-cache"}
    if knows(field(request.scope, b"if-none-match"), etag):
        service.pool.note_answered()
        return Response(status_code=304, headers=headers)
    try:
        answers = await unless_gone(request, all_answers(service, uploads, keys, wanted, seconds))
    except SourceError as error:
        raise explained(request, uploads, error) from error
    answer = joined(uploads, answers) if several else answers[0]
    policy = {"Content-Security-Policy": "default-src 'none'; sandbox"}
    return Response(answer.body, 200, {**headers, **policy, **answer.headers}, answer.media_type)


async def all_answers(
    service: DepthService, uploads: Sequence[Upload], keys: Sequence[str], wanted: Wanted, seconds: float
) -> list[Answer]:
    """Of all or, where one fails, of none: the others are not worked on any more.

    Not all wait at once: one request must not fill the line before the lanes.
    """
    if len(uploads) == 1:  # as nearly always: a group and a turn would cost it time for nothing
        return [await service.answer(uploads[0], keys[0], wanted, seconds)]
    turns = asyncio.Semaphore(service.pool.figures.lanes)

    async def one(upload: Upload, key: str) -> Answer:
        async with turns:
            return await service.answer(upload, key, wanted, seconds)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(*pair)) for pair in zip(uploads, keys, strict=True)]
    return [task.result() for task in tasks]


async def unless_gone(request: Request, work: Awaitable[T]) -> T:
    """The result of `work`, which is cancelled when the client goes away: then `Refused`, which nobody reads."""
    asking = asyncio.current_task()
    assert asking is not None
    left: asyncio.Future[None] = request.scope[LEFT]
    is_over = False

    def leave(_left: object) -> None:
        if not is_over:
            asking.cancel()

    left.add_done_callback(leave)
    try:
        return await work
    except asyncio.CancelledError as error:
        if not left.done() or asking.uncancel():
            raise
        raise Refused(problems.CLIENT_LEFT, "the client has left") from error
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from errors
    finally:
        is_over = True
        left.remove_done_callback(leave)


def _etag(keys: Sequence[str]) -> str:
    whole = keys[0] if len(keys) == 1 else hashlib.sha256("".join(keys).encode()).hexdigest()
    return f'"{whole[:32]}"'


def _patience(request: Request, most: float) -> float:
    """Seconds that the client waits by `Prefer: wait=N` (RFC 7240, section 4.3), `most` at most."""
    match = _PATIENCE.search(field(request.scope, b"prefer") or "")
    return min(most, float(match[1])) if match is not None else most
