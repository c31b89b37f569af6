"""A screen for tests: a real X server without a monitor, real key presses, real pixels. A real RTSP server as well.

Needs Xvfb, openbox (closes windows as a desktop does), xdotool (presses keys) and xwd (reads the screen).
"""

import os
import select
import shutil
import struct
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from stamped_feed import stamp_of, stamped, until

REPOSITORY = Path(__file__).parent.parent
NEEDED = ("Xvfb", "openbox", "xdotool", "xwd")
SOON = 20.0
"""Seconds against waiting for ever; a first start measures which engine is the fastest."""
MISSING = [tool for tool in NEEDED if shutil.which(tool) is None]


def screen_environment(folder, display, **more):
    return {
        "PATH": os.defpath,
        "HOME": str(folder),
        "PYTHONPATH": str(REPOSITORY),
        "DISPLAY": display,
        **more,
    }


@contextmanager
def running(*command, **options):
    """A process that is gone afterwards."""
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, **options) as process:
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def started_x_server(*options):
    """The name of a fresh X server's display; it chose its number itself and is ready."""
    readable, writable = os.pipe()
    with os.fdopen(readable) as chosen:
        command = ("Xvfb", "-displayfd", str(writable), "-screen", "0", "1600x1000x24", "-nolisten", "tcp")
        with running(*command, *options, pass_fds=[writable]):
            os.close(writable)
            yield f":{chosen.readline().strip()}"


class Desk:
    """A program's window and a hand on the keyboard; stands at the program's working folder."""

    def __init__(self, folder, display, title, command, **more):
        self._environment = screen_environment(folder, display)
        self._program = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            env={**self._environment, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        found = self._run("xdotool", "search", "--sync", "--onlyvisible", "--name", title)
        self._window = found.split()[-1].decode()
        self._run("xdotool", "windowactivate", "--sync", self._window)

    def press(self, key):
        self._run("xdotool", "key", key)

    def told(self):
        """The next line on the program's standard output."""
        return self._program.stdout.readline().strip()

    def pixels(self):
        """(H, W, 3) BGR of what the window shows."""
        dump = self._run("xwd", "-id", self._window, "-silent")
        header = struct.unpack(">25I", dump[:100])
        size, width, height, per_line, colours = (header[index] for index in (0, 4, 5, 12, 19))
        rows = np.frombuffer(dump, np.uint8, per_line * height, size + 12 * colours).reshape(height, -1, 4)
        return rows[:, :width, :3]

    def shows(self, condition):
        """Whether the window's pixels soon fulfil a condition."""
        end = time.monotonic() + SOON
        while not condition(self.pixels()):
            if time.monotonic() > end:
                return False
        return True

    def end(self):
        """What else the program told, its errors, and its exit status."""
        output, errors = self._program.communicate(timeout=30)
        return output.split(), errors, self._program.returncode

    def stop(self):
        self._program.terminate()
        self._program.communicate(timeout=30)

    def _run(self, *command):
        done = subprocess.run(command, env=self._environment, capture_output=True, timeout=30, check=True)
        return done.stdout


@pytest.fixture(scope="session")
def x_server():
    """Starts an X server: `with x_server() as display`."""
    if MISSING:
        pytest.skip(f"not installed: {' '.join(MISSING)}")
    return started_x_server


@pytest.fixture(scope="session")
def display(x_server, tmp_path_factory):
    """A display with a window manager that is ready."""
    with x_server() as name:
        env = screen_environment(tmp_path_factory.mktemp("home"), name)
        manager = ("openbox", "--startup", "echo ready")
        with running(*manager, env=env, stdout=subprocess.PIPE, text=True) as process:
            assert "ready\n" in process.stdout  # complaints about menus may come before
            yield name


@pytest.fixture
def open_desk(display, tmp_path):
    """Runs a program that opens a window: `open_desk(title, command)` is a `Desk`."""
    desks = []

    def start(title, command, **more):
        desks.append(Desk(tmp_path, display, title, command, **more))
        return desks[-1]

    yield start
    for desk in desks:
        desk.stop()


@pytest.fixture(name="until")
def until_():
    return until


@pytest.fixture(name="stamp_of")
def stamp_of_():
    return stamp_of


@pytest.fixture(name="stamped")
def stamped_():
    return stamped


SYSTEM_PYTHON = "/usr/bin/python3"
RTSP_PACKAGES = "python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-{base,good,ugly}"


class RtspServer:
    """A camera at `rtsp://127.0.0.1:PORT/camera` that can be killed and started again at the same port."""

    def __init__(self):
        self.port = 0
        self.process = None

    def url(self, login=""):
        return f"rtsp://{login + '@' if login else ''}127.0.0.1:{self.port}/camera"

    def start(self, *options):
        command = [SYSTEM_PYTHON, REPOSITORY / "tests" / "rtsp_server.py", "--port", self.port, *options]
        self.process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.port = int(self._line())
        return self

    def say(self, word):
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        assert self._line() == word

    def kill(self):
        if self.process is not None:
            with self.process as process:
                process.kill()
            self.process = None

    def _line(self):
        readable, _, _ = select.select([self.process.stdout], [], [], 20)
        assert readable, "the RTSP server said nothing"
        return self.process.stdout.readline().strip()


@pytest.fixture(scope="session")
def gstreamer():
    """Skips where the real RTSP server cannot be run."""
    probe = (
        "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import Gst, GstRtspServer;"
        "Gst.init(None); assert Gst.ElementFactory.find('x264enc') and Gst.ElementFactory.find('rtph264pay')"
    )
    if (
        not Path(SYSTEM_PYTHON).exists()
        or subprocess.run([SYSTEM_PYTHON, "-c", probe], capture_output=True, timeout=60).returncode
    ):
        pytest.skip(f"not installed: {RTSP_PACKAGES}")


@pytest.fixture
def rtsp_server(gstreamer):
    """A real RTSP server, not yet started."""
    server = RtspServer()
    yield server
    server.kill()
