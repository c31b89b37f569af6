"""A view of one's own: the stream that carries depth, drawn by the page of a real browser."""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np
import pytest
from own_views import MOST_ERROR, SIZE, TrueDepth, drawn_by, error_of, map_of
from stamped_feed import stamp, stamp_of

import streamdepth
from streamdepth.frames import DepthMap
from streamdepth.metres.calibration import load_calibration
from streamdepth.metres.ruler import COVERED, MOVED, OTHER_SHAPE
from streamdepth.rendering import Renderer
from streamdepth.rendering.normalise import normalise
from streamdepth.sources.demo.source import DemoScene
from streamdepth.sources.replay.paced import HeldPicture


def drawn(viewed):
    return drawn_by(viewed.tab.evaluate)


@pytest.fixture
def stream(running_stream):
    scene = DemoScene(*SIZE, Fraction(15), 10)
    with running_stream(HeldPicture(scene), TrueDepth(scene), Renderer()) as service:
        yield service


@pytest.fixture
def own(viewed):
    """Opens the page with an own view; gives it back when something is drawn."""

    def opening(service):
        viewed.open(service)
        viewed.tab.check("#own")
        viewed.until(lambda: drawn(viewed) is not None)
        return viewed

    yield opening
    assert viewed.complaints == []


def test_it_is_drawn_also_where_its_colours_did_not_come_at_once(viewed, stream):
    viewed.tab.add_init_script("localStorage.setItem('streamdepth own view', 'yes')")
    lost = []
    viewed.tab.route("**/static/colours.json", lambda route: lost.append(route.abort()), times=2)
    viewed.open(stream)
    viewed.until(lambda: len(lost) == 2 and drawn(viewed) is not None)
    assert viewed.complaints == []


def test_depth_on_the_canvas_is_that_of_the_server(own, stream):
    page = own(stream)
    page.tab.select_option("#colormap", "gray")
    page.tab.select_option("#layout", "depth")
    page.until(lambda: error_of(page.tab.evaluate, stream) <= MOST_ERROR)
    page.until(lambda: [content for content, _ in shared_by(stream)] == ["depth"])


def test_what_one_chooses_nobody_else_sees_and_one_encode_is_enough_for_all(own, browser, stream):
    page = own(stream)
    other, third = (type(page)(browser.new_page()) for _ in range(2))
    try:
        for tab in (other, third):
            tab.open(stream)  # the choice of an own view is kept
            tab.until(lambda tab=tab: drawn(tab) is not None)
        before = stream.renderer.look
        page.tab.select_option("#layout", "side-by-side")
        other.tab.select_option("#layout", "depth")
        third.tab.select_option("#layout", "depth")
        third.tab.select_option("#colormap", "gray")
        page.until(lambda: drawn(page).shape[1] == 2 * SIZE[0])
        other.until(lambda: drawn(other).shape[1] == SIZE[0])
        third.until(lambda: colour_of(third) < 4 < colour_of(other))
        assert stream.renderer.look == before
        page.until(lambda: shared_by(stream) == [("depth", 3)])
        page.tab.keyboard.press("t")
        other.until(lambda: not other.tab.is_checked("#stabilise"))  # depth itself is the same for all
    finally:
        other.tab.close()
        third.tab.close()


def shared_by(stream):
    """The content and the viewers of each encoder."""
    return [(one["content"], one["viewers"]) for one in stream.state()["encoders"]]


class Wandering(DemoScene):
    """A bar that goes from left to right and comes back as another number; its depth is where it is."""

    def draw(self, slot):
        image = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
        stamp(image, slot)
        image[80:, self.bar(slot)] = 200
        return image

    def estimate(self, image):
        values = np.full((96, 128), 2.0, np.float32)
        values[:, :8] = 0.0
        bar = self.bar(stamp_of(image))
        values[32:, int(bar.start * 0.4) : int(bar.stop * 0.4)] = 4.0
        return DepthMap(values)

    def bar(self, slot):
        left = 30 + 10 * (slot % 25)
        return slice(left, left + 20)


class Keeping(Renderer):
    """Keeps what viewers are to see of each picture, by its number."""

    def __init__(self):
        super().__init__(stabilise=False)
        self.kept = {}

    def __call__(self, estimate):
        rendered = super().__call__(estimate)
        self.kept[stamp_of(estimate.frame.picture.bgr)] = rendered.scaled
        return rendered


