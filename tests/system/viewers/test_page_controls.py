"""What a viewer turns on the page, and what that does to the picture in a real browser."""

from __future__ import annotations

import threading
import time
from fractions import Fraction

import cv2
import numpy as np
import pytest

from streamdepth.errors import SourceMissing
from streamdepth.frames import DepthMap, Frame, SourceInfo
from streamdepth.pixels import Picture
from streamdepth.rendering import LAYOUTS, Renderer
from streamdepth.sources.demo.source import DemoScene
from streamdepth.sources.live.switching import Input, SwitchingSource
from streamdepth.sources.replay.paced import HeldPicture

SIZE = (320, 240)
CHANGED, SAME = 6.0, 2.0
"""Mean difference of two pictures, in steps of 255; the codec alone makes less than one."""


class TurnedDepth:
    """The true inverse depth of the held moment, in the size of a network, which a test can scale and shake."""

    def __init__(self, scene):
        self.values = cv2.resize(scene.true_inverse_depth(0), (64, 48), interpolation=cv2.INTER_AREA)
        self.factor = 1.0
        self.shakes = False
        self._count = 0

    def estimate(self, image):
        self._count += 1
        shaken = 1.6 if self.shakes and self._count % 2 else 1.0
        return DepthMap(self.values * np.float32(self.factor * shaken))


class Stream:
    """A page that shows one held moment of the demo scene: whatever changes was changed by a control."""

    def __init__(self, viewed, service, engine):
        self.viewed, self.service, self.engine = viewed, service, engine
        self.tab = viewed.tab

    def still(self):
        """The picture once it has settled: (H, W, 3) float32."""
        self.viewed.until(lambda: self.movement() < SAME / 2)
        return self.picture()

    def movement(self):
        """The largest difference between this picture and the next ones."""
        first = self.picture()
        return max(difference(first, self.next_picture()) for _ in range(3))

    def next_picture(self):
        """The picture after another one was sent."""
        sent = self.service.sent()
        self.viewed.until(lambda: self.service.sent() not in (0, sent))
        return self.picture()

    def picture(self):
        return cv2.resize(self.viewed.canvas(), (160, 120), interpolation=cv2.INTER_AREA).astype(np.float32)

    def becomes(self, picture):
        self.viewed.until(lambda: difference(self.picture(), picture) < SAME)

    def differs_from(self, picture, by=CHANGED):
        self.viewed.until(lambda: difference(self.picture(), picture) > by)


def difference(one, other):
    return np.inf if one.shape != other.shape else float(np.abs(one - other).mean())


@pytest.fixture
def stream(viewed, running_stream):
    scene = DemoScene(*SIZE, Fraction(30), 10)
    engine = TurnedDepth(scene)
    with running_stream(HeldPicture(scene), engine, Renderer()) as service:
        viewed.open(service)
        yield Stream(viewed, service, engine)
    assert viewed.complaints == []


TURNS = {
    "layout": (
        lambda tab: tab.select_option("#layout", "depth"),
        lambda tab: tab.select_option("#layout", "overlay"),
    ),
    "colormap": (
        lambda tab: tab.select_option("#colormap", "viridis"),
        lambda tab: tab.select_option("#colormap", "inferno"),
    ),
    "alpha": (lambda tab: tab.locator("#alpha").fill("0.1"), lambda tab: tab.locator("#alpha").fill("0.6")),
    "cut_beyond": (
        lambda tab: tab.locator("#cut_beyond").fill("0.4"),
        lambda tab: tab.locator("#cut_beyond").fill("1"),
    ),
    "invert": (lambda tab: tab.check("#invert"), lambda tab: tab.uncheck("#invert")),
}
KEYS = {"layout": ("l", len(LAYOUTS)), "invert": ("i", 2)}
"""Key, and how often it takes to come back to the first picture."""


@pytest.mark.parametrize("name", TURNS)
def test_each_control_changes_the_picture_and_back(stream, name):
    turn, turn_back = TURNS[name]
    before = stream.still()
    turn(stream.tab)
    stream.differs_from(before)
    turn_back(stream.tab)
    stream.becomes(before)


@pytest.mark.parametrize("name", KEYS)
def test_keys_do_the_same(stream, name):
    key, times = KEYS[name]
    before = stream.still()
    shown = stream.service.renderer
    for turn in range(times):
        look = shown.look
        stream.tab.keyboard.press(key)
        stream.viewed.until(lambda look=look: shown.look != look)
        if turn == 0:
            stream.differs_from(before)
    stream.becomes(before)


