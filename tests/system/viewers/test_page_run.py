"""The page and a real run of the command line: inputs by name, and a server that is killed and started again."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import av
import numpy as np
import pytest
from engine_loading import KNOWN_NETWORK
from ports import free_port
from stamped_feed import PATIENCE
from viewed_pages import between

COMMAND = [
    sys.executable,
    *["-m", "streamdepth", "--input", "demo", "--camera-size", "320x240", *KNOWN_NETWORK],
]
NOTICED_WITHIN = 5.0
"""Seconds: what browsers themselves find out of a dead line they find out later."""
BACK_WITHIN = 2.0
"""Seconds: what is promised, from the first picture of the server that started again."""


class Run:
    """One run of the command line with viewers."""

    def __init__(self, *more, port=None):
        port = str(port or free_port())
        command = [*COMMAND, "--webrtc", "--port", port, "--alpha", "0", *more]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            self.address = next(
                found[1] for line in self.process.stderr if (found := re.search(r"watch at (\S+)", line))
            )
        except BaseException:  # also the end of the test's time
            self.kill()
            raise
        self.port = self.address.rstrip("/").rpartition(":")[2]

    def ask(self, path):
        """The JSON of an answer; None while there is none."""
        try:
            with urllib.request.urlopen(self.address.rstrip("/") + path, timeout=PATIENCE) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as refusal:
            refusal.close()
            return None

    def kill(self):
        self.process.kill()
        self.process.communicate(timeout=PATIENCE)


@pytest.fixture
def start():
    runs = []

    def starting(*more, **settings):
        runs.append(Run(*more, **settings))
        return runs[-1]

    yield starting
    for run in runs:
        run.kill()


@pytest.fixture
def clip(tmp_path):
    """A second of red."""
    path = tmp_path / "red.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=20)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        red = np.full((180, 320, 3), (220, 20, 20), np.uint8)
        for _ in range(20):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(red, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def go(viewed, run):
    viewed.until(lambda: run.ask("/healthz"), patience=30)
    viewed.tab.goto(run.address)
    viewed.until(viewed.plays, patience=30)
    viewed.until(lambda: viewed.tab.is_visible("#controls"), patience=30)


def is_red(viewed):
    canvas = viewed.canvas()
    return (
        canvas is not None
        and canvas.shape == (180, 320, 3)
        and canvas[..., 0].mean() > 150 > canvas[..., 1].mean()
    )


def test_viewers_choose_among_the_inputs_that_the_command_line_names(viewed, start, clip):
    run = start("--switch-to", str(clip), "--switch-to", "rtsp://me:secret@127.0.0.1:9/none")
    go(viewed, run)
    assert viewed.tab.locator("#input option").all_text_contents() == [
        "demo",
        "red.mp4",
        "rtsp://127.0.0.1:9/none",
    ]
    viewed.tab.select_option("#input", label="red.mp4")
    viewed.until(lambda: is_red(viewed))
    before = run.ask("/api/state")["frames"]["captured"]
    viewed.until(lambda: run.ask("/api/state")["frames"]["captured"] - before > 40)  # it begins again
    assert is_red(viewed)
    assert run.ask("/api/state")["source"]["kind"] == "video"
    viewed.tab.select_option("#input", label="rtsp://127.0.0.1:9/none")
    viewed.until(lambda: "127.0.0.1:9/none: connection refused" in viewed.told("notice"), patience=30)
    assert is_red(viewed)
    assert viewed.complaints == []


KEEP_CONNECTION = """{
  const Real = RTCPeerConnection;
  window.RTCPeerConnection = class extends Real {
    constructor(...given) { super(...given); window.kept = this; }
  };
}"""
PLAYING_LATE = """() => {
  document.querySelector("video").dispatchEvent(new Event("playing"));
  return document.getElementById("word").textContent;
}"""
COUNTS = """async () => {
  const all = [...(await window.kept.getStats()).values()];
  const { framesReceived, framesDecoded, framesDropped } = all.find((one) => one.type === "inbound-rtp");
  return { received: framesReceived, done: framesDecoded + framesDropped };
}"""


def test_it_plays_the_demo_at_the_rate_of_the_run(viewed, start):
    """A busy machine may leave pictures out at its screen, and each is counted: so those count that came."""
    viewed.tab.add_init_script(KEEP_CONNECTION)
    run = start()
    go(viewed, run)

    def sent():
        return run.ask("/api/state")["encoders"][0]["pictures"]

    def counts():
        return viewed.tab.evaluate(COUNTS)

    first = between(sent, counts)

    def all_come():
        last = between(sent, counts)
        fewest, most = last[0] - first[1], last[1] - first[0]
        return 0.85 * fewest <= last[2]["received"] - first[2]["received"] <= most + 5

    viewed.until(lambda: sent() - first[1] >= 40, patience=90)
    viewed.until(all_come)  # soon, where its browser stood still
    viewed.until(lambda: (now := counts())["received"] - now["done"] <= 5)  # none of them waits to be played


def test_it_is_back_soon_after_the_server_was_killed_and_started_again(viewed, start):
    run = start()
    go(viewed, run)
    run.kill()
    viewed.soon(lambda: "tries again" in viewed.told("word"), NOTICED_WITHIN)
    assert "tries again" in viewed.tab.evaluate(PLAYING_LATE)
    again = start(port=run.port)
    viewed.until(lambda: again.ask("/healthz"), patience=30)
    viewed.soon(lambda: viewed.told("word") == "" and again.ask("/api/state")["encoders"], BACK_WITHIN)
    viewed.until(viewed.plays)


@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM"])
def test_it_says_that_the_run_has_ended_after_ctrl_c_and_after_the_service_manager_s_stop(viewed, start, how):
    run = start()
    go(viewed, run)
    run.process.send_signal(getattr(signal, how))
    viewed.soon(lambda: viewed.told("word").startswith("the run has ended"), NOTICED_WITHIN)
    run.process.communicate(timeout=PATIENCE)