def test_what_is_drawn_is_depth_of_its_picture_or_of_the_one_before(own, running_stream):
    source, renderer = Wandering(*SIZE, Fraction(15), None, live=True), Keeping()
    with running_stream(source, source, renderer) as service:
        page = own(service)
        page.tab.select_option("#colormap", "gray")
        page.tab.select_option("#layout", "side-by-side")
        page.until(lambda: drawn(page).shape[1] == 2 * SIZE[0])
        behind, errors = zip(*(depth_of_drawn(drawn(page), renderer.kept) for _ in range(10)), strict=True)
    assert set(behind) <= {0, 1}
    assert np.mean(errors) <= MOST_ERROR


def depth_of_drawn(seen, kept):
    """By how many pictures the depth is behind the picture that it is drawn beside, and its mean error in levels."""
    number = stamp_of(seen[:, : SIZE[0]])
    grey = seen[:, SIZE[0] :].astype(float).mean(axis=2)
    numbers = sorted(kept)
    place = numbers.index(number)

    def error(behind):
        scaled = kept[numbers[place - behind]]
        return float(np.abs(grey - normalise(scaled.depth.values, scaled.span, SIZE)).mean())

    behind = min(range(-2, 4), key=lambda n: error(n) if 0 <= place - n < len(numbers) else np.inf)
    return behind, error(behind)


def test_what_is_recorded_on_the_page_is_the_stream_of_all_and_comes_back_as_it_was_seen(
    own, stream, tmp_path
):
    page = own(stream)
    page.tab.click("#record")
    # It comes by half seconds, and what is not whole is lost where it is ended.
    page.until(lambda: re.fullmatch(r"(?!0:0[01])\d:\d\d, \d+\.\d MB", page.told("record_size")))
    page.until(lambda: shared_by(stream) == [("depth", 2)])  # the page itself may come anew
    with page.tab.expect_download() as download:
        page.tab.click("#record")
    download.value.save_as(tmp_path / "street.mkv")
    assert page.told("record_word") == ""
    source = streamdepth.open_source(tmp_path / "street.mkv")
    frame = source.read()
    source.close()
    seen = normalise(frame.depth.values, frame.span, SIZE).astype(float)
    assert np.abs(seen - map_of(stream)).mean() <= MOST_ERROR


def test_in_space_the_scene_is_turned_with_the_keyboard(own, stream):
    page = own(stream)
    page.tab.select_option("#layout", "points")
    page.until(lambda: drawn(page).shape[:2] != SIZE[::-1])
    page.tab.evaluate("document.activeElement.blur()")
    page.tab.keyboard.press("ArrowLeft")  # it sways until it is touched
    page.until(lambda: len(np.unique(drawn(page))) > 32)
    before = settled(page)
    for _ in range(5):
        page.tab.keyboard.press("ArrowRight")
    page.until(lambda: np.abs(drawn(page).astype(int) - before).mean() > 5)
    assert page.tab.is_visible("#deep")


def colour_of(page):
    """Levels, in the mean, that the primaries of what is drawn lie apart."""
    return np.ptp(drawn(page).astype(int), axis=2).mean()


def settled(page):
    """What is drawn once it is drawn the same again: (H, W, 3) of whole numbers."""
    page.until(lambda: movement(page) < 1)
    return drawn(page).astype(int)


def movement(page):
    one = drawn(page).astype(int)
    page.tab.wait_for_timeout(150)
    other = drawn(page)
    return np.inf if other.shape != one.shape else np.abs(other - one).mean()


def test_a_click_chooses_what_is_singled_out(own, stream):
    page = own(stream)
    mixed = settled(page)
    page.tab.locator("#alpha").fill("0")
    page.until(lambda: np.abs(drawn(page).astype(int) - mixed).mean() > 5)
    plain = settled(page)
    page.tab.check("#isolates")
    box = page.tab.locator("#drawn").bounding_box()
    scale = min(box["width"] / SIZE[0], box["height"] / SIZE[1])
    nearest = np.unravel_index(np.argmax(map_of(stream)), SIZE[::-1])
    x, y = ((place + 0.5 - size / 2) * scale for place, size in zip(nearest[::-1], SIZE, strict=True))
    page.tab.mouse.click(box["x"] + box["width"] / 2 + x, box["y"] + box["height"] / 2 + y)
    page.until(lambda: np.abs(drawn(page).astype(int) - plain).mean() > 10)
    seen, near = drawn(page).astype(int), map_of(stream)
    kept, others = near > 240, near < 100
    assert np.abs(seen - plain)[kept].mean() < 4
    assert np.ptp(seen[others], axis=1).mean() < 4, "all else is grey"