def test_keys_that_come_faster_than_answers_all_count(stream):
    for _ in range(5):
        stream.tab.keyboard.press("i")
        stream.tab.keyboard.press("l")
    renderer, fifth = stream.service.renderer, LAYOUTS[5 % len(LAYOUTS)]
    stream.viewed.until(lambda: (renderer.look.invert, renderer.look.layout) == (True, fifth))
    stream.viewed.until(lambda: stream.tab.input_value("#layout") == fifth)
    assert stream.tab.is_checked("#invert")


def after(layout):
    """The layout that the key turns to."""
    return LAYOUTS[(LAYOUTS.index(layout) + 1) % len(LAYOUTS)]


COUNT_FIGURES = """{
  const create = RTCPeerConnection.prototype.createDataChannel;
  RTCPeerConnection.prototype.createDataChannel = function (...given) {
    const channel = create.apply(this, given);
    window.figures = 0;
    channel.addEventListener("message", ({ data }) => { window.figures += "look" in JSON.parse(data); });
    return channel;
  };
}"""
"""How often the page heard how the picture looks, as it does once a second."""


def test_keys_count_however_long_an_answer_takes(viewed, service):
    held = []
    viewed.tab.add_init_script(COUNT_FIGURES)
    viewed.open(service)
    second = after(service.renderer.look.layout)
    viewed.tab.route("**/api/look", lambda route: held.append(route), times=1)
    viewed.tab.keyboard.press("l")
    viewed.until(lambda: held)
    viewed.tab.evaluate(
        "() => { const now = performance.now.bind(performance); performance.now = () => now() + 3000; }"
    )
    heard = viewed.tab.evaluate("figures")
    viewed.until(lambda: viewed.tab.evaluate("figures") > heard)  # the server still says what was before
    assert viewed.tab.input_value("#layout") == second
    viewed.tab.keyboard.press("l")
    held[0].continue_()
    viewed.until(lambda: service.renderer.look.layout == after(second))


@pytest.fixture
def held_look(viewed):
    """The page, whose question how the picture looks is only answered when this is called."""
    held, answers = [], threading.Event()
    viewed.tab.route(
        "**/api/look", lambda route: route.continue_() if answers.is_set() else held.append(route)
    )

    def answer():
        viewed.until(lambda: held)
        answers.set()
        for route in held:
            route.continue_()

    return answer


def test_keys_that_come_before_the_server_has_told_what_there_is_are_kept(viewed, service, held_look):
    viewed.tab.goto(service.sink.address)
    viewed.until(viewed.plays)
    before = service.renderer.look
    # None of them is of long ago, however long the answer takes.
    viewed.tab.evaluate("() => { const now = performance.now(); performance.now = () => now; }")
    viewed.tab.keyboard.press("i")
    viewed.tab.keyboard.press("l")
    assert viewed.told("notice") == "the keys wait for the server"
    assert service.renderer.look == before
    held_look()
    viewed.until(lambda: service.renderer.look.invert != before.invert)
    viewed.until(lambda: service.renderer.look.layout == after(before.layout))
    viewed.until(lambda: viewed.told("notice") == "")


def test_keys_of_long_ago_do_nothing_any_more(viewed, service, held_look):
    viewed.tab.goto(service.sink.address)
    viewed.until(viewed.plays)
    before = service.renderer.look
    viewed.tab.keyboard.press("i")
    viewed.tab.evaluate("() => { const now = performance.now(); performance.now = () => now + 6000; }")
    viewed.tab.keyboard.press("l")
    held_look()
    viewed.until(lambda: service.renderer.look.layout == after(before.layout))
    assert service.renderer.look.invert == before.invert


def test_sharp_edges_change_the_picture_where_depth_has_edges(stream):
    before = stream.still()
    stream.tab.select_option("#layout", "depth")
    stream.differs_from(before)
    soft = stream.still()
    stream.tab.check("#refine")
    stream.viewed.until(lambda: np.percentile(np.abs(stream.picture() - soft), 99) > 25)
    stream.tab.uncheck("#refine")
    stream.becomes(soft)


def test_a_range_that_is_held_shows_when_depth_grows(stream):
    stream.tab.uncheck("#stabilise")
    before = stream.still()
    stream.tab.check("#range_locked")
    stream.viewed.until(lambda: stream.service.renderer.range_is_locked)
    stream.engine.factor = 2.0
    stream.differs_from(before)
    stream.tab.uncheck("#range_locked")
    stream.becomes(before)  # the range follows again, and the scale of relative depth does not matter


