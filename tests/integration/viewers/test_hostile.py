"""Ill will and bad luck beside a viewer: its pictures go on, memory is bounded, and who comes later gets in."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from places import FAKES, REPOSITORY
from processor_waits import ProcessorWaits
from stamped_feed import PATIENCE

logger = logging.getLogger(__name__)
LONGEST_GAP = 0.5
"""Seconds between two pictures at who watches, less those in which others had the processors of the two."""
MOST_MEMORY = 80.0
"""Megabytes that the server may grow by meanwhile."""


class Served:
    """A service in a process of its own, as `post_offer` of a watcher wants it."""

    def __init__(self, process):
        self.process = process
        self.address = process.stdout.readline().strip()
        self.port = int(re.search(r":(\d+)/", self.address)[1])

    def memory(self):
        """Resident megabytes."""
        told = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", told)[1]) / 1024


@contextmanager
def program(script, *arguments):
    command = [sys.executable, str(FAKES / script), *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as process:
        try:
            yield process
        finally:
            process.stdin.close()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


@pytest.fixture
def served(service_at):
    with program("stamped_service.py", "--height", 240, "--max-viewers", 16) as process:
        served = Served(process)
        served.service = service_at(served.address)
        yield served


KINDS = ("idle", "half", "slow", "deaf", "flood", "nonsense", "large")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
@pytest.mark.parametrize("kind", KINDS)
def test_who_watches_sees_no_gap_and_who_comes_gets_in(served, kind, watching, new_watcher):
    gaps, stop = [], asyncio.Event()

    async def look(viewer):
        last, waits = time.monotonic(), ProcessorWaits(served.process.pid, os.getpid())
        while not stop.is_set():
            await viewer.picture()
            now = time.monotonic()
            gaps.append(now - last - waits.since_last())
            last = now

    async def scenario():
        async with watching(served.service) as viewer:
            await viewer.picture()
            before, looking = served.memory(), asyncio.create_task(look(viewer))
            offer = viewer.connection.localDescription.sdp
            told = await asyncio.to_thread(
                attack, served.port, kind, offer, lambda: join(served, new_watcher)
            )
            grown = served.memory() - before
            stop.set()
            await looking
            return told, grown

    (told, first), grown = asyncio.run(scenario())
    logger.info(
        "%s: largest gap %.0f ms, %.0f MB more, answers %s, who came in saw a picture after %.2f s",
        *(kind, 1000 * max(gaps), grown, told, first),
    )
    assert max(gaps) < LONGEST_GAP
    assert grown < MOST_MEMORY
    assert set(told) <= {"0", "201", "400", "413", "429", "503"}, told


def attack(port, kind, offer, meanwhile):
    with program("attacks.py", port, kind) as attacker:
        attacker.stdin.write(json.dumps(offer) + "\n")
        attacker.stdin.flush()
        assert attacker.stdout.readline() == "ready\n"
        first = meanwhile()
        told, _ = attacker.communicate(timeout=PATIENCE)
    return json.loads(told), first


def join(served, new_watcher):
    """Seconds until another viewer has its first picture."""
    began = time.monotonic()

    async def scenario():
        watcher = new_watcher(served.service)
        try:
            await watcher.watch(patience=12)
            await watcher.picture()
            return time.monotonic() - began
        finally:
            await watcher.connection.close()

    return asyncio.run(scenario())


def test_who_shows_another_certificate_than_its_offer_named_is_let_go(service, new_watcher, until):
    until(lambda: service.viewers() == 0)

    async def scenario():
        watcher = new_watcher(service)
        good = await watcher.offer()
        wrong = re.sub(r"(a=fingerprint:sha-256 )..", r"\g<1>00", good)
        watcher.offer = lambda: asyncio.sleep(0, wrong)
        try:
            await watcher.watch()
            await asyncio.to_thread(until, lambda: service.viewers() == 0, 12)
        finally:
            await watcher.connection.close()

    asyncio.run(scenario())
