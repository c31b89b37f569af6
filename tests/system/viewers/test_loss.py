"""What viewers see on a line that loses packets: a real Chromium and the service, each in a network of its own."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack, contextmanager

import pytest
from places import FAKES, REPOSITORY

logger = logging.getLogger(__name__)
NEEDED = ("ip", "nft", "chromium")
ENDS = {"server": "198.51.100.1", "viewer": "198.51.100.2"}  # RFC 5737: nobody's
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
    skip_unless_possible()
    with made_line(percent) as line:
        yield line


def skip_unless_possible():
    missing = [tool for tool in NEEDED if shutil.which(tool) is None]
    if missing or os.getuid() != 0:
        pytest.skip(f"needs root and {', '.join(missing or NEEDED)}")


@contextmanager
def made_line(percent):
    names = {end: f"sd-{end}-{os.getpid()}" for end in ENDS}
    with ExitStack() as stack:
        for name in names.values():
            run("ip", "netns", "add", name)
            stack.callback(run, "ip", "netns", "del", name)
        ends = [word for end in ENDS for word in ("netns", names[end])]
        run("ip", "link", "add", "line", *ends[:2], "type", "veth", "peer", "name", "line", *ends[2:])
        for end, name in names.items():
            other = next(address for there, address in ENDS.items() if there != end)
            run("ip", "-n", name, "address", "add", f"{ENDS[end]}/24", "dev", "line")
            run("ip", "-n", name, "link", "set", "lo", "up")
            run("ip", "-n", name, "link", "set", "line", "up")
            run("ip", "-n", name, "route", "add", "default", "via", other)
            rules = RULES.replace("HIGHEST", str(percent - 1))
            run("ip", "netns", "exec", name, "nft", "-f", "-", input=rules)
        yield Line(names)


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


def run(*command, **more):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=20, **more).stdout


@contextmanager
def made_island():
    """One network in which this machine can reach itself and nobody else."""
    name = f"sd-island-{os.getpid()}"
    with ExitStack() as stack:
        run("ip", "netns", "add", name)
        stack.callback(run, "ip", "netns", "del", name)
        run("ip", "-n", name, "link", "set", "lo", "up")
        yield Line(dict.fromkeys(ENDS, name))


@contextmanager
def served(line, host=ENDS["server"]):
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
    "no datagram comes through": (lambda: made_line(100), ENDS["server"]),
    "only lo": (made_island, "127.0.0.1"),
}


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("network", "host"), NO_UDP.values(), ids=NO_UDP)
def test_where_webrtc_does_not_come_through_the_page_says_so_and_shows_single_pictures(network, host):
    skip_unless_possible()
    with network() as line, served(line, host) as address:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        command = line.command("viewer", "chromium_without_udp.py", address)
        watched = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, text=True, env=environment, timeout=180
        )
    told = json.loads(watched.stdout)
    assert 0 < told["seen"][0] < told["seen"][1]
    assert told["says"].startswith("WebRTC does not come through")
    assert told["controls"]