def test_steadying_is_turned_off_and_on(stream):
    stream.engine.shakes = True
    stream.viewed.until(lambda: stream.movement() < SAME)
    stream.tab.uncheck("#stabilise")
    stream.viewed.until(lambda: stream.movement() > CHANGED)
    stream.tab.check("#stabilise")
    stream.viewed.until(lambda: stream.movement() < SAME)


def test_sliders_say_their_values_and_the_legend_has_the_colours(viewed, running_service):
    nearest = "() => [...document.getElementById('colours').getContext('2d').getImageData(255, 0, 1, 1).data]"
    with running_service() as service:
        viewed.open(service)
        viewed.until(lambda: viewed.tab.evaluate(nearest) == [252, 255, 164, 255])  # of inferno
        viewed.tab.locator("#cut_beyond").fill("0.4")
        assert viewed.told("cut_beyond_value") == "nearest 40 %"
        assert viewed.tab.get_attribute("#cut_beyond", "aria-valuetext") == "nearest 40 %"
        assert viewed.told("alpha_value") == "60 % depth"
        viewed.tab.check("#invert")
        viewed.until(lambda: viewed.tab.evaluate(nearest) == [0, 0, 4, 255])


def test_what_another_viewer_turns_is_shown(stream):
    stream.service.renderer.next_colormap()
    chosen = stream.service.renderer.look.colormap
    stream.viewed.until(lambda: stream.tab.input_value("#colormap") == chosen)
    stream.service.renderer.stabilises = False
    stream.viewed.until(lambda: not stream.tab.is_checked("#stabilise"))


def test_the_question_mark_lists_the_keys(viewed, service):
    viewed.open(service)
    for key in ("?", "h"):
        viewed.tab.keyboard.press(key)
        assert viewed.tab.is_visible("#keys")
        viewed.tab.keyboard.press("Escape")
        assert not viewed.tab.is_visible("#keys")


def test_with_one_input_there_is_nothing_to_choose(viewed, service):
    viewed.open(service)
    assert not viewed.tab.is_visible("#input")


class PlainPicture:
    """One picture of one colour, or one that is not there."""

    def __init__(self, size, colour):
        self.info = SourceInfo(*size, Fraction(5), False, 1.0, kind="image", frame_count=1)
        self._image = np.full((size[1], size[0], 3), colour, np.uint8)

    def read(self):
        return Frame(0, Fraction(0), time.monotonic(), Picture.of_bgr(self._image))

    def close(self):
        pass


class SlopingDepth:
    def estimate(self, image):
        return DepthMap(np.linspace(0, 1, 64 * 48, dtype=np.float32).reshape(48, 64))


def is_missing():
    raise SourceMissing("there is no file /films/street.mp4", "check the path")


GREEN, BLUE = (40, 200, 40), (200, 40, 40)
INPUTS = [
    Input("garden", lambda: HeldPicture(PlainPicture(SIZE, GREEN))),
    Input("sea", lambda: HeldPicture(PlainPicture((400, 240), BLUE))),
    Input("street.mp4", is_missing),
]


@pytest.fixture
def switched(viewed, running_stream):
    source = SwitchingSource(INPUTS[0].open(), INPUTS)
    with running_stream(source, SlopingDepth(), Renderer(alpha=0.0)) as service:
        viewed.open(service)
        yield viewed
    assert viewed.complaints == []


def shows(viewed, colour, size):
    canvas = viewed.canvas()
    right = canvas is not None and canvas.shape[1::-1] == size
    return right and abs(canvas[120, 160].astype(int) - colour[::-1]).max() < 20


def test_another_input_is_chosen_and_shown_in_its_own_size(switched):
    switched.until(lambda: shows(switched, GREEN, SIZE))
    options = switched.tab.locator("#input option").all_text_contents()
    assert options == ["garden", "sea", "street.mp4"]
    switched.tab.select_option("#input", label="sea")
    switched.until(lambda: shows(switched, BLUE, (400, 240)))
    switched.tab.keyboard.press("Escape")
    switched.until(lambda: switched.told("notice") == "")
    switched.tab.select_option("#input", label="garden")
    switched.until(lambda: shows(switched, GREEN, SIZE))


def test_an_input_that_cannot_be_shown_leaves_the_old_one_and_the_page_says_why(switched):
    switched.tab.select_option("#input", label="street.mp4")
    switched.until(lambda: switched.told("notice") == "street.mp4: there is nothing of that name")
    switched.until(lambda: switched.tab.input_value("#input") == "0")
    assert shows(switched, GREEN, SIZE)


def test_a_key_chooses_the_next_input(switched):
    switched.tab.keyboard.press("n")
    switched.until(lambda: shows(switched, BLUE, (400, 240)))
