"""Real RTSP cameras in one run and one network: killed, frozen, another size, slow. The fifth sees none of it."""

import json
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

import pytest
from engine_loading import KNOWN_NETWORK
from networks import ADDRESSES, inside, joined, run, skip_unless_possible
from rtsp_cameras import RtspServer
from services import Asking

BOUND = 90.0
"""Seconds against hanging; far beyond what is expected."""
RATE = 10
PICTURES = 25
"""Of the steady camera, before the trouble and in it."""
FEWER = 5
"""Of them, which one that is not held up may lack."""
LATER = 1000 / RATE
"""Milliseconds: one that is held up is later by more than from one picture to the next."""
SLOW = ("tbf", "rate", "400kbit", "burst", "64kb", "latency", "500ms")
"""Less than half of what the slow camera has to say."""


def wait_until(condition):
    deadline = time.monotonic() + BOUND
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    return value


@dataclass(frozen=True)
class Window:
    """What became of pictures of one camera that were taken one after the other."""

    captured: int
    inferred: int
    written: int
    late: float
    """Milliseconds from capture to output, the median."""

    def is_as_good_as(self, other):
        counts = zip((self.inferred, self.written), (other.inferred, other.written), strict=True)
        as_many = all(ours >= max(1, theirs - FEWER) for ours, theirs in counts)
        return as_many and self.late <= other.late + LATER


class Watched:
    """A run of the command with several cameras."""

    def __init__(self, process):
        self.process = process
        address = next(line for line in process.stderr if "watch at " in line).split("watch at ")[1].strip()
        self.asking = Asking(address)

    def listed(self):
        entries = json.loads(self.asking.ask("/api/cameras")[2])["cameras"]
        return {entry["name"]: entry for entry in entries}

    def condition(self, name):
        return self.listed()[name]["condition"]

    def frames(self, name):
        return json.loads(self.asking.ask(f"/api/cameras/{name}/state")[2])["frames"]

    def window(self, name):
        before, late = self.frames(name), []

        def is_over():
            late.append(self.listed()[name]["latency_ms"])
            return self.frames(name)["captured"] >= before["captured"] + PICTURES

        wait_until(is_over)
        after = self.frames(name)
        counts = {step: after[step] - before[step] for step in ("captured", "inferred", "written")}
        return Window(**counts, late=statistics.median(late))


@pytest.fixture
def home(gstreamer):
    """The names of a network, in which this thread is, and of another, whose line to it can be made slow."""
    skip_unless_possible("tc")
    with joined("home", "far") as (home, far), inside(home):
        yield home, far


@pytest.fixture
def cameras(home):
    servers = {name: RtspServer() for name in ("steady", "killed", "frozen", "resized")}
    servers["slow"] = RtspServer(ADDRESSES[1])
    for name, server in servers.items():
        with inside(home[name == "slow"]):
            server.start("--rate", RATE)
    yield servers
    for server in servers.values():
        server.kill()


def trouble(cameras, far):
    """What happens to all but the steady one."""
    cameras["killed"].kill()
    cameras["frozen"].say("freeze")
    cameras["resized"].kill()
    cameras["resized"].start("--rate", RATE, "--size", "160x120")
    run("tc", "-n", far, "qdisc", "add", "dev", "line", "root", *SLOW)


def command(cameras, folder):
    inputs = [f"--input={name}={server.url()}" for name, server in cameras.items()]
    words = (*KNOWN_NETWORK, "--webrtc", "--port", "0", "--frozen-after", "1")
    files = ("--output", folder / "films", "--report", folder / "report.json")
    return [sys.executable, "-m", "streamdepth", *inputs, *words, *map(str, files)]


def test_what_becomes_of_one_is_no_matter_of_the_others(cameras, home, tmp_path):
    with subprocess.Popen(command(cameras, tmp_path), stderr=subprocess.PIPE, text=True) as process:
        try:
            watched = Watched(process)
            wait_until(lambda: all(watched.condition(name) == "live" for name in cameras))
            before = watched.window("steady")
            trouble(cameras, home[1])
            wait_until(lambda: watched.condition("killed").startswith("away"))
            wait_until(lambda: watched.condition("frozen").startswith("frozen"))
            began = {name: watched.frames(name)["captured"] for name in ("slow", "steady")}
            # Whoever else loads this machine goes away again; a camera that is held up stays so.
            wait_until(lambda: watched.window("steady").is_as_good_as(before))
            came = {name: watched.frames(name)["captured"] - number for name, number in began.items()}
            assert watched.condition("killed").startswith("away")
            assert came["slow"] < 0.8 * came["steady"], "its line is as slow as it is meant to be"
            wait_until(lambda: watched.condition("resized") == "live")
            wait_until(lambda: watched.condition("steady") == "live")
            process.send_signal(signal.SIGINT)
            told = process.stderr.read()
            assert process.wait(BOUND) == 130, told
        finally:
            process.kill()
    assert "killed: " in told  # its own line that it went away
    report = json.loads((tmp_path / "report.json").read_text())
    sections = {section["camera"]: section["report"] for section in report["cameras"]}
    assert sections["resized"]["source"]["reconnects"] == 1
    assert sections["steady"]["source"]["reconnects"] == 0
    for section in sections.values():
        frames = section["frames"]
        assert frames["captured"] == frames["dropped"] + frames["inferred"]
    assert sorted(path.name for path in (tmp_path / "films").iterdir()) == sorted(
        f"{name}.mp4" for name in cameras
    )
