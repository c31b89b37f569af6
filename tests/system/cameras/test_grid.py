"""The page of several cameras in a real browser: a picture of each, and each alone."""

from __future__ import annotations

from fractions import Fraction
from urllib.parse import urlsplit

import pytest
from nginx import below_a_path, needs_nginx
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
BEHIND = "this machine does not keep up with pictures of 5120x2880"
COLOUR = "(part) => getComputedStyle(document.querySelector(part)).color"
LINES = """() => {
  const range = document.createRange();
  range.selectNodeContents(document.querySelector("h1"));
  return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
}"""


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
    for name, first, behind in (("front", 100, ""), ("back", 20_000, BEHIND)):
        encoder = LiveEncoder(SourceInfo(WIDTH, HEIGHT, Fraction(RATE), True, 1.0))
        facts = RunFacts(lambda: REPORT, lambda: (29.5, 0.03, 2), behind=lambda told=behind: told)
        shown = Shown(encoder, Renderer(), facts)
        sink = StreamSink(service, name, shown)
        feed = Feed(encoder, sink)
        feed.number = first
        closing += [feed.stop, sink.close, encoder.close]
    yield service.address
    for close in closing:
        close()
    service.close()


@pytest.fixture(params=["at the root", pytest.param("below a path", marks=needs_nginx)])
def any_address(request, address, tmp_path):
    if request.param == "at the root":
        yield address
        return
    service = urlsplit(address)
    with below_a_path(tmp_path, service.port) as front:
        yield f"{front}/#{service.fragment}"


def test_the_grid_shows_each_camera_and_leads_to_the_page_of_one(viewed, any_address):
    tab, address = viewed.tab, any_address
    tab.goto(address)

    def shown(name):
        return tab.evaluate(
            f"document.querySelector('[data-camera={name}] img')?.complete"
            f" && document.querySelector('[data-camera={name}] img').naturalWidth"
        )

    viewed.until(lambda: shown("front") == shown("back") == WIDTH)
    viewed.until(lambda: viewed.told("word") == "2 of 3 live")
    said = [tab.text_content(f"[data-camera=gone] .{part}") for part in ("condition", "figures")]
    assert said == ["failed", "no answer"]
    columns = "getComputedStyle(document.getElementById('cameras')).gridTemplateColumns.split(' ').length"
    assert tab.evaluate(columns) == 2, "few cameras fill the screen"
    assert tab.evaluate("document.documentElement.scrollHeight <= innerHeight")
    tab.click("[data-camera=back]")
    viewed.until(lambda: "/cameras/back" in tab.url)
    viewed.until(lambda: tab.evaluate("document.querySelector('video')?.currentTime > 0.2"))
    assert (tab.title(), tab.text_content("h1")) == ("streamdepth: back", "back")
    tab.click("text=all cameras")
    viewed.until(lambda: shown("front") == WIDTH)
    assert viewed.complaints == []


def test_it_is_loaded_again_where_a_part_did_not_come(viewed, address):
    viewed.tab.route("**/static/asking.js", lambda route: route.abort(), times=1)
    viewed.tab.goto(address)
    viewed.tab.wait_for_function("() => document.querySelector('#word').textContent === '2 of 3 live'")


def test_a_picture_that_never_comes_is_asked_for_again(viewed, address):
    tab = viewed.tab
    tab.clock.install()
    asked = []
    tab.route("**/snapshot/front.jpg*", lambda route: asked.append(route), times=1)  # without an answer
    tab.goto(address)
    viewed.until(lambda: asked)
    tab.clock.fast_forward(20_000)
    viewed.until(lambda: tab.locator("[data-camera=front].seen").count())


def test_a_camera_without_a_picture_keeps_its_place_and_one_that_is_behind_stands_out(viewed, address):
    tab = viewed.tab
    tab.goto(address)
    viewed.until(lambda: tab.locator(".tile").count() == 3 and tab.locator(".seen").count() == 2)

    def height_of_picture(name):
        tile, words = (tab.locator(f"[data-camera={name}]{part}").bounding_box() for part in ("", " .name"))
        return round(words["y"] - tile["y"])

    assert height_of_picture("gone") == height_of_picture("front") > 100
    assert not tab.is_visible("[data-camera=gone] img")
    viewed.until(lambda: tab.text_content("[data-camera=back] .figures") == BEHIND)
    colours = {name: tab.evaluate(COLOUR, f"[data-camera={name}] .figures") for name in ("front", "back")}
    assert colours["back"] != colours["front"]


