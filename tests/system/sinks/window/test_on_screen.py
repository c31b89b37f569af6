"""The real window, on a real X server without a monitor: real key presses, real pixels."""

import os
import socket
import struct
import subprocess
import sys

import cv2
import pytest
from places import REPOSITORY

from streamdepth.sinks.window.display import x_screen, x_server_answers

REPO = REPOSITORY
RED, GREEN = [0, 0, 255], [0, 255, 0]

DRIVER = """
import os, sys, time
from fractions import Fraction
import numpy as np
from streamdepth.errors import StreamdepthError, ViewerLeft
from streamdepth.frames import DepthMap, Estimate, Frame, Rendered, SourceInfo
from streamdepth.pixels import Picture
from streamdepth.sinks import open_sink

def tell(line):
    print(line, flush=True)

class Look:
    colour = (0, 0, 255)
    def next_colormap(self):
        self.colour = (0, 255, 0)
        tell("colormap")
        return "green"
    def next_layout(self):
        tell("layout")
        return "depth"
    def change_alpha(self, delta):
        tell(f"alpha {delta:+.2f}")
        return 0.5
    def toggle_invert(self):
        tell("invert")
        return True
    def toggle_range_lock(self):
        tell("range")
        return True
    def toggle_stabilise(self):
        tell("steady")
        return True
    def toggle_refine(self):
        tell("edges")
        return True

class Source:
    info = SourceInfo(320, 240, Fraction(25), True, 5.0)

look = Look()
try:
    sink = open_sink("window", Source(), controls=look, environ=os.environ, notify=tell)
except StreamdepthError as error:
    sys.exit(f"streamdepth: error: {error}")
depth = DepthMap(np.zeros((8, 8), np.float32))
deadline = time.monotonic() + 110
try:
    while time.monotonic() < deadline:
        picture = Picture.of_bgr(np.full((240, 320, 3), look.colour, np.uint8))
        frame = Frame(0, Fraction(0), time.monotonic(), picture)
        sink.write(Rendered(Estimate(frame, depth, 0.0), picture))
        sink.poll()
except ViewerLeft:
    tell("left")
sink.close()
tell("closed")
"""


DRIVE = [sys.executable, "-c", DRIVER]


def start_driver(folder, display):
    env = {"PATH": os.defpath, "HOME": str(folder), "PYTHONPATH": str(REPO), "DISPLAY": display}
    return subprocess.Popen(
        DRIVE, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def middle_is(colour):
    return lambda pixels: pixels[pixels.shape[0] // 2, pixels.shape[1] // 2].tolist() == colour


@pytest.fixture
def desk(open_desk):
    """The driver's window, on a desktop that says it is Wayland."""
    return open_desk("^streamdepth$", DRIVE, XDG_SESSION_TYPE="wayland", QT_QPA_PLATFORM="wayland")


def test_frames_are_on_the_screen_and_keys_change_them(desk):
    assert desk.shows(middle_is(RED))
    desk.press("c")
    assert desk.told() == "colormap"
    assert desk.shows(middle_is(GREEN))


def test_every_key_does_its_work_in_a_real_window(desk, tmp_path):
    for key, effect in [("l", "layout"), ("plus", "alpha +0.05"), ("minus", "alpha -0.05"), ("i", "invert")]:
        desk.press(key)
        assert desk.told() == effect
    desk.press("Left")
    desk.press("s")
    line = desk.told()
    (path,) = tmp_path.glob("*.png")
    assert line == f"snapshot: {path.name}"
    assert cv2.imread(str(path)).shape == (240, 320, 3)


@pytest.mark.parametrize("key", ["q", "Escape", "alt+F4"])
def test_quitting_or_closing_the_window_ends_the_run_without_a_word_on_stderr(desk, key):
    desk.press(key)
    assert desk.end() == (["left", "closed"], "", 0)


def test_the_whole_screen_is_filled_and_left_with_escape(desk):
    assert desk.shows(lambda pixels: pixels.shape == (480, 640, 3))
    desk.press("f")
    assert desk.shows(lambda pixels: pixels.shape == (1000, 1600, 3) and middle_is(RED)(pixels))
    desk.press("Escape")
    assert desk.shows(lambda pixels: pixels.shape == (480, 640, 3) and middle_is(RED)(pixels))
    desk.press("c")
    assert desk.told() == "colormap"


def test_a_server_that_runs_answers_with_the_size_of_its_screen(display):
    assert x_server_answers({"DISPLAY": display})
    assert x_screen({"DISPLAY": display}) == (1600, 1000)


def test_a_server_that_wants_a_cookie_answers_only_who_has_it(x_server, tmp_path):
    secret, kind = bytes(range(16)), b"MIT-MAGIC-COOKIE-1"
    entry = b"".join(struct.pack(">H", len(field)) + field for field in (b"", b"", kind, secret))
    cookies = tmp_path / "cookies"
    cookies.write_bytes(b"\xff\xff" + entry)
    with x_server("-auth", str(cookies)) as name:
        environ = {"DISPLAY": name, "HOME": str(tmp_path)}
        assert not x_server_answers(environ)
        assert x_server_answers({**environ, "XAUTHORITY": str(cookies)})


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="X11 and Wayland only")
def test_a_display_that_nobody_serves_is_an_error_and_no_abort(tmp_path):
    driver = start_driver(tmp_path, ":4242")
    _, errors = driver.communicate(timeout=60)
    assert driver.returncode == 1
    assert errors.startswith("streamdepth: error: there is no display")


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="X11 and Wayland only")
def test_a_display_that_never_answers_is_an_error_and_no_hang(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        driver = start_driver(tmp_path, f"127.0.0.1:{silent.getsockname()[1] - 6000}")
        _, errors = driver.communicate(timeout=60)
    assert errors.startswith("streamdepth: error: there is no display")
