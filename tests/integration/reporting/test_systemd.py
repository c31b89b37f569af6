"""What systemd hears; a real socket stands for it."""

from __future__ import annotations

import os
import socket
import sys

import pytest

from streamdepth.reporting.systemd import ServiceManager

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="systemd is Linux's")


@pytest.fixture(params=["path", "abstract"])
def manager_socket(request, tmp_path):
    name = str(tmp_path / "notify") if request.param == "path" else f"\0streamdepth-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(name)
        listening.settimeout(10)
        yield listening, name.replace("\0", "@")


def test_ready_alive_status_and_stopping_are_heard(manager_socket):
    listening, address = manager_socket
    manager = ServiceManager({"NOTIFY_SOCKET": address})
    manager.ready()
    manager.alive()
    manager.status("30 frames")
    manager.stopping()
    heard = [listening.recv(100).decode() for _ in range(4)]
    assert heard == ["READY=1\nSTATUS=running", "WATCHDOG=1", "STATUS=30 frames", "STOPPING=1"]


def test_a_start_that_waits_for_a_camera_is_given_more_time_than_any_start(manager_socket):
    listening, address = manager_socket
    ServiceManager({"NOTIFY_SOCKET": address}).waits()
    extended, status = listening.recv(200).decode().splitlines()
    assert int(extended.removeprefix("EXTEND_TIMEOUT_USEC=")) > 365 * 24 * 3600 * 1_000_000
    assert status == "STATUS=starting: its source is waited for"


@pytest.mark.parametrize(
    ("watchdog", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, 0.0),
        ({}, 0.0),
    ],
)
def test_signs_of_life_come_twice_as_often_as_they_are_wanted(watchdog, seconds):
    assert ServiceManager({"NOTIFY_SOCKET": "@x", **watchdog}).beat_every == seconds


def test_without_a_manager_or_with_a_deaf_one_nothing_happens(tmp_path):
    for environ in ({}, {"NOTIFY_SOCKET": str(tmp_path / "nobody")}):
        ServiceManager(environ).ready()
    assert ServiceManager({"WATCHDOG_USEC": "30000000"}).beat_every == 0.0
