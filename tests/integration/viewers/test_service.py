"""Several streams of one service: each by its name, the first also without one."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from fractions import Fraction

import pytest
from services import REPORT, Asking, Watcher
from stamped_feed import HEIGHT, RATE, WIDTH, Feed, stamp_of, until

from streamdepth.errors import SinkError
from streamdepth.frames import SourceInfo
from streamdepth.live.encoder import LiveEncoder
from streamdepth.rendering import Renderer
from streamdepth.viewers.peers import registry
from streamdepth.viewers.service import WebService
from streamdepth.viewers.settings import WebSettings
from streamdepth.viewers.sink import StreamSink
from streamdepth.viewers.state import RunFacts
from streamdepth.viewers.stream import Shown

TRICKLE = "application/trickle-ice-sdpfrag"


@contextmanager
def running(service, name, first):
    """A stream whose stamps begin with a number."""
    encoder = LiveEncoder(SourceInfo(WIDTH, HEIGHT, Fraction(RATE), True, 1.0))
    shown = Shown(encoder, Renderer(), RunFacts(lambda: REPORT, lambda: (29.5, 0.03, 2)))
    sink = StreamSink(service, name, shown)
    feed = Feed(encoder, sink, first=first)
    try:
        yield sink
    finally:
        feed.stop()
        sink.close()
        encoder.close()


@pytest.fixture
def service():
    service = WebService(WebSettings(port=0, max_viewers=2), lambda line: pytest.fail(line))
    service.start()
    yield service
    service.close()


@pytest.fixture
def asking(service):
    return Asking(service.address)


class Named(Asking):
    """Offers go to the stream of a name."""

    def __init__(self, address, name):
        super().__init__(address)
        self._name = name

    def post_offer(self, sdp, _place="/whep", **headers):
        return super().post_offer(sdp, f"/whep/{self._name}", **headers)


def lives(asking, name):
    return lambda: asking.ask(f"/snapshot/{name}.jpg")[0] == 200


def test_a_service_without_a_stream_says_that_there_is_no_picture_yet(asking):
    assert asking.ask("/healthz")[0] == 503
    assert asking.ask("/snapshot.jpg")[0] == 503
    assert asking.post_offer("v=0")[0] == 503


def test_each_stream_has_its_own_pictures_state_and_look(service, asking):
    async def seen(name):
        watcher = Watcher(Named(service.address, name))
        try:
            return stamp_of(await (await watcher.watch()).picture())
        finally:
            await watcher.connection.close()

    with running(service, "front", 100), running(service, "back", 20_000):
        until(lives(asking, "front"))
        until(lives(asking, "back"))
        assert 100 <= asyncio.run(seen("front")) < 20_000 <= asyncio.run(seen("back"))
        asking.ask(
            "/api/cameras/back/look", "PATCH", b'{"colormap": "turbo"}', Content_Type="application/json"
        )
        maps = [json.loads(asking.ask(f"/api{place}/look")[2])["colormap"] for place in ("", "/cameras/back")]
        assert maps == ["inferno", "turbo"]
        assert asking.ask("/api/cameras/side/state")[0] == 404
        assert asking.ask("/whep/back", "OPTIONS")[1]["Accept-Post"] == "application/sdp"
        assert asking.ask("/whep/some-viewer", "OPTIONS")[1]["Accept-Patch"] == TRICKLE


def test_a_stream_that_ends_tells_its_viewers_and_no_others(service, asking):
    async def scenario(back):
        staying, leaving = Watcher(Named(service.address, "front")), Watcher(Named(service.address, "back"))
        try:
            await staying.watch()
            await leaving.watch()
            await leaving.message("condition")
            await asyncio.to_thread(back.close)
            assert (await leaving.message("ended"))["ended"]
            assert asking.ask("/snapshot/back.jpg")[0] == 404
            await staying.picture()
            assert asking.state()["viewers"]["now"] == 1
        finally:
            await staying.connection.close()
            await leaving.connection.close()

    with running(service, "front", 0), running(service, "back", 0) as back:
        until(lives(asking, "front"))
        until(lives(asking, "back"))
        asyncio.run(scenario(back))


def test_places_are_those_of_all_streams_and_one_who_does_not_connect_gives_its_own_up(
    service, asking, monkeypatch
):
    async def offered(name):
        watcher = Watcher(None)
        try:
            return Named(service.address, name).post_offer(await watcher.offer())
        finally:
            await watcher.connection.close()

    with running(service, "front", 0), running(service, "back", 0):
        until(lives(asking, "front"))
        until(lives(asking, "back"))
        monkeypatch.setattr(registry, "CONNECT_PATIENCE_IF_FULL", 600.0)
        answers = [asyncio.run(offered(name)) for name in ("front", "front", "back")]
        assert [status for status, _, _ in answers] == [201, 201, 503]
        monkeypatch.setattr(registry, "CONNECT_PATIENCE_IF_FULL", 0.0)
        assert asyncio.run(offered("back"))[0] == 201
        assert asking.ask(answers[0][1]["Location"], "DELETE")[0] == 404
        assert asking.ask(answers[1][1]["Location"], "DELETE")[0] == 200


def test_who_comes_while_a_stream_ends_is_told_so_at_once_and_holds_no_place(service, asking, monkeypatch):
    async def offered():
        watcher = Watcher(None)
        try:
            return Named(service.address, "front").post_offer(await watcher.offer())
        finally:
            await watcher.connection.close()

    with running(service, "front", 0) as front:
        until(lives(asking, "front"))

        async def turn(_pace):
            await asyncio.to_thread(front.close)

        monkeypatch.setattr(registry.RateLimit, "turn", turn)
        status, headers, body = asyncio.run(offered())
        assert (status, headers["Retry-After"]) == (503, "5")
        assert b"the stream has just ended" in body
        with running(service, "back", 0):
            until(lives(asking, "back"))
            assert asking.state()["viewers"]["now"] == 0


def test_a_service_that_has_ended_takes_no_stream(service):
    service.close()
    encoder = LiveEncoder(SourceInfo(WIDTH, HEIGHT, Fraction(RATE), True, 1.0))
    try:
        with pytest.raises(SinkError, match="start again"):
            service.open("late", Shown(encoder, Renderer(), RunFacts(dict, lambda: (0.0, 0.0, 0))))
    finally:
        encoder.close()
