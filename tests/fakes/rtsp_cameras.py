"""A camera that speaks RTSP, GStreamer's: it can be killed and started again."""

import select
import subprocess
from pathlib import Path

import pytest
from places import FAKES
from ports import free_port
from stamped_feed import PATIENCE

SYSTEM_PYTHON = "/usr/bin/python3"
RTSP_PACKAGES = "python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-{base,good,ugly}"


class RtspServer:
    """A camera at `rtsp://HOST:PORT/camera` that can be killed and started again at the same port."""

    def __init__(self, host="127.0.0.1"):
        self.host = host
        self.port = free_port()
        self.process = None

    def url(self, login=""):
        return f"rtsp://{login + '@' if login else ''}{self.host}:{self.port}/camera"

    def start(self, *options):
        command = [
            SYSTEM_PYTHON,
            FAKES / "rtsp_server.py",
            "--host",
            self.host,
            "--port",
            self.port,
            *options,
        ]
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
        readable, _, _ = select.select([self.process.stdout], [], [], 2 * PATIENCE)
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
