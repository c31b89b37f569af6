"""A live encoder with stamped pictures, a real RTSP server that takes streams, and what is seen there."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from contextlib import contextmanager
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path

import av
import pytest
from places import FAKES
from ports import free_port
from processor_waits import Promise
from stamped_feed import HEIGHT, PATIENCE, RATE, WIDTH, Feed, stamp_of, until

from streamdepth.frames import SourceInfo
from streamdepth.live.codec import LiveCodec
from streamdepth.live.encoder import LiveEncoder
from streamdepth.publishing.sink import Publishing, Standing

SYSTEM_PYTHON = "/usr/bin/python3"
SERVER = FAKES / "media_server.py"


class Told:
    """Takes the lines that a publisher says."""

    def __init__(self):
        self.lines = []

    def __call__(self, line, is_trouble):
        self.lines.append(("warning: " if is_trouble else "") + line)

    def standing(self, name):
        return Standing(name, self)


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def fed():
    """(encoder, feed), running."""
    encoder = LiveEncoder(SourceInfo(WIDTH, HEIGHT, Fraction(RATE), True, 1.0))
    feed = Feed(encoder)
    yield encoder, feed
    feed.stop()
    encoder.close()


class MediaServer:
    """GStreamer's RTSP server at a port of its own; can be killed and started again at the same port."""

    def __init__(self):
        self.port = free_port()
        self._process = None
        self._lines = []

    def address(self, path="live", login=""):
        return f"rtsp://{login + '@' if login else ''}127.0.0.1:{self.port}/{path}"

    def start(self, *options):
        words = [SYSTEM_PYTHON, SERVER, "--port", self.port, *options]
        self._process = subprocess.Popen(
            [str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self._lines = []
        threading.Thread(target=self._read, args=(self._process.stdout, self._lines), daemon=True).start()
        self.port = int(until(lambda: self._lines, 2 * PATIENCE)[0])
        return self

    def publishers(self):
        """How many have come since its start."""
        return len(self._lines) - 1

    @property
    def pid(self):
        return self._process.pid

    def kill(self):
        if self._process is not None:
            with self._process as process:
                process.kill()
            self._process = None

    @staticmethod
    def _read(stream, lines):
        for line in stream:
            lines.append(line.strip())


@pytest.fixture(scope="session")
def gstreamer_takes():
    """Skips where the real server cannot be run."""
    probe = (
        "import gi; gi.require_version('GstRtspServer', '1.0'); gi.require_version('GstApp', '1.0');"
        "from gi.repository import Gst, GstApp, GstRtspServer; Gst.init(None);"
        "assert Gst.ElementFactory.find('h264parse') and Gst.ElementFactory.find('rtph264depay')"
    )
    if (
        not Path(SYSTEM_PYTHON).exists()
        or subprocess.run([SYSTEM_PYTHON, "-c", probe], capture_output=True, timeout=60).returncode
    ):
        pytest.skip(  # a real server only: nothing stands in for it
            "not installed: python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-{base,good,bad}"
        )


@pytest.fixture
def media_server(gstreamer_takes):
    server = MediaServer()
    yield server
    server.kill()


@pytest.fixture
def encoded(monkeypatch):
    """The stamps of what is encoded, in its order: on a busy machine pictures are left out before that."""
    stamps, encode = [], LiveCodec.encode

    def watched_encode(codec, planes, pts, **more):
        stamps.append(stamp_of(planes.y))
        return encode(codec, planes, pts, **more)

    monkeypatch.setattr(LiveCodec, "encode", watched_encode)
    return stamps


TRIES = 8
ENDS_WITHIN = 2.0
"""Seconds for all servers together, which are promised at the end."""


def steady(pictures, standing, feed):
    """The stamps of ninety pictures, of which few were left out before they were encoded and none after it.

    The last thirty are less than a second old when they come. Whoever else loads this machine goes away again; a
    publisher that leaves pictures out by itself, or lets them queue, goes on with it.
    """
    for _ in range(TRIES):
        before = standing.figures()["dropped"]
        seen = [(stamp_of(picture), feed.number) for picture in islice(pictures, 90)]
        span, dropped = seen[-1][0] - seen[0][0], standing.figures()["dropped"] - before
        oldest = max(now - stamp for stamp, now in seen[60:])
        if span < 150 and not dropped and oldest < RATE:
            return [stamp for stamp, _ in seen]
    raise AssertionError(f"ninety pictures of {span}, {dropped} that were not sent, one of {oldest} before")


def leave(publisher):
    """End it, in the time that is promised whatever its server does."""
    promise = Promise(ENDS_WITHIN, os.getpid())
    Publishing([publisher]).close()
    assert promise.is_kept()
    assert not publisher.is_running(PATIENCE)


def are_of_now(pictures, feed):
    """Whether one comes soon that is less than a second old: of a queue none is; after a standstill, later ones are."""
    return any(feed.number - stamp_of(picture) < RATE for picture in islice(pictures, 30 * RATE))


def one_after_the_other(stamps, encoded):
    """How many of the pictures follow the one that was encoded just before."""
    places = [encoded.index(stamp) for stamp in stamps]
    return sum(late - early == 1 for early, late in pairwise(places))


@contextmanager
def played(address, **options):
    """The pictures at an address from the next keyframe on, BGR, as PyAV decodes them."""
    with av.open(address, options=options, timeout=(PATIENCE, PATIENCE)) as container:
        yield pictures(container)


def pictures(container):
    begun = False
    for packet in container.demux(video=0):
        begun |= packet.is_keyframe
        for frame in packet.decode() if begun else ():
            yield frame.to_ndarray(format="bgr24")


@pytest.fixture
def closed_port():
    """Where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and never listens: a connection is refused
        yield taken.getsockname()[1]


@pytest.fixture(name="played")
def played_():
    return played
