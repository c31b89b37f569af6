import re
from fractions import Fraction

import cv2
import numpy as np
import pytest
from places import REPOSITORY

from streamdepth.errors import ViewerLeft
from streamdepth.frames import DepthMap, Estimate, Frame, Playhead, PlayState, Rendered
from streamdepth.pixels import Picture
from streamdepth.protocols import Pollable
from streamdepth.sinks.window.protocols import Pointed
from streamdepth.sinks.window.sink import HELP, MESSAGE_SECONDS, RESULT_SECONDS, WindowSink
from streamdepth.sources.live.switching import Choice


class FakeWindow:
    """Records what is shown; `keys` are pressed one after another."""

    def __init__(self, screen=(1600, 1000)):
        self.keys = []
        self.pointed = []
        self.shown = []
        self.opened = []
        self.closed = 0
        self.there = False
        self.monitors = screen
        self.content = (0, 0)
        self.before = None

    def screen(self):
        return self.monitors

    def open(self, width, height):
        self.opened.append((width, height))
        self.content = (width, height)
        self.there = True

    def resize(self, width, height):
        self.content = (width, height)

    def size(self):
        return self.content

    def fill_screen(self, wanted):
        self.content, self.before = (self.monitors, self.content) if wanted else (self.before, None)

    def show(self, image):
        assert self.there
        self.shown.append(image)

    def next_key(self):
        return self.keys.pop(0) if self.keys else None

    def next_pointed(self):
        return self.pointed.pop(0) if self.pointed else None

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

    def toggle_stabilise(self):
        self.calls.append("steady")
        return False

    def toggle_refine(self):
        self.calls.append("edges")
        return True


class FakeWords:
    """Paints its letters' size into the top left corner."""

    def __init__(self):
        self.shown = True

    def draw(self, image, size):
        if self.shown:
            image[0, 0] = size

    def toggle(self):
        self.shown = not self.shown
        return self.shown


class Preview:
    """A WindowSink on a fake window, with a clock that the test sets."""

    def __init__(self, screen=(1600, 1000), **options):
        self.window, self.controls, self.notes, self.now = FakeWindow(screen), FakeControls(), [], 100.0
        self.sink = WindowSink(
            controls=self.controls,
            environ={},
            notify=self.notes.append,
            backend=self.window,
            clock=lambda: self.now,
            **options,
        )

    def show(self, grey=0, width=640, height=480, frame=None, pixel_aspect=Fraction(1)):
        self.sink.write(rendered(grey, width, height, frame, pixel_aspect))

    def press(self, *keys):
        self.window.keys += keys
        self.sink.poll()

    @property
    def on_screen(self):
        return self.window.shown[-1]

    def has_caption(self):
        return len(np.unique(self.on_screen)) > 1


def rendered(grey, width, height, frame=None, pixel_aspect=Fraction(1)):
    """A picture, made of a frame of its own size or of the size `frame`."""
    picture, origin = (
        Picture.of_bgr(np.full((rows, columns, 3), grey, np.uint8))
        for columns, rows in ((width, height), frame or (width, height))
    )
    depth = DepthMap(np.zeros((8, 8), np.float32))
    return Rendered(
        Estimate(Frame(0, Fraction(0), 0.0, origin, pixel_aspect=pixel_aspect), depth, 0.01), picture
    )


@pytest.fixture
def preview():
    preview = Preview()
    preview.show(grey=50)
    return preview


def test_the_window_opens_with_the_first_frame_and_shows_it_as_it_is(preview):
    assert preview.window.opened == [(640, 480)]
    assert np.array_equal(preview.on_screen, np.full((480, 640, 3), 50, np.uint8))


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
        ("t", "steady"),
        ("e", "edges"),
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


@pytest.mark.parametrize("key", ["x", "", "\r", "left", "up"])
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
    for key in "h?":
        preview.press(key)
        preview.now += 60
        preview.show(grey=50)
        assert preview.has_caption()
        preview.press(key)
        assert not preview.has_caption()


def told_keys():
    """The words before the colon in each line of the help, such as `+`, `and`, `-`."""
    return {key for line in HELP for key in line.partition(":")[0].split(" ")}


