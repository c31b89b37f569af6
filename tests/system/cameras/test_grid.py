"""The page of several cameras in a real browser: a picture of each, and each alone."""

from __future__ import annotations

from fractions import Fraction

import pytest
from services import REPORT
from stamped_feed import HEIGHT, RATE, WIDTH, Feed

from streamdepth.frames import SourceInfo
from streamdepth.live.encoder import LiveEncoder
from streamdepth.rendering import Renderer
from streamdepth.viewers.cameras import Listed
from streamdepth.viewers.service import WebService
from streamdepth.viewers.settings import WebSettings
from streamdepth.viewers.sink import StreamSink
from streamdepth.viewers.state import RunFacts
from streamdepth.viewers.stream import Shown

TOKEN = "correct-horse"


class TwoAndOneThatFailed:
    are_several, may_change = True, False

    def listed(self):
        return [
            Listed("front", "demo"),
            Listed("back", "demo"),
            Listed("gone", "rtsp://x/1", "failed (no answer)"),
        ]


@pytest.fixture
def address():
    service = WebService(
        WebSettings(port=0, token=TOKEN), lambda line: pytest.fail(line), TwoAndOneThatFailed()
    )
    service.start()
    closing = []
    for name, first in (("front", 100), ("back", 20_000)):
        encoder = LiveEncoder(SourceInfo(WIDTH, HEIGHT, Fraction(RATE), True, 1.0))
        shown = Shown(encoder, Renderer(), RunFacts(lambda: REPORT, lambda: (29.5, 0.03, 2)))
        sink = StreamSink(service, name, shown)
        feed = Feed(encoder, sink)
        feed.number = first
        closing += [feed.stop, sink.close, encoder.close]
    yield service.address
    for close in closing:
        close()
    service.close()


def test_the_grid_shows_each_camera_and_leads_to_the_page_of_one(viewed, address):
    tab = viewed.tab
    tab.goto(address)

    def shown(name):
        return tab.evaluate(
            f"document.querySelector('[data-camera={name}] img')?.complete"
            f" && document.querySelector('[data-camera={name}] img').naturalWidth"
        )

    viewed.until(lambda: shown("front") == shown("back") == WIDTH)
    assert viewed.told("word") == "2 of 3 live"
    assert tab.text_content("[data-camera=gone] .condition") == "failed (no answer)"
    tab.click("[data-camera=back]")
    viewed.until(lambda: "/cameras/back" in tab.url)
    viewed.until(lambda: tab.evaluate("document.querySelector('video')?.currentTime > 0.2"))
    assert viewed.complaints == []
