"""A screen for tests: a real X server without a monitor, real key presses, real pixels.

Needs Xvfb, openbox (closes windows as a desktop does), xdotool (presses keys) and xwd (reads the screen).
"""

import os
import shutil
import struct
import subprocess
import time
from contextlib import contextmanager

import numpy as np
import pytest
from places import REPOSITORY

NEEDED = ("Xvfb", "openbox", "xdotool", "xwd")
SOON, FIRST = 30.0, 90.0
"""Seconds against waiting for ever, and for the first window: a first start measures which engine is the fastest."""
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
    """A program's window and a hand on keyboard and mouse; stands at the program's working folder."""

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
        try:
            found = self._run("xdotool", "search", "--sync", "--onlyvisible", "--name", title, within=FIRST)
        except BaseException:
            self._program.kill()  # or it would take the machine from all tests after this one
            raise
        self._window = found.split()[-1].decode()
        self._run("xdotool", "windowactivate", "--sync", self._window)

    def press(self, key):
        self._run("xdotool", "key", key)

    def point(self, x, y):
        """Put the pointer at shares of the window's width and height."""
        height, width = self.pixels().shape[:2]
        place = str(round(x * width)), str(round(y * height))
        self._run("xdotool", "mousemove", "--sync", "--window", self._window, *place)

    def click(self, x, y):
        """Click there."""
        self.point(x, y)
        self._run("xdotool", "click", "1")

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
        while not self._fulfils(condition):
            if time.monotonic() > end:
                return False
        return True

    def _fulfils(self, condition):
        try:
            return condition(self.pixels())
        except subprocess.CalledProcessError:  # its size changed between the questions of xwd
            return False

    def end(self):
        """What else the program told, its errors, and its exit status."""
        output, errors = self._program.communicate(timeout=SOON)
        return output.split(), errors, self._program.returncode

    def stop(self):
        self._program.terminate()
        self._program.communicate(timeout=SOON)

    def _run(self, *command, within=SOON):
        done = subprocess.run(command, env=self._environment, capture_output=True, timeout=within, check=True)
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
