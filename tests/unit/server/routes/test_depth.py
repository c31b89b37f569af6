"""What a request for pictures says of itself."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from streamdepth.server.routes.depth import _patience


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ("wait=5", 5.0),
        ("respond-async, wait=5", 5.0),
        ("Wait = 5", 5.0),
        ('wait="5"', 5.0),
        ("wait=0.5", 0.5),
        ("wait=0", 0.0),
        ("wait=99999999", 30.0),
        ("wait=soon", 30.0),
        ("await=5", 30.0),
        ("", 30.0),
    ],
)
def test_a_client_waits_as_long_as_it_prefers_up_to_the_bound(prefer, seconds):
    request = Request({"type": "http", "headers": [(b"prefer", prefer.encode())]})
    assert _patience(request, 30.0) == seconds
