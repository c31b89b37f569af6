from datetime import datetime
from fractions import Fraction

import cv2
import numpy as np
import pytest

from streamdepth.errors import ViewerLeft
from streamdepth.frames import DepthMap, Estimate, Frame, Rendered
from streamdepth.pixels import Picture
from streamdepth.sinks.window import HELP, MESSAGE_SECONDS, WindowSink, first_size, snapshot_name
from streamdepth.stages import Pollable


class FakeWindow:
    """Records what is shown; `keys` are pressed one after another."""

    def __init__(self):
        self.keys = []
        self.shown = []
        self.opened = []
        self.closed = 0
        self.there = False

    def open(self, width, height):
        self.opened.append((width, height))
        self.there = True

    def show(self, image):
        assert self.there
        self.shown.append(image)

    def next_key(self):
        return self.keys.pop(0) if self.keys else None

    def is_open(self):
        return self.there

    def close(self):
        self.closed += 1


class FakeControls:
    def __init__(self):
        self.calls = []

    def next_colormap(self):
        self.calls.append("colormap")
        return "viridis"

    def next_layout(self):
        self.calls.append("layout")
        return "depth"

    def change_alpha(self, delta):
        self.calls.append(("alpha", round(delta, 3)))
        return 0.65

    def toggle_invert(self):
        self.calls.append("invert")
        return True

    def toggle_range_lock(self):
        self.calls.append("range")
        return True


class Preview:
    """A WindowSink on a fake window, with a clock that the test sets."""

    def __init__(self):
        self.window, self.controls, self.notes, self.now = FakeWindow(), FakeControls(), [], 100.0
        self.sink = WindowSink(
            controls=self.controls,
            environ={},
            notify=self.notes.append,
            backend=self.window,
            clock=lambda: self.now,
        )

    def show(self, grey=0, width=320, height=240):
        self.sink.write(rendered(grey, width, height))

    def press(self, *keys):
        self.window.keys += keys
        self.sink.poll()

    @property
    def on_screen(self):
        return self.window.shown[-1]

    def has_caption(self):
        return len(np.unique(self.on_screen)) > 1


def rendered(grey, width, height):
    picture = Picture.of_bgr(np.full((height, width, 3), grey, np.uint8))
    depth = DepthMap(np.zeros((8, 8), np.float32))
    return Rendered(Estimate(Frame(0, Fraction(0), 0.0, picture), depth, 0.01), picture)


@pytest.fixture
def preview():
    preview = Preview()
    preview.show(grey=50)
    return preview


def test_the_window_opens_with_the_first_frame_and_shows_it_as_it_is(preview):
    assert preview.window.opened == [(320, 240)]
    assert np.array_equal(preview.on_screen, np.full((240, 320, 3), 50, np.uint8))


def test_nothing_is_opened_before_the_first_frame():
    preview = Preview()
    preview.press("c")
    preview.sink.close()
    assert preview.window.opened == []
    assert preview.window.closed == 0


def test_the_window_is_closed_with_the_sink(preview):
    preview.sink.close(complete=False)
    assert preview.window.closed == 1


def test_it_is_looked_after_while_no_frame_comes(preview):
    assert isinstance(preview.sink, Pollable)


@pytest.mark.parametrize(
    ("key", "call"),
    [
        ("c", "colormap"),
        ("C", "colormap"),
        ("l", "layout"),
        ("i", "invert"),
        ("r", "range"),
        ("+", ("alpha", 0.05)),
        ("=", ("alpha", 0.05)),
        ("-", ("alpha", -0.05)),
    ],
)
def test_a_key_turns_its_control(preview, key, call):
    preview.press(key)
    assert preview.controls.calls == [call]


def test_all_keys_pressed_between_two_frames_count(preview):
    preview.press("c", "l", "i")
    assert preview.controls.calls == ["colormap", "layout", "invert"]


def test_a_key_held_down_does_not_stop_the_video(preview):
    preview.window.keys = ["+"] * 1000
    preview.show(grey=90)
    assert len(preview.window.keys) > 900


@pytest.mark.parametrize("key", ["x", "", "\r"])
def test_other_keys_do_nothing(preview, key):
    preview.press(key)
    assert preview.controls.calls == []
    assert len(preview.window.shown) == 1