def test_the_help_names_every_key(preview):
    told_otherwise = {" ": "space", "left": "arrows", "right": "arrows", "up": "arrows", "down": "arrows"}
    as_another_does = {"=", "f11", "\x1b"}
    keys = {told_otherwise.get(key, key) for key in preview.sink._actions}
    assert keys - as_another_does == told_keys() - {"and", "or"}


def test_the_keys_of_the_page_do_the_same_here():
    """But for the small picture above other windows and the viewer's own view, which are matters of browsers."""
    folder = REPOSITORY / "streamdepth/pages/static/live"
    keys = set()
    for script, table in (("keys.js", "ACTIONS"), ("controls.js", "TURNS")):
        text = (folder / script).read_text("utf-8")
        actions = re.search(rf"const {table} = \{{\n(.*?)\n\}};", text, re.DOTALL)[1]
        keys |= set(re.findall(r'^  "?(.)"?:', actions, re.MULTILINE))
    assert len(keys) > 15
    assert keys - {"p", "v", " ", "="} <= told_keys()


@pytest.mark.parametrize(("width", "height"), [(64, 48), (90, 1600), (1600, 90), (3840, 2160)])
def test_the_help_fits_into_any_window(width, height):
    preview = Preview()
    preview.show(50, width, height)
    preview.window.content = (width, height)
    preview.press("h")
    edge = np.concatenate([preview.on_screen[:, -1], preview.on_screen[-1]])
    assert preview.on_screen.shape == (height, width, 3)
    assert edge.max() <= 60, "no letter reaches the right or lower edge"
    assert preview.on_screen.max() > 90, "there are letters"


