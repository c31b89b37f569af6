"""Whole runs on a real RTSP camera that goes away: the recording goes on, and Ctrl-C is heard."""

import json
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import av
import numpy as np
import pytest
from engine_loading import KNOWN_NETWORK
from processor_waits import ProcessorWaits, Promise

BOUND = 60.0
"""Seconds against hanging; far beyond what is expected."""
ENDS_WITHIN = 2.0
"""Seconds from Ctrl-C to the end that are promised."""


@contextmanager
def started(*words):
    command = [sys.executable, "-m", "streamdepth", *map(str, words), *KNOWN_NETWORK]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until(condition):
    deadline = time.monotonic() + BOUND
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def interrupted(process):
    """Its error lines from now on, of a process that ends in the time that is promised."""
    promise = Promise(ENDS_WITHIN, process.pid)
    process.send_signal(signal.SIGINT)
    promise.await_until(lambda: process.poll() is not None)
    return process.stderr.read()


def seconds_waited(process):
    """For how long others had its processors until it ended by itself."""
    waits, waited = ProcessorWaits(process.pid), 0.0

    def is_over():
        nonlocal waited
        waited += waits.since_last()
        return process.poll() is not None

    wait_until(is_over)
    return waited


def told_until(process, words):
    """Its error lines up to one with these words."""
    told = []
    for line in process.stderr:
        told.append(line)
        if words in line:
            return "".join(told)
    raise AssertionError("".join(told))


def has_frames(path):
    return lambda: path.exists() and path.stat().st_size > 20_000


def lights(path):
    """(timestamp, mean of the picture) of each frame."""
    with av.open(str(path)) as container:
        return [
            (float(frame.pts * frame.time_base), float(frame.to_ndarray(format="gray").mean()))
            for frame in container.decode(video=0)
        ]


def test_a_recording_goes_on_while_the_camera_is_away(rtsp_server, tmp_path):
    made, figures = tmp_path / "depth.mp4", tmp_path / "r.json"
    rtsp_server.start()
    words = ("--output", made, "--report", figures, "--layout", "overlay", "--alpha", "0")
    with started("--input", rtsp_server.url("me:hunter%2F2"), *words) as process:
        wait_until(has_frames(made))
        begun, waits = time.monotonic(), ProcessorWaits(process.pid)
        rtsp_server.kill()
        wait_until(lambda: time.monotonic() > begun + 2.5)
        rtsp_server.start("--size", "160x120")
        told = told_until(process, "is back after")
        back = time.monotonic()
        wait_until(lambda: time.monotonic() > back + 2.0)
        lasted, waited = time.monotonic() - begun, waits.since_last()
        told += interrupted(process)
    assert process.returncode == 130
    assert "hunter" not in told
    report = json.loads(figures.read_text())
    assert report["source"]["reconnects"] == 1
    assert report["source"]["seconds_away"] > 2.0
    frames = report["frames"]
    assert frames["captured"] == frames["dropped"] + frames["inferred"]
    seen = lights(made)
    assert len(seen) > frames["written"]  # those that stood in are in the file and in no count
    assert seen[-1][0] - seen[0][0] > lasted - waited - 1.0
    gaps = np.diff([time for time, _ in seen])
    assert gaps.max() < 2.0 + waited
    dimmed = [light for _, light in seen if light < 70]
    assert 5 < len(dimmed) < 5 * report["source"]["seconds_away"]  # four a second


@pytest.mark.parametrize("output", ["depth.mp4", "depth"])
def test_so_many_seconds_count_from_the_first_picture_that_is_worked_on(rtsp_server, tmp_path, output):
    rtsp_server.start()
    made, figures = tmp_path / output, tmp_path / "r.json"
    option = "--output" if made.suffix else "--depth-output"
    words = (option, made, "--duration", "2", "--wait-for-source", "--report", figures)
    with started("--input", rtsp_server.url(), *words) as process:
        waited = seconds_waited(process)
        told = process.stderr.read()
    assert process.returncode == 0, told
    assert json.loads(figures.read_text())["frames"]["written"] > 5
    if made.suffix:
        seen = lights(made)
        assert 1.2 - waited < seen[-1][0] - seen[0][0] < 2.05
    else:
        assert len(list(made.glob("*.png"))) > 5


def test_ctrl_c_is_heard_when_the_camera_came_back_as_a_server_that_says_nothing(rtsp_server, tmp_path):
    made = tmp_path / "depth.mp4"
    rtsp_server.start()
    with started("--input", rtsp_server.url(), "--output", made) as process:
        wait_until(has_frames(made))
        rtsp_server.kill()
        with socket.create_server(("127.0.0.1", rtsp_server.port)) as silent:
            silent.settimeout(BOUND)
            connection, _ = silent.accept()
            with connection:
                told = interrupted(process)
    assert process.returncode == 130
    assert "Traceback" not in told
    assert len(lights(made)) > 5


def test_without_reconnection_the_run_ends_with_the_camera(rtsp_server, tmp_path):
    made = tmp_path / "depth.mp4"
    rtsp_server.start()
    with started("--input", rtsp_server.url(), "--output", made, "--no-reconnect") as process:
        wait_until(has_frames(made))
        rtsp_server.kill()
        _, told = process.communicate(timeout=BOUND)
    assert process.returncode in (0, 1)
    assert "ended by the other side" in told or "broke off" in told


@pytest.mark.parametrize(
    "words", [("--rtsp-transport", "carrier-pigeon"), ("--frozen-after", "-1"), ("--frozen-after", "nan")]
)
def test_a_wrong_option_is_wrong_usage(words):
    with started("--input", "rtsp://127.0.0.1:1/a", *words) as process:
        _, told = process.communicate(timeout=BOUND)
    assert process.returncode == 2
    assert words[0] in told


def test_a_password_is_not_in_what_a_run_prints_even_with_its_traceback(rtsp_server, tmp_path):
    rtsp_server.start("--login", "me:right")
    words = ("--output", tmp_path / "a.mp4", "--report", tmp_path / "r.json", "--verbose")
    with started("--input", rtsp_server.url("me:hunter%2F2") + "?token=hunter2", *words) as process:
        _, told = process.communicate(timeout=BOUND)
    assert process.returncode == 1
    assert "refuses the user name or password" in told
    assert "Traceback" in told
    assert "hunter" not in told + (tmp_path / "r.json").read_text()
