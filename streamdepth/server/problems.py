"""Problem details (RFC 9457): the one form in which the service says no."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from http.client import responses
from typing import Any

from fastapi.responses import Response

from streamdepth.errors import (
    DiskFull,
    ModelError,
    Overloaded,
    SinkError,
    SourceError,
    StreamdepthError,
    Trouble,
    UsageError,
)
from streamdepth.http.refusal import Refused
from streamdepth.server.jobs.store import StoreAway, StoreFull

PROBLEM = "application/problem+json"
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457: what is wrong with a request, and what to do about it.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "error": {"type": "string", "description": "The same as `detail`, below /v2 alone."},
    },
}
PROTOCOL = "/v2"
"""Of the paths of the Open Inference Protocol."""
CLIENT_LEFT = 499
"""For the log alone, where proxies write the same: nobody reads the answer."""
_OF_TROUBLE = {Trouble.TOO_LARGE: 413, Trouble.CODEC: 415}


def refusal_of(error: StreamdepthError) -> Refused:
    """How a request is answered that ended in one of our errors."""
    if isinstance(error, Overloaded):
        return Refused(429, str(error), Retry_After=whole_seconds(error.retry_after))
    if isinstance(error, DiskFull):
        return Refused(507, "there is too little room on the disk of this service (ask again later)")
    if isinstance(error, StoreFull):
        return Refused(503, "jobs cannot be kept now, for want of room (ask again later)", Retry_After="10")
    if isinstance(error, StoreAway):
        return Refused(503, "jobs cannot be looked up now (ask again in a moment)", Retry_After="2")
    if isinstance(error, SinkError):
        return Refused(503, "jobs cannot be kept now (the log of the service says why)", Retry_After="10")
    if isinstance(error, SourceError):
        return Refused(_OF_TROUBLE.get(error.trouble, 422), str(error))
    if isinstance(error, UsageError):
        return Refused(422, str(error))
    return Refused(500, str(error) if isinstance(error, ModelError) else "the service failed")


def failed() -> Refused:
    """How a request is answered that ended in what nobody thought of."""
    return Refused(500, "the service failed (its log says why)")


def problem_answer(refused: Refused) -> Response:
    """The body and the headers of a refusal."""
    return _Problem(refused)


class _Problem(Response):
    """Says its sentence once more as `error` to clients of the Open Inference Protocol, who look nowhere else."""

    def __init__(self, refused: Refused, **more: str) -> None:
        self._refused = refused
        phrase = responses.get(refused.status, "Client Closed Request")
        body = {"type": "about:blank", "title": phrase, "status": refused.status, "detail": refused.sentence}
        content = json.dumps({**body, **more}, ensure_ascii=False)
        super().__init__(content, refused.status, refused.headers, PROBLEM)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, as ASGI has it."""
        is_protocols = scope["path"].startswith(PROTOCOL)
        answer = _Problem(self._refused, error=self._refused.sentence) if is_protocols else self
        await Response.__call__(answer, scope, receive, send)


def whole_seconds(seconds: float) -> str:
    """As `Retry-After` has them: one at least."""
    return str(max(1, math.ceil(seconds)))
