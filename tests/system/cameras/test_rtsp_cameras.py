"""Four real RTSP cameras in one run: one is killed, one freezes, one changes its size, the fourth sees none of it."""

import json
import signal
import subprocess
import sys
import time

import pytest
from rtsp_cameras import RtspServer
from services import Asking

BOUND = 90.0
"""Seconds against hanging; far beyond what is expected."""
GOES_ON = 10
"""Pictures: a camera that is held up has none of them."""


def wait_until(condition):
    deadline = time.monotonic() + BOUND
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    return value


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

    def written(self, name):
        return json.loads(self.asking.ask(f"/api/cameras/{name}/state")[2])["frames"]["written"]


@pytest.fixture
def cameras(gstreamer):
    servers = {name: RtspServer() for name in ("steady", "killed", "frozen", "resized")}
    for server in servers.values():
        server.start("--rate", "10")
    yield servers
    for server in servers.values():
        server.kill()


def test_what_becomes_of_one_is_no_matter_of_the_others(cameras, tmp_path):
    inputs = [f"--input={name}={server.url()}" for name, server in cameras.items()]
    words = [
        *inputs,
        *(
            "--model",
            "nano",
            "--webrtc",
            "--port",
            "0",
            "--output",
            tmp_path / "films",
            "--frozen-after",
            "1",
        ),
        *("--report", tmp_path / "report.json"),
    ]
    command = [sys.executable, "-m", "streamdepth", *map(str, words)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            run = Watched(process)
            wait_until(lambda: all(run.condition(name) == "live" for name in cameras))
            cameras["killed"].kill()
            cameras["frozen"].say("freeze")
            cameras["resized"].kill()
            cameras["resized"].start("--rate", "10", "--size", "160x120")
            wait_until(lambda: run.condition("killed").startswith("away"))
            wait_until(lambda: run.condition("frozen").startswith("frozen"))
            before = run.written("steady")
            wait_until(lambda: run.written("steady") >= before + GOES_ON)
            assert run.condition("killed").startswith("away")
            wait_until(lambda: run.condition("resized") == "live")
            assert run.condition("steady") == "live"
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