def test_a_snapshot_is_the_picture_without_the_words(preview, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    preview.press("h", "f", "s")
    (path,) = tmp_path.iterdir()
    assert preview.notes == [f"snapshot: {path.name}"]
    assert np.array_equal(cv2.imread(str(path)), np.full((480, 640, 3), 50, np.uint8))


def test_a_snapshot_that_cannot_be_written_is_told_and_the_view_goes_on(preview, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tmp_path.rmdir()
    preview.press("s")
    (note,) = preview.notes
    assert note.startswith("no snapshot: ")
    preview.show(grey=90)


def test_a_picture_of_another_shape_gets_bars_and_is_not_distorted(preview):
    preview.show(200, width=1280, height=480)
    bars, inside = preview.on_screen[[0, 119, 360, 479]], preview.on_screen[120:360]
    assert preview.on_screen.shape == (480, 640, 3)
    assert np.all(bars == 0)
    assert np.all(inside == 200)


def test_another_layout_gets_a_window_of_its_shape_and_the_old_one_its_own_again(preview):
    preview.show(200, 1280, 480, frame=(640, 480))
    assert preview.window.content == preview.on_screen.shape[1::-1] == (1280, 480)
    assert np.all(preview.on_screen == 200)
    preview.show(200)
    assert preview.window.content == (640, 480)


def test_a_window_that_the_viewer_made_his_own_stays_as_it_is(preview):
    preview.window.content = (900, 300)
    preview.show(200, 1280, 480, frame=(640, 480))
    assert preview.window.content == (900, 300)
    preview.sink.poll()
    assert preview.on_screen.shape == (300, 900, 3)


def test_a_window_whose_size_changes_is_drawn_anew_without_a_frame(preview):
    preview.window.content = (320, 600)
    preview.sink.poll()
    assert preview.on_screen.shape == (600, 320, 3)
    assert np.all(preview.on_screen[180:420] == 50)
    assert not preview.on_screen[[0, 179, 420, 599]].any()


@pytest.mark.parametrize("key", ["f", "F", "F11"])
def test_the_whole_screen_is_taken_and_given_back(preview, key):
    preview.press(key)
    assert preview.on_screen.shape == (1000, 1600, 3)
    preview.press("\x1b")
    assert preview.on_screen.shape == (480, 640, 3)
    with pytest.raises(ViewerLeft):
        preview.press("\x1b")


def test_a_layout_that_changes_in_full_screen_leaves_the_window_behind_it_alone(preview):
    preview.press("f")
    preview.show(200, 1280, 480, frame=(640, 480))
    assert preview.window.content == (1600, 1000)
    preview.press("f")
    assert preview.window.content == (640, 480)


@pytest.mark.parametrize("size", [(0, 0), (-1, -1)])
def test_a_window_that_does_not_tell_its_size_has_the_one_that_it_was_given(preview, size):
    preview.window.content = size
    preview.show(90)
    assert preview.on_screen.shape == (480, 640, 3)


@pytest.mark.parametrize("frame", [(160, 120), (640, 480), (3840, 2160), (1080, 1920)])
def test_words_have_one_size_whatever_picture_and_layout(frame):
    preview = Preview(words=FakeWords())
    for columns in (1, 2):
        preview.show(255, frame[0] * columns, frame[1], frame=frame)
        assert preview.on_screen[0, 0, 0] == 17
    preview.press("h")
    assert preview.on_screen[0, 0, 0] == 255, "the help is not written over them"
    preview.press("h", "d")
    preview.now += MESSAGE_SECONDS
    preview.sink.poll()
    assert preview.on_screen[0, 0, 0] == 255


def test_pixels_that_are_not_square_are_shown_in_their_shape():
    preview = Preview()
    preview.show(200, 720, 576, pixel_aspect=Fraction(64, 45))
    assert preview.window.opened == [(1024, 576)]
    assert np.all(preview.on_screen == 200)


def test_the_shape_of_pixels_is_that_of_the_input_that_is_shown():
    preview = Preview()
    preview.show(200, 720, 576, pixel_aspect=Fraction(64, 45))
    preview.show(200, 1024, 576, frame=(1024, 576))
    assert np.all(preview.on_screen == 200)
    preview.show(200, 720, 576)
    assert not preview.on_screen[:, 0].any(), "narrower than the window of the first input"


class FakePlayback:
    """Remembers what it was asked."""

    def __init__(self):
        self.asked = []
        self.playhead = Playhead(PlayState.PLAYING, "0:12 / 1:03")

    def toggle_pause(self):
        self.asked.append("pause")
        self.playhead = Playhead(PlayState.PAUSED, "0:12 / 1:03")

    def skip(self, direction, *, far=False):
        self.asked.append((direction, far))


@pytest.fixture
def player():
    playback = FakePlayback()
    preview = Preview(playback=playback)
    preview.show(grey=50)
    return preview, playback


def test_the_arrows_move_within_a_recording_and_the_place_is_told_for_a_moment(player):
    preview, playback = player
    preview.press("left", "right", "up", "down")
    assert playback.asked == [(-1, False), (1, False), (1, True), (-1, True)]
    assert preview.has_caption()
    preview.now += MESSAGE_SECONDS
    preview.sink.poll()
    assert not preview.has_caption()


def test_space_pauses_a_recording_and_the_place_is_told_as_long_as_it_stands(player):
    preview, playback = player
    preview.press(" ")
    assert playback.asked == ["pause"]
    preview.now += 60
    preview.show(grey=90)
    assert preview.has_caption()
    assert preview.on_screen[0, 0, 0] == 90, "the window itself is not frozen"


def test_the_end_of_a_recording_is_told_without_a_key(player):
    preview, playback = player
    playback.playhead = Playhead(PlayState.ENDED, "1:03 / 1:03")
    preview.sink.poll()
    assert preview.has_caption()


def test_a_move_that_was_not_made_is_told_for_a_moment(player):
    preview, playback = player
    playback.playhead = Playhead(PlayState.PLAYING, "0:12", trouble="there is no moving within it")
    preview.sink.poll()
    assert not preview.has_caption()
    preview.press("left")
    with_trouble = preview.on_screen
    playback.playhead = Playhead(PlayState.PLAYING, "0:12")
    preview.sink.poll()
    assert not np.array_equal(preview.on_screen, with_trouble)


class FakeInputs:
    """Two or more inputs; what is chosen is opened for ever."""

    def __init__(self, *names):
        self.names = names
        self.choice = Choice()

    def choose(self, number):
        self.choice = Choice(self.choice.shown, number)


def test_n_takes_the_next_input_even_while_one_is_being_opened():
    inputs = FakeInputs("door", "yard", "hall")
    preview = Preview(inputs=inputs)
    preview.show(grey=50)
    preview.press("n")
    assert inputs.choice.coming == 1
    assert preview.has_caption(), "the name of what is to come"
    preview.press("n", "n")
    assert inputs.choice.coming == 0


def test_n_does_nothing_where_there_is_one_input(preview):
    preview.press("n")
    assert not preview.has_caption()


def test_why_an_input_is_not_shown_is_told_once():
    inputs = FakeInputs("door", "yard")
    preview = Preview(inputs=inputs)
    preview.show(grey=50)
    inputs.choice = Choice(trouble="yard: connection refused")
    preview.sink.poll()
    assert preview.has_caption()
    preview.now += MESSAGE_SECONDS
    preview.sink.poll()
    assert not preview.has_caption()


class FakeDistances:
    def __init__(self):
        self.learnt, self.known = [], False

    def read(self, rendered, x, y):
        return f"{x:.2f} {y:.2f}"

    def source_point(self, rendered, x, y):
        return round(x, 3), round(y, 3)

    def check(self, rendered):
        pass

    def learn(self, rendered, points):
        self.learnt += points
        self.known = True
        return f"{len(points)} distances"

    def forget(self):
        self.known = False

    def archive(self):
        return b"distances" if self.known else None


@pytest.fixture
def measuring():
    measuring = Preview(distances=FakeDistances())
    measuring.distances = measuring.sink._hand._distances
    measuring.show(50)
    return measuring


def test_points_are_clicked_in_the_picture_whatever_bars_are_around_it(measuring):
    measuring.window.content = (1280, 480)  # the picture is in the middle half
    measuring.press("m")
    for x, metres in ((0.375, "2"), (0.5, "4")):
        measuring.window.pointed = [Pointed(x, 0.5, True)]
        measuring.press(metres, "\r")
    measuring.press("\r")
    assert measuring.distances.learnt == [(0.25, 0.5, 2.0), (0.5, 0.5, 4.0)]
    assert measuring.sink._message == "metres from 2 distances (k keeps them)"
    measuring.now += RESULT_SECONDS - 0.1
    measuring.sink.poll()
    assert measuring.has_caption()


def test_escape_leaves_the_distances_before_it_leaves_the_window(measuring):
    measuring.press("m", "\x1b")
    assert measuring.controls.calls == []
    with pytest.raises(ViewerLeft):
        measuring.press("\x1b")


def test_other_keys_work_while_distances_are_taken(measuring):
    measuring.press("m", "c", "l")
    assert measuring.controls.calls == ["colormap"]


def test_a_point_is_seen_through_the_words_below(measuring):
    measuring.press("m")
    before = measuring.on_screen.copy()
    measuring.window.pointed = [Pointed(0.1, 0.98, True)]
    measuring.sink.poll()
    around = np.s_[462:479, 56:73]
    assert np.any(measuring.on_screen[around].max(axis=2) > 240)
    assert before.shape == measuring.on_screen.shape


def test_what_is_under_the_pointer_follows_it_without_a_frame(measuring):
    count = len(measuring.window.shown)
    measuring.window.pointed = [Pointed(0.5, 0.5, False)]
    measuring.sink.poll()
    assert len(measuring.window.shown) == count + 1
    assert measuring.has_caption()
    measuring.sink.poll()
    assert len(measuring.window.shown) == count + 1
    measuring.now += 60
    measuring.sink.poll()
    assert not measuring.has_caption()


def test_distances_are_kept_for_the_next_run(measuring, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    measuring.press("k")
    assert list(tmp_path.iterdir()) == []
    assert measuring.sink._message == "no distances are known (m takes them)"
    measuring.distances.known = True
    measuring.press("k")
    (path,) = tmp_path.iterdir()
    assert (path.suffix, path.read_bytes()) == (".metres", b"distances")
    assert measuring.notes == [f"distances for --metres: {path.name}"]


@pytest.mark.parametrize("key", ["m", "k", "3"])
def test_without_distances_their_keys_do_nothing_that_hurts(preview, key):
    preview.window.pointed = [Pointed(0.5, 0.5, True)]
    preview.press(key)
    preview.show(grey=90)
