"""What the log has of a request."""

from __future__ import annotations

import asyncio
import logging

import pytest

from streamdepth.server.figures import Figures
from streamdepth.server.observed import Observed, shown_path

NAME = "8yS4aFqzXq-a-camera"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (f"/live/{NAME}", "/live/***"),
        (f"/whip/{NAME}/an-id", "/whip/***/an-id"),
        (f"/whep/{NAME}", "/whep/***"),
        (f"/stream/{NAME}", "/stream/***"),
        (f"/snapshot/{NAME}", "/snapshot/***"),
        (f"/depth/{NAME}.mkv", "/depth/***"),
        (f"/api/cameras/{NAME}/state", "/api/cameras/***/state"),
        ("/live", "/live"),
        ("/live/", "/live/"),
        ("/v1/jobs/holidays", "/v1/jobs/holidays"),
        ("/static/live/page.css", "/static/live/page.css"),
    ],
)
def test_the_name_of_a_live_stream_is_not_in_the_log(path, shown):
    assert shown_path(path) == shown


def test_neither_the_line_nor_its_fields_have_it(caplog):
    async def answer(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def ignore(message):
        pass

    caplog.set_level(logging.INFO)
    scope = {"type": "http", "method": "GET", "path": f"/live/{NAME}", "headers": [], "client": None}
    asyncio.run(Observed(answer, Figures())(scope, None, ignore))
    (record,) = caplog.records
    assert "/live/***" in record.getMessage()
    assert record.fields["path"] == "/live/***"


@pytest.mark.parametrize(
    ("path", "status", "level"),
    [
        ("/static/base.css", 200, logging.DEBUG),
        ("/static/base.css", 304, logging.DEBUG),
        ("/static/nope.js", 404, logging.INFO),
        ("/live", 200, logging.INFO),
        ("/v1/depth", 200, logging.INFO),
    ],
)
def test_what_pages_are_made_of_is_for_who_looks_for_a_fault(path, status, level, caplog):
    async def answer(_scope, _receive, send):
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def ignore(_message):
        pass

    caplog.set_level(logging.DEBUG, "streamdepth.access")
    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "client": None}
    asyncio.run(Observed(answer, Figures())(scope, None, ignore))
    assert [record.levelno for record in caplog.records] == [level]
    caplog.clear()
    caplog.set_level(logging.INFO, "streamdepth.access")
    asyncio.run(Observed(answer, Figures())(scope, None, ignore))
    assert len(caplog.records) == (level == logging.INFO)
