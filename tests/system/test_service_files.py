"""The examples for a service: the unit is one that systemd accepts, and the options exist."""

from __future__ import annotations

import shlex
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager

import pytest
from places import REPOSITORY

from streamdepth.cli.app import app

EXAMPLES = REPOSITORY / "docs/examples"
UNIT = EXAMPLES / "streamdepth.service"


def settings():
    lines = (line for line in UNIT.read_text().splitlines() if "=" in line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def test_the_command_of_the_unit_and_the_options_of_its_file_parse(tmp_path):
    command = settings()["ExecStart"].replace("%d", str(EXAMPLES)).replace("%C", str(tmp_path))
    _, bound, _ = app.parse_args(shlex.split(command)[1:])
    options = bound.arguments
    assert options["batch"].inputs == ("rtsp://USER:PASSWORD@192.168.1.20/stream",)
    assert options["log"].log_format == "json"
    assert options["common"].cache_dir == tmp_path / "streamdepth"


def test_stopping_has_more_time_than_a_run_takes_to_end():
    from streamdepth.cli.signals import WRITING_CAP

    assert int(settings()["TimeoutStopSec"]) > WRITING_CAP
    assert settings()["SuccessExitStatus"] == "143"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_accepts_the_unit(tmp_path):
    unit = tmp_path / "streamdepth.service"
    unit.write_text(UNIT.read_text().replace("/opt/streamdepth/bin/streamdepth", shutil.which("true")))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "streamdepth" in line]
    assert (done.returncode, ours) == (0, [])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="systemd is Linux's")
def test_a_run_tells_its_manager_when_it_is_ready_that_it_lives_and_that_it_ends(tmp_path):
    words = "--input demo --live --camera-size 64x48 --model nano --output x.mp4"
    with managed(tmp_path, words) as (manager, process):
        assert manager.recv(200).startswith(b"READY=1")
        assert manager.recv(200) == b"WATCHDOG=1"
        process.terminate()
        while manager.recv(200) != b"STOPPING=1":
            pass
        _, said = process.communicate(timeout=60)
    assert process.returncode == 143, said


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="systemd is Linux's")
def test_a_run_that_waits_for_its_camera_is_not_ended_as_one_whose_start_hangs(tmp_path):
    words = "--input rtsp://127.0.0.1:1/x --wait-for-source --model nano --output x.mp4"
    with managed(tmp_path, words) as (manager, process):
        assert manager.recv(200).startswith(b"EXTEND_TIMEOUT_USEC=")
        assert any(b"it is tried again until it is there" in line for line in process.stderr)
        process.terminate()
        assert process.wait(60) == 143


@contextmanager
def managed(folder, words):
    """A run that a service manager has started, with the socket on which that listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(folder / "notify"))
        manager.settimeout(60)
        environ = {
            "PATH": "/usr/bin",
            "HOME": str(folder),
            "PYTHONPATH": str(EXAMPLES.parent.parent),
            "NOTIFY_SOCKET": str(folder / "notify"),
            "WATCHDOG_USEC": "2000000",  # of more the socket holds no more than ten, and what comes then is lost
        }
        command = [sys.executable, "-m", "streamdepth", *words.split()]
        with subprocess.Popen(command, cwd=folder, env=environ, stderr=subprocess.PIPE) as process:
            try:
                yield manager, process
            finally:
                process.kill()
