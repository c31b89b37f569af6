"""The page in a real browser: it plays, says what is wrong, and comes back."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from itertools import combinations

import cv2
import pytest
from stamped_feed import PATIENCE
from viewed_pages import between

OVER = "the run has ended; this page goes on when another begins"
IS_RELOADED = "() => performance.getEntriesByType('navigation')[0].type === 'reload'"


def of_now(viewed, service):
    """Whether the picture is less than half a second old."""
    return 0 <= service.feed.number - viewed.stamp() < 15


def test_it_plays_the_right_picture_of_now(viewed, service):
    viewed.open(service)
    viewed.until(viewed.stamp)
    shown = viewed.canvas()
    assert shown.shape == (240, 320, 3)
    for x, expected in zip((50, 160, 270), ([0, 0, 200], [0, 200, 0], [200, 0, 0]), strict=True):
        assert abs(shown[200, x].astype(int) - expected).max() < 16
    viewed.until(lambda: of_now(viewed, service))
    assert viewed.complaints == []


COUNT_PICTURES = """() => {
  const video = document.querySelector("video");
  const next = () => video.requestVideoFrameCallback((_now, metadata) => {
    window.shown = metadata.presentedFrames;
    next();
  });
  next();
}"""


def all_are_shown(viewed, service):
    """Whether of ninety pictures that were sent nearly all were shown."""
    first = between(service.sent, lambda: viewed.tab.evaluate("window.shown"))
    viewed.until(lambda: service.sent() - first[1] >= 90)
    last = between(service.sent, lambda: viewed.tab.evaluate("window.shown"))
    fewest, most = last[0] - first[1], last[1] - first[0]
    return 0.85 * fewest <= last[2] - first[2] <= most + 5


def test_it_plays_every_picture_that_is_sent(viewed, service):
    """Against the count of the server and not the clock: a busy machine may draw fewer than the source gives.

    Nor does its browser show all while others have the processors; they go away again.
    """
    viewed.open(service)
    viewed.tab.evaluate(COUNT_PICTURES)
    viewed.until(lambda: viewed.tab.evaluate("window.shown"))
    viewed.until(lambda: all_are_shown(viewed, service), 2 * PATIENCE)


def test_it_plays_again_after_a_reload_and_the_first_viewing_is_gone(viewed, service, until):
    viewed.open(service)
    viewed.tab.reload()
    viewed.until(viewed.plays)
    assert viewed.until(viewed.stamp) > 0
    until(lambda: service.viewers() == 1)


@pytest.mark.parametrize("part", ["live/page.js", "live/statistics.js", "live/page.css"])
def test_it_is_loaded_again_where_a_part_did_not_come(viewed, service, part):
    viewed.tab.route(f"**/static/{part}", lambda route: route.abort("internetdisconnected"), times=1)
    viewed.tab.goto(service.sink.address)
    viewed.tab.wait_for_function(IS_RELOADED)
    viewed.until(viewed.plays)
    assert viewed.complaints == []


def test_it_waits_for_the_server_before_it_is_loaded_again(viewed, running_service):
    with running_service() as service:
        port = service.sink.address.rstrip("/").rpartition(":")[2]
        viewed.tab.route("**/static/live/page.js", lambda route: route.abort(), times=1)
        viewed.tab.goto(service.sink.address)
    failed = []
    viewed.tab.on("requestfailed", lambda request: failed.append(request))
    viewed.until(lambda: len(failed) >= 2)
    with running_service(port=int(port)):
        viewed.tab.wait_for_function(IS_RELOADED)
        viewed.until(viewed.plays)


def test_it_asks_again_where_nothing_says_whether_the_server_is_back(viewed, service):
    heads = []

    def leave_unanswered(route):
        heads.append(route) if route.request.method == "HEAD" and not heads else route.fallback()

    viewed.tab.route("**/*", leave_unanswered)
    viewed.tab.route("**/static/live/page.js", lambda route: route.abort(), times=1)
    viewed.tab.goto(service.sink.address, wait_until="commit")
    viewed.until(lambda: heads)
    viewed.tab.wait_for_function(IS_RELOADED)
    viewed.until(viewed.plays)


def test_single_pictures_go_on_where_the_server_hung_up(viewed, service):
    """Browsers show the last one for ever, and do not say that no more come."""
    part = b"--x\r\nContent-Type: image/jpeg\r\n\r\n" + service.ask("/snapshot.jpg")[2] + b"\r\n"
    asked, kind = [], "multipart/x-mixed-replace; boundary=x"
    viewed.tab.on("request", lambda request: "stream.mjpg" in request.url and asked.append(request))
    viewed.tab.add_init_script("delete window.RTCPeerConnection")
    viewed.tab.route(
        "**/stream.mjpg*", lambda route: route.fulfill(body=3 * part, content_type=kind), times=1
    )
    viewed.tab.goto(service.sink.address, wait_until="commit")
    viewed.until(lambda: len(asked) > 1, patience=20)
    viewed.until(lambda: "live" in viewed.tab.evaluate("document.querySelector('#figures').value"))
    assert viewed.complaints == []


def test_it_comes_back_by_itself_when_the_server_hung_up(viewed, service):
    viewings = []
    viewed.tab.on("response", lambda answer: answer.status == 201 and viewings.append(answer))
    viewed.open(service)
    first = "/" + viewings[-1].headers["location"]  # it is relative, and beside /whep
    before = service.feed.number
    assert service.ask(first, "DELETE")[0] == 200
    viewed.until(lambda: len(viewings) > 1)
    viewed.until(lambda: viewed.stamp() > before)


def test_it_comes_back_within_two_seconds_of_a_server_that_started_again(viewed, running_service):
    with running_service() as service:
        port = service.sink.address.rstrip("/").rpartition(":")[2]
        viewed.open(service)
        viewed.until(viewed.stamp)
    viewed.until(lambda: "another begins" in viewed.told("word"))
    with running_service(port=int(port)) as service:
        viewed.soon(lambda: viewed.told("word") == "" and of_now(viewed, service), 2.0)
        viewed.until(lambda: viewed.tab.is_enabled("#layout"))


def test_it_says_that_the_run_has_ended_and_keeps_to_that_while_nobody_answers(viewed, running_service):
    failed = []
    with running_service() as service:
        viewed.open(service)
        viewed.until(viewed.stamp)
    viewed.until(lambda: viewed.told("word") == OVER)
    viewed.tab.on("requestfailed", lambda request: failed.append(request))
    viewed.until(lambda: len(failed) >= 3)  # it has asked again in vain
    assert viewed.told("word") == OVER
    assert viewed.tab.is_disabled("#layout")  # there is nobody whom it could turn


def test_a_server_that_is_gone_without_a_word_is_told_as_that(viewed, running_service, monkeypatch):
    monkeypatch.setattr("streamdepth.viewers.peers.viewer.Viewer.send_end", lambda _viewer: None)
    with running_service() as service:
        viewed.open(service)
        viewed.until(viewed.stamp)
    viewed.until(lambda: "does not answer" in viewed.told("word"))


def test_a_new_server_takes_back_that_the_run_has_ended(viewed, running_service):
    with running_service() as service:
        port = service.sink.address.rstrip("/").rpartition(":")[2]
        viewed.open(service)
        viewed.until(viewed.stamp)
    viewed.until(lambda: viewed.told("word") == OVER)
    with running_service(port=int(port), fed=False):
        viewed.until(lambda: viewed.told("word") == "there is no picture yet; this page tries again")
    viewed.until(lambda: "does not answer" in viewed.told("word"))


def test_its_words_are_read_over_a_picture_that_has_some_itself(viewed, service):
    viewed.open(service)
    service.feed.go_away("connection refused")
    viewed.until(lambda: viewed.told("word") != "")
    box = viewed.tab.evaluate(
        "(({ top, bottom }) => [top, bottom])(document.getElementById('said').getBoundingClientRect())"
    )
    height = viewed.tab.evaluate("document.getElementById('stage').clientHeight")
    assert 0 <= box[0] < box[1] < 0.4 * height
    ground = viewed.tab.evaluate("getComputedStyle(document.getElementById('said')).backgroundColor")
    assert ground.startswith("rgb("), f"{ground} lets the picture through"


def test_it_asks_for_a_token_that_is_missing_or_wrong_and_keeps_it(viewed, running_service):
    with running_service(token="correct-horse") as service:
        viewed.tab.goto(service.url)
        viewed.until(lambda: viewed.told("word") == "This stream asks for a token.")
        for given in ("wrong-horse", "correct-horse"):
            viewed.tab.get_by_label("Token").fill(given)
            viewed.tab.get_by_role("button", name="Watch").click()
            if given == "wrong-horse":
                viewed.until(lambda: viewed.told("word") == "That token is wrong.")
        viewed.until(viewed.plays)
        assert not viewed.tab.is_visible("#ask-token")
        viewed.tab.reload()
        viewed.until(viewed.plays)
        viewed.open(service)  # with the token in its address


def test_the_last_picture_stays_dimmed_when_the_server_is_gone(viewed, running_service):
    with running_service() as service:
        viewed.open(service)
        viewed.until(viewed.stamp)
    viewed.until(lambda: viewed.told("word") == OVER)
    last = viewed.tab.evaluate(
        """() => {
          const still = document.getElementById("still");
          const [red, green, blue] = still.getContext("2d").getImageData(50, 200, 1, 1).data;
          return { hidden: still.hidden, filter: getComputedStyle(still).filter, colour: [red, green, blue] };
        }"""
    )
    assert not last["hidden"]
    assert "brightness(0.5)" in last["filter"]
    assert abs(last["colour"][2] - 200) < 16
    assert viewed.tab.get_attribute("body", "data-state") == "gone"


def test_the_space_bar_freezes_the_picture_here_and_lets_it_go_on(viewed, service):
    frozen = "() => !document.getElementById('still').hidden"
    viewed.open(service)
    viewed.tab.keyboard.press(" ")
    viewed.until(lambda: viewed.tab.evaluate(frozen))
    number = service.feed.number
    viewed.until(lambda: service.feed.number > number + 5)
    assert viewed.tab.evaluate(frozen)
    viewed.tab.keyboard.press(" ")
    viewed.until(lambda: not viewed.tab.evaluate(frozen))


def test_it_says_that_too_many_watch_and_plays_when_one_leaves(viewed, running_service, watching, until):
    async def scenario(service):
        async with watching(service) as other:
            await asyncio.to_thread(done.wait, 3 * PATIENCE)
            await asyncio.to_thread(service.ask, other.location, "DELETE")

    done = threading.Event()
    with running_service(max_viewers=1) as service:
        holder = threading.Thread(target=lambda: asyncio.run(scenario(service)))
        holder.start()
        try:
            until(lambda: service.viewers() == 1)
            viewed.tab.goto(service.sink.address)
            viewed.until(lambda: "1 watch already" in viewed.told("word"))
            assert "tries again" in viewed.told("word")
            done.set()
            viewed.until(viewed.plays)
        finally:
            done.set()
            holder.join(PATIENCE)


def test_it_says_that_many_come_at_once_and_plays_when_it_is_its_turn(viewed, service):
    refused = {"status": 429, "json": {"error": "too many offers at once"}}
    viewed.tab.route("**/whep?*", lambda route: route.fulfill(**refused))
    viewed.tab.goto(service.sink.address)
    viewed.until(lambda: viewed.told("word") == "too many offers at once; this page tries again")
    viewed.tab.unroute("**/whep?*")
    viewed.until(viewed.plays)


def test_it_says_that_there_is_no_picture_yet_and_plays_when_there_is(viewed, running_service):
    with running_service(fed=False) as service:
        viewed.tab.goto(service.sink.address)
        viewed.until(lambda: viewed.told("word") == "there is no picture yet; this page tries again")
        with service.fed():
            viewed.until(viewed.plays)


def test_it_says_that_the_picture_stands_still(viewed, running_service):
    with running_service() as service:
        viewed.open(service)
        service.feed.stop()
        viewed.until(lambda: "stands still" in viewed.told("word"))


def test_it_says_that_the_source_is_away_why_and_for_how_long(viewed, running_service):
    with running_service() as service:
        viewed.open(service)
        went = time.monotonic()
        service.feed.go_away("connection refused")
        viewed.until(
            lambda: viewed.told("word") == "the source is away: connection refused; it is tried again"
        )
        first = viewed.until(lambda: seconds_away(viewed))
        viewed.until(lambda: seconds_away(viewed) > first)
        assert seconds_away(viewed) <= time.monotonic() - went
        service.feed.come_back()
        viewed.until(lambda: viewed.told("word") == "")


def seconds_away(viewed):
    """That it tells, 0 while it tells none."""
    told = re.fullmatch(r"for (\d+) s", viewed.told("since"))
    return int(told[1]) if told else 0


def test_a_snapshot_is_the_picture_that_is_shown(viewed, service, tmp_path):
    viewed.open(service)
    with viewed.tab.expect_download() as waiting:
        viewed.tab.click("button[data-key=s]")
    saved = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(saved)
    assert saved.suffix == ".png"
    image = cv2.imread(str(saved))
    assert image.shape[:2] == (240, 320)
    assert abs(int(image[200, 50, 0]) - 200) < 16


@pytest.mark.parametrize("details", [False, True])
@pytest.mark.parametrize(("size", "touched"), [((390, 844), True), ((1280, 720), False)])
def test_nothing_of_it_is_cut_off_and_the_video_is_as_large_as_fits(viewed, service, size, touched, details):
    viewed.tab.set_viewport_size({"width": size[0], "height": size[1]})
    devtools = viewed.tab.context.new_cdp_session(viewed.tab)
    devtools.send("Emulation.setTouchEmulationEnabled", {"enabled": touched})
    viewed.open(service)
    assert viewed.tab.evaluate("matchMedia('(pointer: coarse)').matches") is touched
    if details:
        viewed.tab.keyboard.press("d")
        viewed.until(lambda: viewed.told("all-figures"))
    outside = """() => {
      const parts = [...document.querySelectorAll("#controls > *, button, select, input, output, #video, #details")];
      return parts.filter((part) => part.offsetParent !== null).filter((part) => {
        part.scrollIntoView({ block: "nearest" });
        const box = part.getBoundingClientRect();
        const fits = box.right <= innerWidth + 1 && box.bottom <= innerHeight + 1;
        return !(fits && box.left >= 0 && box.top >= 0 && box.height > 0);
      }).map((part) => part.outerHTML);
    }"""
    assert viewed.tab.evaluate(outside) == []
    widest = """() => {
      document.getElementById("figures").value =
        "live, 30 pictures a second, 12.3 s late, the line loses pictures, 34 % of pictures in time";
      return document.documentElement.scrollWidth;
    }"""
    assert viewed.tab.evaluate(widest) <= size[0]
    box = viewed.tab.locator("#video").bounding_box()
    assert box == viewed.tab.locator("#stage").bounding_box()
    assert box["y"] >= 0, "it stays in sight while the controls are scrolled"
    assert box["height"] >= 0.25 * size[1]


@pytest.mark.parametrize("picture", [(640, 240), (240, 400)])
def test_on_a_phone_a_picture_of_any_shape_is_as_wide_as_the_screen(viewed, service, stamped, picture):
    service.feed.draw = lambda number: stamped(number, *picture)
    viewed.tab.set_viewport_size({"width": 390, "height": 844})
    viewed.open(service)
    size = "[document.querySelector('video').videoWidth, document.querySelector('video').videoHeight]"
    viewed.until(lambda: viewed.tab.evaluate(size) == list(picture))
    box = viewed.tab.locator("#stage").bounding_box()
    assert (box["x"], box["width"]) == (0, 390)


def overlap(one, other):
    return all(
        one[at] + one[size] > other[at] + 1 and other[at] + other[size] > one[at] + 1
        for at, size in (("x", "width"), ("y", "height"))
    )


def test_on_a_phone_that_lies_all_boxes_are_of_one_size_and_the_keys_begin_with_the_first(viewed, service):
    viewed.tab.set_viewport_size({"width": 844, "height": 390})
    devtools = viewed.tab.context.new_cdp_session(viewed.tab)
    devtools.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    viewed.open(service)
    viewed.tab.hover("#stage")
    viewed.until(lambda: viewed.told("pointer"))
    for width, height in ((568, 320), (667, 331), (740, 360), (844, 390)):
        viewed.tab.set_viewport_size({"width": width, "height": height})
        stage, panel, *others = (
            viewed.tab.locator(part).bounding_box() for part in ("#stage", "#panel", "#pointer", "#buttons")
        )
        assert stage["x"] + stage["width"] <= panel["x"], "the controls are beside the picture"
        assert not any(overlap(*pair) for pair in combinations(filter(None, (stage, panel, *others)), 2)), (
            width
        )
    boxes = viewed.tab.locator("input[type=checkbox]:visible")
    sizes = {
        (round(box["width"], 1), round(box["height"], 1))
        for box in (one.bounding_box() for one in boxes.all())
    }
    assert len(sizes) == 1
    viewed.tab.keyboard.press("?")
    dialog, first = (viewed.tab.locator(part).bounding_box() for part in ("#keys", "#keys dt >> nth=0"))
    assert first["y"] >= dialog["y"]


def test_it_is_worked_with_the_keyboard_alone_and_shows_where_that_is(viewed, service):
    viewed.open(service)
    reached = []
    for _ in range(30):
        viewed.tab.keyboard.press("Tab")
        here = viewed.tab.evaluate(
            """() => {
              const at = document.activeElement;
              const name = at.labels?.[0]?.textContent ?? at.getAttribute("aria-label") ?? at.textContent;
              return { id: at.id || at.dataset.key, name: name.trim(), outline: getComputedStyle(at).outlineStyle };
            }"""
        )
        if here["id"] in [one["id"] for one in reached]:
            break
        reached.append(here)
    assert {"layout", "colormap", "alpha", "cut_beyond", "invert", " ", "f", "s", "d", "?"} <= {
        one["id"] for one in reached
    }
    named = [one for one in reached if one["id"]]
    assert all(one["name"] for one in named)
    assert {one["outline"] for one in named} == {"solid"}
