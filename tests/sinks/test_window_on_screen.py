"""The real window, on a real X server without a screen: real key presses, real pixels.

Needs Xvfb, openbox (closes windows as a desktop does), xdotool (presses keys) and xwd (reads the screen).
"""

import os
import shutil
import socket
import struct
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from streamdepth.sinks._display import x_server_answers

REPO = Path(__file__).resolve().parents[2]
NEEDED = ("Xvfb", "openbox", "xdotool", "xwd")
MISSING = [tool for tool in NEEDED if shutil.which(tool) is None]
on_screen = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {' '.join(MISSING)}")
RED, GREEN = [0, 0, 255], [0, 255, 0]

DRIVER = """
import os, sys, time
from fractions import Fraction
import numpy as np
from streamdepth.errors import StreamdepthError, ViewerLeft
from streamdepth.frames import DepthMap, Estimate, Frame, Picture, Rendered, SourceInfo
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

class Source:
    info = SourceInfo(320, 240, Fraction(25), True, 5.0)

look = Look()
try:
    sink = open_sink("window", Source(), controls=look, environ=os.environ, notify=tell)
except StreamdepthError as error:
    sys.exit(f"streamdepth: error: {error}")
depth = DepthMap(np.zeros((8, 8), np.float32))
deadline = time.monotonic() + 30
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


def environment(folder, display, **more):
    return {"PATH": os.defpath, "HOME": str(folder), "PYTHONPATH": str(REPO), "DISPLAY": display, **more}


def start_driver(folder, display, **more):
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER],
        cwd=folder,
        env=environment(folder, display, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def running(*command, **options):
    """A process that is gone afterwards."""
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, **options) as process:
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def x_server(*options):
    """The name of a fresh X server's display; it chose its number itself and is ready."""
    readable, writable = os.pipe()
    with os.fdopen(readable) as chosen:
        command = ("Xvfb", "-displayfd", str(writable), "-screen", "0", "800x600x24", "-nolisten", "tcp")
        with running(*command, *options, pass_fds=[writable]):
            os.close(writable)
            yield f":{chosen.readline().strip()}"


@pytest.fixture(scope="module")
def display(tmp_path_factory):
    """An X server with a window manager that is ready."""
    with x_server() as name:
        env = environment(tmp_path_factory.mktemp("home"), name)
        manager = ("openbox", "--startup", "echo ready")
        with running(*manager, env=env, stdout=subprocess.PIPE, text=True) as process:
            assert "ready\n" in process.stdout  # complaints about menus may come before
            yield name


class Desk:
    """The driver's window and a hand on the keyboard."""

    def __init__(self, folder, display):
        self._environment = environment(folder, display)
        self._driver = start_driver(folder, display, XDG_SESSION_TYPE="wayland", QT_QPA_PLATFORM="wayland")
        found = self._run("xdotool", "search", "--sync", "--onlyvisible", "--name", "^streamdepth$")
        self._window = found.split()[-1].decode()
        self._run("xdotool", "windowactivate", "--sync", self._window)

    def press(self, key):
        self._run("xdotool", "key", key)

    def told(self):
        """The next line of the driver, which ends by itself after a while."""
        return self._driver.stdout.readline().strip()

    def shows(self, colour):
        """Whether the middle of the window soon has this BGR colour."""
        return any(self._middle() == colour for _ in range(100))

    def end(self):
        """What else the driver told, its errors, and its exit status."""
        output, errors = self._driver.communicate(timeout=20)
        return output.split(), errors, self._driver.returncode

    def stop(self):
        self._driver.terminate()
        self._driver.communicate(timeout=20)

    def _middle(self):
        dump = self._run("xwd", "-id", self._window, "-silent")
        header = struct.unpack(">25I", dump[:100])
        size, width, height, per_line, colours = (header[index] for index in (0, 4, 5, 12, 19))
        rows = np.frombuffer(dump, np.uint8, per_line * height, size + 12 * colours).reshape(height, -1, 4)
        return rows[height // 2, width // 2, :3].tolist()

    def _run(self, *command):
        done = subprocess.run(command, env=self._environment, capture_output=True, timeout=20, check=True)
        return done.stdout


@pytest.fixture
def desk(display, tmp_path):
    desk = Desk(tmp_path, display)
    yield desk
    desk.stop()


@on_screen
def test_frames_are_on_the_screen_and_keys_change_them(desk):
    assert desk.shows(RED)
    desk.press("c")
    assert desk.told() == "colormap"
    assert desk.shows(GREEN)


@on_screen
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


@on_screen
@pytest.mark.parametrize("key", ["q", "Escape", "alt+F4"])
def test_quitting_or_closing_the_window_ends_the_run_without_a_word_on_stderr(desk, key):
    desk.press(key)
    assert desk.end() == (["left", "closed"], "", 0)


@on_screen
def test_a_server_that_runs_answers(display):
    assert x_server_answers({"DISPLAY": display})


@on_screen
def test_a_server_that_wants_a_cookie_answers_only_who_has_it(tmp_path):
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
