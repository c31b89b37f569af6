"""`/v2`: the Open Inference Protocol, for clients of KServe and Triton."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

import streamdepth
from streamdepth.errors import UsageError
from streamdepth.http.numbers import whole_number
from streamdepth.http.refusal import Refused
from streamdepth.server.depth_service import STARTING, DepthService
from streamdepth.server.inference_protocol import HEADER, INPUT, VERSION, metadata, read_request, write_answer
from streamdepth.server.negotiation import Form
from streamdepth.server.problems import PROTOCOL
from streamdepth.server.rate_limit import count_pictures
from streamdepth.server.routes.depth import all_answers, problem_responses, unless_gone
from streamdepth.server.uploads import Room, announced, read_body
from streamdepth.server.wanted import Wanted

MODEL = "/models/{name}"
_TENSOR: dict[str, Any] = {
    "type": "object",
    "required": ["name", "shape", "datatype"],
    "properties": {
        "name": {"type": "string"},
        "shape": {"type": "array", "items": {"type": "integer"}},
        "datatype": {"type": "string"},
        "parameters": {"type": "object"},
        "data": {"type": "array", "items": {}},
    },
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": f"One BYTES input, {INPUT}: a picture file each, in base64 or by the binary extension.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["inputs"],
                    "properties": {
                        "id": {"type": "string"},
                        "inputs": {"type": "array", "items": _TENSOR},
                        "outputs": {"type": "array", "items": {"type": "object"}},
                        "parameters": {"type": "object"},
                    },
                }
            },
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


def inference_routes(service: DepthService, room: Room) -> APIRouter:
    """The routes; they must run on the loop on which `service` lives."""
    router = APIRouter(prefix=PROTOCOL)

    @router.get("", summary="What this server is")
    async def server() -> dict[str, Any]:
        return {
            "name": "streamdepth",
            "version": streamdepth.__version__,
            "extensions": ["binary_tensor_data"],
        }

    @router.get("/health/live", summary="Whether it is alive")
    async def live() -> dict[str, bool]:
        return {"live": True}

    @router.get("/health/ready", summary="Whether it would infer now", responses=problem_responses(503))
    async def ready() -> dict[str, bool]:
        _check_ready(service)
        return {"ready": True}

    _add_model(router, MODEL, service, room)
    _add_model(router, f"{MODEL}/versions/{{version}}", service, room, Depends(_check_version))
    return router


def _add_model(router: APIRouter, path: str, service: DepthService, room: Room, *checks: Any) -> None:
    """What is asked of one model at `path`: on the router itself, since figures are labelled by its own routes."""

    @router.get(
        path,
        summary="Inputs and outputs of a model",
        responses=problem_responses(404, 503),
        dependencies=checks,
    )
    async def model(name: str) -> dict[str, Any]:
        return metadata(_named(service, name))

    @router.get(
        f"{path}/ready",
        summary="Whether it would infer now",
        responses=problem_responses(404, 503),
        dependencies=checks,
    )
    async def model_ready(name: str) -> JSONResponse:
        _check_ready(service)
        return JSONResponse({"name": _named(service, name), "ready": True})

    @router.post(
        f"{path}/infer",
        summary="The depth of pictures, as a tensor",
        dependencies=checks,
        openapi_extra=_BODY,
        responses=problem_responses(400, 404, 413, 415, 422, 429, 503),
        response_class=Response,
    )
    async def infer(name: str, request: Request) -> Response:
        return await _inferred(service, room, _named(service, name), request)


async def _inferred(service: DepthService, room: Room, model: str, request: Request) -> Response:
    wanted = Wanted(Form.NPY, model, size="network")
    limits = service.limits
    most = limits.bytes_at_once
    with room.taken(announced(request, most)):
        body = await read_body(request, most)
        asked = read_request(body, _json_length(request), limits.pictures)
        if any(len(upload.data) > limits.picture_bytes for upload in asked.uploads):
            raise Refused(413, f"a picture has more than {limits.picture_bytes / 1e6:g} MB (send it smaller)")
        count_pictures(request.scope, len(asked.uploads))
        keys = await service.keys(asked.uploads, wanted)
        answers = await unless_gone(
            request, all_answers(service, asked.uploads, keys, wanted, limits.answer_seconds)
        )
    maps = [np.load(io.BytesIO(answer.body)) for answer in answers]
    content, headers = write_answer(asked, maps, wanted.model)
    return Response(content, headers=headers)


def _check_version(version: str) -> None:
    if version != VERSION:
        raise Refused(404, f"there is no version {version[:40]} (ask for {VERSION}, or leave it out)")


def _check_ready(service: DepthService) -> None:
    if not service.is_ready:
        raise Refused(503, "it is not ready (ask again in a moment)", Retry_After=STARTING)


def _named(service: DepthService, name: str) -> str:
    try:
        return service.loaded.named(name).name
    except UsageError as error:
        raise Refused(404, str(error)) from error


def _json_length(request: Request) -> int | None:
    declared = request.headers.get(HEADER)
    if declared is None:
        return None
    length = whole_number(declared)
    if length is None:
        raise Refused(400, f"{HEADER} is not a number")
    return length