def test_without_webgl_there_is_the_picture_of_all(viewed, service):
    viewed.tab.add_init_script(
        """{
          const real = HTMLCanvasElement.prototype.getContext;
          HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
            return kind === "webgl2" ? null : real.call(this, kind, ...rest);
          };
        }"""
    )
    viewed.open(service)
    assert not viewed.tab.is_visible("#own_row")
    assert viewed.until(viewed.stamp) > 0
    assert service.stream()["content"] == "picture"


def test_the_facts_of_a_picture_are_those_described_for_it_or_of_one_before(viewed, service):
    viewed.tab.goto(service.sink.address)
    found = viewed.tab.evaluate(
        """async () => {
          const { DepthView } = await import("/static/live/depth_view.js");
          const view = { descriptions: [0xfffffff0, 5, 100].map((rtp) => ({ stamp: { rtp } })) };
          const of = (stamp) => DepthView.prototype.factsAt.call(view, stamp).stamp.rtp;
          return [0xfffffff5, 4, 5, 99, 100, 5000, undefined, 0xffffff00].map(of);
        }"""
    )
    first, second, third = 0xFFFFFFF0, 5, 100
    assert found == [first, first, second, second, third, third, third, first]


def test_clicked_points_with_their_metres_give_metres_under_the_pointer_and_a_file(
    viewed, running_stream, tmp_path
):
    scene = DemoScene(*SIZE, Fraction(15), 10)
    engine = TrueDepth(scene)
    with running_stream(HeldPicture(scene), engine, Renderer(), model="nano") as service:
        viewed.open(service)
        viewed.tab.click("#distances_begin")
        box = viewed.tab.locator("#video").bounding_box()
        scale = min(box["width"] / SIZE[0], box["height"] / SIZE[1])
        for row, column in ((90, 10), (70, 110), (60, 64)):  # of the map, 128x96
            x, y = ((column + 0.5) / 128 - 0.5) * SIZE[0] * scale, ((row + 0.5) / 96 - 0.5) * SIZE[1] * scale
            viewed.tab.mouse.click(box["x"] + box["width"] / 2 + x, box["y"] + box["height"] / 2 + y)
            viewed.tab.keyboard.type(f"{1 / engine.values[row, column]:.2f}")
        viewed.tab.click("#distances_use")
        viewed.until(lambda: "known from 3 distances" in viewed.told("distances_word"))
        near = np.unravel_index(np.argmax(engine.values), engine.values.shape)
        x, y = ((place + 0.5) / n - 0.5 for place, n in zip(near[::-1], (128, 96), strict=True))
        viewed.tab.mouse.move(
            box["x"] + box["width"] / 2 + x * SIZE[0] * scale,
            box["y"] + box["height"] / 2 + y * SIZE[1] * scale,
        )
        told = viewed.until(
            lambda: re.search(r"^([\d.]+) m \((within \d+ %)\), nearer", viewed.told("pointer"))
        )
        assert abs(float(told[1]) * engine.values.max() - 1) < 0.1
        assert told[2] in viewed.told("distances_word")
        assert_fits(viewed)
        with viewed.tab.expect_download() as download:
            viewed.tab.click("#distances_keep")
        download.value.save_as(tmp_path / "camera.metres")
    assert load_calibration(tmp_path / "camera.metres").fit.points == 3


SIZES = [(1440, 900), (1280, 720), (1000, 700), (900, 700), (800, 700), (390, 844), (360, 640)]
TELLS = """async (told) => {
  const { Pointer } = await import("/static/live/pointer.js");
  Pointer.prototype.show.call({ at: [0, 0] }, { depth: -14.25, nearer_than: 0.913, ...told });
  const line = document.getElementById("pointer");
  return [line.value, line.scrollHeight <= line.clientHeight];
}"""


def assert_fits(viewed):
    """What is told of metres is seen to its end, from a desk to a phone."""
    withheld = [{"metres": None, "withheld": reason} for reason in (MOVED, COVERED, OTHER_SHAPE)]
    for width, height in SIZES:
        viewed.tab.set_viewport_size({"width": width, "height": height})
        for told in ({"metres": 12.34, "within": 0.113}, *withheld):
            text, fits = viewed.tab.evaluate(TELLS, told)
            assert fits, (width, text)
