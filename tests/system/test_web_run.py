"""The command line with --webrtc, as a person uses it."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import av
import numpy as np
import pytest
from engine_loading import KNOWN_NETWORK
from stamped_feed import PATIENCE

from streamdepth.cli.app import _exit_status

COMMAND = [
    sys.executable,
    *["-m", "streamdepth", "--input", "demo", "--camera-size", "160x96", *KNOWN_NETWORK],
]


def complaint(capsys, *more):
    return _exit_status(["--input", "demo", "--model", "nano", "--webrtc", *more]), capsys.readouterr().err


def test_beyond_this_machine_it_needs_a_token(capsys):
    status, words = complaint(capsys, "--host", "0.0.0.0")
    assert status == 2
    assert "add --token SECRET" in words


def test_a_wrong_ice_server_is_wrong_usage(capsys):
    status, words = complaint(capsys, "--ice-server", "nonsense")
    assert status == 2
    assert "stun:HOST:3478" in words


def test_a_port_in_use_is_one_sentence(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        status, words = complaint(capsys, "--port", str(taken.getsockname()[1]))
    assert status == 1
    assert len(words.strip().splitlines()) == 1
    assert "name another with --port" in words


def test_what_others_may_learn_of_the_token_is_said(capsys, tmp_path):
    config = tmp_path / "depth.toml"
    config.write_text('token = "correct-horse"\n')
    config.chmod(0o644)
    words = ["--config", str(config), "--camera-size", "160x96", "--port", "0", "--frames", "2"]
    status, told = complaint(capsys, *words, "--host", "0.0.0.0")
    assert status == 0
    assert f"warning: everybody on this machine can read token in {config} (chmod 600 {config})" in told
    assert "warning: over plain http the token can be read in transit (add --cert and --key, or" in told
    assert "correct-horse" not in told
    config.chmod(0o600)
    assert "warning" not in complaint(capsys, *words)[1]


@pytest.fixture
def run():
    with subprocess.Popen(
        [*COMMAND, "--webrtc", "--port", "0", "--token", "correct-horse"], stderr=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def test_it_says_where_to_watch_serves_and_ends_with_ctrl_c(run):
    address = next(found[1] for line in run.stderr if (found := re.search(r"watch at (\S+)", line)))
    url, token = address.split("/#token=")
    assert token == "***"  # a log has no secrets
    request = urllib.request.Request(f"{url}/api/state", headers={"Authorization": "Bearer correct-horse"})
    condition = "starting"
    while condition == "starting":
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            state = json.loads(answer.read())
        condition = state["condition"]
    assert state["source"]["width"] == 160
    assert state["model"]["name"] == "nano"
    run.send_signal(signal.SIGINT)
    _, words = run.communicate(timeout=PATIENCE)
    assert run.returncode == 130
    assert "error" not in words


@pytest.fixture
def camera_run():
    command = [word if word != "demo" else "browser" for word in COMMAND]
    with subprocess.Popen([*command, "--port", "0"], stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_the_camera_of_a_browser_needs_no_other_option_and_is_waited_for(camera_run):
    url = next(found[1] for line in camera_run.stderr if (found := re.search(r"watch at (\S+)/", line)))
    source = None
    while source is None:
        with urllib.request.urlopen(f"{url}/api/state", timeout=PATIENCE) as answer:
            source = json.loads(answer.read())["source"]
    assert (source["kind"], source["width"], source["height"]) == ("browser", 160, 96)
    camera_run.send_signal(signal.SIGINT)
    _, words = camera_run.communicate(timeout=PATIENCE)
    assert camera_run.returncode == 130
    assert "error" not in words


@pytest.fixture
def clip(tmp_path):
    """Ten pictures, half a second."""
    path = tmp_path / "short.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=20)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for level in range(10):
            picture = np.full((96, 160, 3), level * 20, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


@pytest.fixture
def clip_run(clip):
    command = [word if word != "demo" else str(clip) for word in COMMAND]
    with subprocess.Popen(
        [*command, "--webrtc", "--port", "0"], stderr=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def test_a_file_for_the_page_alone_plays_until_it_is_ended(clip_run):
    url = next(found[1] for line in clip_run.stderr if (found := re.search(r"watch at (\S+)/", line)))
    captured = 0
    while captured < 25:  # more than it has, twice
        with urllib.request.urlopen(f"{url}/api/state", timeout=PATIENCE) as answer:
            captured = json.loads(answer.read())["frames"]["captured"]
    with urllib.request.urlopen(f"{url}/api/source", timeout=PATIENCE) as answer:
        assert json.loads(answer.read())["trouble"] == ""
    clip_run.send_signal(signal.SIGINT)
    _, words = clip_run.communicate(timeout=PATIENCE)
    assert clip_run.returncode == 130
    assert "error" not in words


@pytest.mark.parametrize("end", [("--duration", "0.3"), ("--frames", "3"), ("--output", "rendered.mp4")])
def test_a_file_for_the_page_ends_where_that_was_asked_for(clip, end, tmp_path):
    more = [str(tmp_path / word) if word.endswith(".mp4") else word for word in end]
    command = [word if word != "demo" else str(clip) for word in COMMAND]
    run = subprocess.run([*command, "--webrtc", "--port", "0", *more], capture_output=True, timeout=60)
    assert run.returncode == 0
