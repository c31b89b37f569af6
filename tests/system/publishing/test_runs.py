"""The command line with --publish, as a person uses it."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from contextlib import contextmanager

import av
import pytest
from engine_loading import KNOWN_NETWORK
from processor_waits import Promise
from stamped_feed import PATIENCE

from streamdepth.cli.app import _exit_status

COMMAND = [
    sys.executable,
    *["-m", "streamdepth", "--input", "demo", "--camera-size", "160x96", *KNOWN_NETWORK],
]
TCP = {"rtsp_transport": "tcp"}
ENDS_WITHIN = 3.0
"""Seconds from Ctrl-C to the end; the run itself takes up to two of them."""


class Process:
    """A run whose lines are read as they come."""

    def __init__(self, process):
        self.process, self.lines = process, []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stderr:
            self.lines.append(line)

    @property
    def told(self):
        return "".join(self.lines)

    def interrupt(self):
        """Ctrl-C, and its end in the time that is promised."""
        promise = Promise(ENDS_WITHIN, self.process.pid)
        self.process.send_signal(signal.SIGINT)
        promise.await_until(lambda: self.process.poll() is not None)
        self._reader.join(PATIENCE)


@contextmanager
def running(*words):
    command = [*COMMAND, *map(str, words)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Process(process)
        finally:
            process.kill()


def state_of(told):
    url = re.search(r"watch at (http://\S+?)/?\n", told)[1]
    with urllib.request.urlopen(f"{url}/api/state", timeout=PATIENCE) as answer:
        return json.loads(answer.read())


def test_it_publishes_beside_the_web_and_a_file_and_says_how_it_went(
    media_server, closed_port, tmp_path, until, played
):
    media_server.start("--login", "me:hunter/2")
    address = media_server.address(login="me:hunter%2F2")
    away = f"whip+http://hunter2@127.0.0.1:{closed_port}/whip"
    made, figures = tmp_path / "depth.mp4", tmp_path / "r.json"
    outputs = ("--output", made, "--webrtc", "--port", "0", "--report", figures)
    with running("--live", "--publish", address, "--publish", away, *outputs) as run:
        until(lambda: "publishing to rtsp" in run.told, 60)
        with played(media_server.address("watch", "me:hunter%2F2"), **TCP) as pictures:
            picture = next(pictures)
        assert picture.shape == (96, 160, 3)
        assert picture.std() > 20  # a scene, not grey
        until(lambda: "cannot publish to whip+http" in run.told)
        until(lambda: state_of(run.told)["publish"][0]["packets"] > 20)
        state = state_of(run.told)
        run.interrupt()
    assert run.process.returncode == 130
    report = json.loads(figures.read_text())
    assert [one["url"] for one in report["publish"]] == [
        f"rtsp://***@127.0.0.1:{media_server.port}/live",
        f"whip+http://***@127.0.0.1:{closed_port}/whip",
    ]
    first, second = report["publish"]
    assert (first["state"], second["state"]) == ("ended", "ended")
    assert first["packets"] > 20
    assert first["connected_seconds"] > 0.5
    assert (second["packets"], second["reason"]) == (0, "connection refused")
    assert [one["state"] for one in state["publish"]] == ["connected", "trying"]
    assert "hunter" not in run.told + figures.read_text() + json.dumps(state)
    with av.open(str(made)) as container:
        assert sum(1 for _ in container.decode(video=0)) == report["frames"]["written"]


def test_publishing_alone_needs_no_window_and_servers_that_hang_do_not_keep_it(tmp_path, until):
    figures = tmp_path / "r.json"
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as two,
    ):
        for server in (one, two):
            server.settimeout(60)
        addresses = (
            f"rtsp://me:hunter2@127.0.0.1:{one.getsockname()[1]}/live",
            f"whip+http://hunter2@127.0.0.1:{two.getsockname()[1]}/whip",
        )
        words = [word for address in addresses for word in ("--publish", address)]
        with (
            running(*words, "--report", figures, "--log-format", "json") as run,
            one.accept()[0],
            two.accept()[0],
        ):
            run.interrupt()
    assert run.process.returncode == 130
    assert "hunter" not in run.told + figures.read_text()


@pytest.mark.parametrize(
    ("address", "cure"),
    [
        ("rtmp://h/x", "rtsp://HOST/PATH"),
        ("rtsp://me:hunter2/x@h/y", "write / as %2F"),
        ("http://hunter2@h/whip", "rtsp://HOST/PATH"),
        ("whip+https://", "rtsp://HOST/PATH"),
        ("x", "rtsp://HOST/PATH"),
    ],
)
def test_what_cannot_be_published_to_exits_2_with_one_line_that_helps(capfd, address, cure):
    assert _exit_status(["--input", "demo", "--model", "nano", "--publish", address]) == 2
    (line,) = capfd.readouterr().err.strip().splitlines()
    assert line.startswith("streamdepth: error: ")
    assert cure in line
    assert "hunter2" not in line


def test_a_config_file_takes_several_and_one_that_others_can_read_is_warned_of(closed_port, tmp_path, capfd):
    config = tmp_path / "s.toml"
    place = f"127.0.0.1:{closed_port}"
    addresses = [f"rtsp://a:hunter2@{place}/x", f"rtsp://{place}/y"]
    # Live for two seconds: a run of a few frames may end before both have been asked.
    config.write_text(f'input = "demo"\nlive = true\nmodel = "nano"\nduration = 2\npublish = {addresses}')
    config.chmod(0o644)
    report = tmp_path / "r.json"
    assert _exit_status(["--config", str(config), "--report", str(report)]) == 1
    told = capfd.readouterr().err
    nobody = f"error: nothing was published to rtsp://***@{place}/x: connection refused, nor to "
    assert nobody in told.strip().splitlines()[-1]
    assert "everybody on this machine can read publish in" in told
    assert "hunter2" not in told
    assert len(json.loads(report.read_text())["publish"]) == 2


def test_a_run_to_its_end_fails_where_a_server_never_answered_and_keeps_its_film(tmp_path, capfd):
    film = tmp_path / "depth.mp4"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"rtsp://127.0.0.1:{silent.getsockname()[1]}/live"
        words = ["--input", "demo", "--camera-size", "160x96", *KNOWN_NETWORK, "--frames", "4"]
        assert _exit_status([*words, "--live", "--publish", address, "--output", str(film)]) == 1
    assert f"nothing was published to {address}: it did not answer before the end (" in capfd.readouterr().err
    with av.open(str(film)) as container:
        assert sum(1 for _ in container.decode(video=0)) > 0
