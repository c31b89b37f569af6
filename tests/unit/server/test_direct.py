"""What is answered in front of the routes, and how it is refused and counted."""

from __future__ import annotations

import asyncio

import pytest
from fastapi.responses import Response

from streamdepth.errors import SourceError
from streamdepth.http.refusal import Refused
from streamdepth.server.direct import Direct

PATH = "/v1/depth"


def ask(endpoint, method="POST", path=PATH):
    """The status, and under which route it is counted; 418 is that of the routes behind."""
    said = []

    async def behind(scope, receive, send):
        await send({"type": "http.response.start", "status": 418})

    async def send(message):
        said.append(message)

    async def refuse(_request, error):
        return Response(status_code=error.status if isinstance(error, Refused) else 422)

    scope = {"type": "http", "method": method, "path": path, "headers": [], "query_string": b""}
    asyncio.run(Direct(behind, {PATH: endpoint}, refuse)(scope, None, send))
    return said[0]["status"], getattr(scope.get("route"), "path", None)


def raising(error):
    async def endpoint(_request):
        raise error

    return endpoint


async def answering(request):
    return Response(status_code=200 if request.url.path == PATH else 500)


def test_a_post_is_answered_by_its_endpoint():
    assert ask(answering) == (200, PATH)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", PATH), ("OPTIONS", PATH), ("POST", "/v1/depth/"), ("POST", "/v1/jobs")]
)
def test_all_else_goes_on_to_the_routes(method, path):
    assert ask(answering, method, path) == (418, None)


@pytest.mark.parametrize(
    ("error", "status"), [(Refused(413, "too long"), 413), (SourceError("it is no picture"), 422)]
)
def test_what_the_endpoint_will_not_answer_is_refused_and_counted(error, status):
    assert ask(raising(error)) == (status, PATH)


def test_what_nobody_thought_of_goes_on_to_who_logs_it():
    with pytest.raises(ZeroDivisionError):
        ask(raising(ZeroDivisionError()))
