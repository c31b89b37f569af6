"""Pictures are refused by their head while there is no room, and nothing else is."""

from __future__ import annotations

import asyncio

import pytest

from streamdepth.http.refusal import Refused
from streamdepth.server.admission import Admission


def ask(method, path, *, is_full):
    """The status, and under which route it is counted."""
    said = []

    def check_room():
        if is_full:
            raise Refused(429, "too much waits already", Retry_After="1")

    async def route(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        said.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": []}
    asyncio.run(Admission(route, check_room)(scope, None, send))
    return said[0]["status"], getattr(scope.get("route"), "path", None)


@pytest.mark.parametrize(
    ("path", "route"),
    [("/v1/depth", "/v1/depth"), ("/v2/models/nano/infer", "/v2/models/{name}/infer")],
)
def test_a_picture_is_refused_while_there_is_no_room(path, route):
    assert ask("POST", path, is_full=True) == (429, route)
    assert ask("POST", path, is_full=False) == (200, None)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/depth"),
        ("OPTIONS", "/v1/depth"),
        ("GET", "/v2/models/nano"),
        ("POST", "/v1/jobs"),
        ("GET", "/healthz"),
    ],
)
def test_what_needs_no_room_is_answered_always(method, path):
    assert ask(method, path, is_full=True)[0] == 200