def test_the_figures_of_a_camera_are_what_is_known_of_it(viewed, address):
    figures = {"latency_ms": 30, "dropped": 2, "behind": "", "viewers": 0}
    known = {
        "new": ({"condition": "starting", "rate": 0.0, "age_ms": None}, "rtsp://x/1"),
        "first": ({"condition": "live", "rate": 0.0, "age_ms": 1400}, "last picture 1 s ago"),
        "quick": ({"condition": "live", "rate": 15.0, "age_ms": 40}, "15.0 depth maps/s, 30 ms, 2 dropped"),
        "slow": ({"condition": "live", "rate": 0.05, "age_ms": 40}, "0.05 depth maps/s, 30 ms, 2 dropped"),
        "lost": (
            {"condition": "away (no answer)", "rate": 0.0, "age_ms": 2_040_000},
            "no answer, last picture 34 min ago",
        ),
        "gone": ({"condition": "failed (no answer)"}, "no answer"),
    }
    cameras = [
        {"name": name, "source": "rtsp://x/1", **(figures if "rate" in told else {}), **told}
        for name, (told, _) in known.items()
    ]
    tab = viewed.tab
    tab.route("**/api/cameras", lambda route: route.fulfill(json={"may_change": False, "cameras": cameras}))
    tab.goto(address)
    viewed.until(lambda: tab.locator(".tile").count() == len(known))
    for name, (_, words) in known.items():
        assert tab.text_content(f"[data-camera={name}] .figures") == words


def test_a_long_reason_stays_inside_its_tile_and_leaves_the_others_as_they_are(viewed, address):
    reason = (
        f"rtsp://***@192.168.100.200:8554/{'cam' * 30} refuses the user name or password; it is tried again"
    )
    cameras = [
        {"name": "locked", "source": "rtsp://x/1", "condition": f"starting ({reason} (put both into it))"},
        {"name": "failed", "source": "rtsp://x/1", "condition": "failed (no answer)"},
        {"name": "new", "source": "rtsp://x/1", "condition": "starting"},
    ]
    tab = viewed.tab
    tab.route("**/api/cameras", lambda route: route.fulfill(json={"may_change": False, "cameras": cameras}))
    for width, height in ((1280, 800), (390, 844)):
        tab.set_viewport_size({"width": width, "height": height})
        tab.goto(address)
        viewed.until(lambda: tab.locator(".tile").count() == 3)
        assert tab.text_content("[data-camera=locked] .figures") == f"{reason} (put both into it)"
        assert tab.text_content("[data-camera=locked] .condition") == "starting"
        tile, words = (
            tab.locator(f"[data-camera=locked]{part}").bounding_box() for part in ("", " .figures")
        )
        assert tile["x"] < words["x"] < words["x"] + words["width"] < tile["x"] + tile["width"]
        assert tab.evaluate("document.querySelector('[data-camera=locked]').scrollWidth") <= tile["width"]
        tops = [
            tab.locator(f"[data-camera={name}] .name").bounding_box()["y"]
            - tab.locator(f"[data-camera={name}]").bounding_box()["y"]
            for name in ("locked", "failed", "new")
        ]
        assert max(tops) - min(tops) < 1


def test_the_name_of_a_camera_is_not_broken_on_a_phone(viewed, address):
    tab = viewed.tab
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto(address.replace("/#", "/cameras/back#"))
    viewed.until(lambda: tab.text_content("h1") == "back")
    tab.evaluate("document.getElementById('figures').value = 'live, 12 pictures a second, 13.5 s late'")
    assert tab.evaluate(LINES) == 1
    tab.evaluate("document.querySelector('h1').textContent = 'a'.repeat(60)")
    assert tab.evaluate(LINES) > 1
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


PANEL = ("record", "distances_begin", "zones_begin")


def test_the_page_of_no_camera_says_so_and_offers_nothing_to_do_with_it(viewed, address):
    tab = viewed.tab
    tab.goto(address.replace("/#", "/cameras/nope#"))
    viewed.until(lambda: viewed.told("word") == "there is no camera of this name")
    offered = [*(f"#{part}" for part in PANEL), "[data-key=d]", "[data-key=s]"]
    assert not any(tab.is_visible(part) for part in offered)
    assert tab.is_visible("text=all cameras")
    tab.click("text=all cameras")
    viewed.until(lambda: tab.locator("[data-camera=back]").count() == 1)
    tab.click("[data-camera=back]")
    viewed.until(lambda: all(tab.is_visible(part) for part in offered))
    assert viewed.complaints == []
