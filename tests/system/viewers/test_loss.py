"""What viewers see on a line that loses packets: a real Chromium and the service, each in a network of its own."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from contextlib import contextmanager

import pytest
from networks import ADDRESSES, joined, network, run, skip_unless_possible
from places import FAKES, REPOSITORY

logger = logging.getLogger(__name__)
NEEDED = ("nft", "chromium")
ENDS = ("server", "viewer")
SERVER = ADDRESSES[0]
RULES = """table inet lossy {
  counter lost {}
  chain incoming {
    type filter hook input priority 0
    meta l4proto udp numgen random mod 100 <= HIGHEST counter name lost drop
  }
}
"""
# the media only: what TCP does about loss is not of this project


@pytest.fixture
def line(percent):
    """Two networks that are joined by a line that loses so many of a hundred datagrams, in both directions."""
    skip_unless_possible(*NEEDED)
    with made_line(percent) as line:
        yield line


@contextmanager
def made_line(percent):
    rules = RULES.replace("HIGHEST", str(percent - 1))
    with joined(*ENDS) as names:
        for name in names:
            run("ip", "netns", "exec", name, "nft", "-f", "-", input=rules)
        yield Line(dict(zip(ENDS, names, strict=True)))


class Line:
    def __init__(self, names):
        self._names = names

    def command(self, end, script, *arguments):
        words = ("ip", "netns", "exec", self._names[end], sys.executable, FAKES / script, *arguments)
        return [str(word) for word in words]

    def lost(self, end):
        told = run("ip", "netns", "exec", self._names[end], "nft", "-j", "list", "counters")
        return sum(
            entry["counter"]["packets"] for entry in json.loads(told)["nftables"] if "counter" in entry
        )


@contextmanager
def made_island():
    """One network in which this machine can reach itself and nobody else."""
    with network("island") as name:
        yield Line(dict.fromkeys(ENDS, name))


@contextmanager
def served(line, host=SERVER):
    """The address of a service at one end."""
    command = line.command("server", "stamped_service.py", "--host", host, "--token", "correct-horse")
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
            process.wait(20)


@pytest.mark.parametrize("percent", [2, 10])
def test_no_freeze_and_who_comes_sees_a_picture_within_a_second(line, percent):
    with served(line) as address:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        command = line.command("viewer", "chromium_viewer.py", address, "--seconds", "20", "--joins", "6")
        watched = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, text=True, env=environment, timeout=90
        )
        told = json.loads(watched.stdout)
        logger.info("%d %% loss, %s and %s lost: %s", percent, line.lost("viewer"), line.lost("server"), told)
    assert line.lost("viewer") > 20 * percent
    assert line.lost("server") > 0
    assert max(told["gaps"]) < 1000, told
    assert max(told["joins"]) < 1000, told
    assert told["pictures"] > 300, told


NO_UDP = {
    "no datagram comes through": (lambda: made_line(100), SERVER),
    "only lo": (made_island, "127.0.0.1"),
}


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("made", "host"), NO_UDP.values(), ids=NO_UDP)
def test_where_webrtc_does_not_come_through_the_page_says_so_and_shows_single_pictures(made, host):
    skip_unless_possible(*NEEDED)
    with made() as line, served(line, host) as address:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        command = line.command("viewer", "chromium_without_udp.py", address)
        watched = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, text=True, env=environment, timeout=180
        )
    told = json.loads(watched.stdout)
    assert 0 < told["seen"][0] < told["seen"][1]
    assert told["says"].startswith("WebRTC does not come through")
    assert told["controls"]