@pytest.mark.parametrize("key", ["q", "Q", "\x1b"])
def test_quitting_tells_that_the_viewer_left(preview, key):
    with pytest.raises(ViewerLeft):
        preview.press(key)


def test_quitting_counts_while_a_frame_is_written(preview):
    preview.window.keys = ["q"]
    with pytest.raises(ViewerLeft):
        preview.show()


def test_closing_the_window_tells_that_the_viewer_left(preview):
    preview.window.there = False
    with pytest.raises(ViewerLeft):
        preview.sink.poll()


def test_a_closed_window_is_not_drawn_on_again(preview):
    preview.window.there = False
    with pytest.raises(ViewerLeft):
        preview.show(grey=90)
    assert len(preview.window.shown) == 1


def test_what_a_key_did_is_told_on_the_picture_and_goes_away_without_a_frame(preview):
    preview.press("c")
    assert preview.has_caption()
    preview.now += MESSAGE_SECONDS - 0.01
    preview.show(grey=50)
    assert preview.has_caption()
    preview.now += 0.01
    preview.sink.poll()
    assert not preview.has_caption()


def test_an_unchanged_picture_is_not_drawn_again_by_polling(preview):
    preview.press()
    preview.press()
    assert len(preview.window.shown) == 1


def test_the_words_leave_the_frame_itself_alone(preview):
    preview.press("h")
    assert not np.shares_memory(preview.on_screen, preview.window.shown[0])
    assert np.all(preview.window.shown[0] == 50)


def test_space_freezes_the_picture_and_lets_it_go_on(preview):
    preview.press(" ")
    preview.show(grey=200)
    assert preview.on_screen[0, 0, 0] == 50
    assert preview.has_caption()
    preview.press(" ")
    preview.show(grey=200)
    assert np.all(preview.on_screen == 200)


def test_help_is_shown_until_it_is_asked_away(preview):
    preview.press("h")
    preview.now += 60
    preview.show(grey=50)
    assert preview.has_caption()
    preview.press("h")
    assert not preview.has_caption()


def test_the_help_names_every_key():
    keys = "".join(line.split(":")[0] for line in HELP)
    assert all(key in keys for key in ("c", "l", "+", "-", "i", "space", "s", "h", "q"))


@pytest.mark.parametrize(("width", "height"), [(64, 48), (90, 1600), (1600, 90), (3840, 2160)])
def test_the_help_fits_into_any_picture(width, height):
    preview = Preview()
    preview.show(50, width, height)
    preview.press("h")
    edge = np.concatenate([preview.on_screen[:, -1], preview.on_screen[-1]])
    assert preview.on_screen.shape == (height, width, 3)
    assert edge.max() <= 60, "no letter reaches the right or lower edge"
    assert preview.on_screen.max() > 90, "there are letters"


def test_a_snapshot_is_the_picture_without_the_words(preview, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    preview.press("h", "s")
    (path,) = tmp_path.iterdir()
    assert preview.notes == [f"snapshot: {path.name}"]
    assert np.array_equal(cv2.imread(str(path)), np.full((240, 320, 3), 50, np.uint8))


def test_a_snapshot_that_cannot_be_written_is_told_and_the_view_goes_on(preview, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tmp_path.rmdir()
    preview.press("s")
    (note,) = preview.notes
    assert note.startswith("no snapshot: ")
    preview.show(grey=90)


def test_a_snapshot_is_named_by_its_time():
    at = datetime(2025, 1, 31, 23, 59, 58, 7_999)
    assert snapshot_name(at) == "streamdepth-20250131-235958-007.png"


def test_a_picture_of_another_shape_gets_bars_and_is_not_distorted(preview):
    preview.show(200, width=640, height=240)
    bars, inside = preview.on_screen[[0, 59, 180, 239]], preview.on_screen[62:178]
    assert preview.on_screen.shape == (240, 320, 3)
    assert np.all(bars == 0)
    assert np.all(inside == 200)


def test_the_window_opens_no_larger_than_a_screen():
    assert first_size(1920, 1080) == (1280, 720)
    assert first_size(1080, 1920) == (450, 800)
    assert first_size(640, 360) == (640, 360)
    assert first_size(100_000, 10) == (1280, 1)
