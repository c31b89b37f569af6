#!/usr/bin/env python
"""Viewers that come and go, some without a goodbye, beside one who stays: does anything grow, is anybody disturbed?

    .venv/bin/python scripts/soak/viewers.py [--viewers 500] [--at-once 20] [--seed 1]

The service runs in a process of its own with `--max-viewers 24` and stamped pictures of 640x480; viewers are aiortc
clients in batches, each batch a process, of which every third is killed with all its viewers. The one who stays is in a
process of its own too. Prints a line a batch and, at the end, memory, threads and open files at first, halfway and at
last, and the longest gap between two pictures at the one who stayed; exit status 1 where a bound is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import queue
import random
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

REPOSITORY = Path(__file__).resolve().parents[2]
FAKES = REPOSITORY / "tests" / "fakes"
SERVER = FAKES / "stamped_service.py"
sys.path.insert(0, str(FAKES))
MOST_VIEWERS = 24
LONGEST_GAP = 1.0
"""Seconds between two pictures at the one who stays, less those in which others had its processors and the server's."""
MOST_GROWTH = 10.0
"""Megabytes at the end over the higher of those at first and at half of the viewers: memory that has been given back in
between and is needed again is no leak, nor is what is needed once, for as many as are there at once."""
GONE_WITHIN = 40.0
"""Seconds after which a viewer that vanished no longer counts."""


@contextmanager
def process(*command: object) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    words = [sys.executable, *map(str, command)]
    with subprocess.Popen(
        words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        try:
            yield running
        finally:
            if running.stdin is not None and not running.stdin.closed:
                running.stdin.close()
            try:
                running.wait(30)
            except subprocess.TimeoutExpired:
                running.kill()


def line_of(running: subprocess.Popen[str]) -> str:
    """The next line that a program prints."""
    assert running.stdout is not None
    return running.stdout.readline()


class Server:
    def __init__(self, running: subprocess.Popen[str]) -> None:
        self.pid = running.pid
        self.address = line_of(running).strip().rstrip("/")

    def viewers(self) -> int:
        with urllib.request.urlopen(f"{self.address}/api/state", timeout=10) as answer:
            return int(json.load(answer)["viewers"]["now"])

    def look(self) -> dict[str, float]:
        """Resident megabytes, threads and open files."""
        figures = dict(
            line.split(":", 1) for line in Path(f"/proc/{self.pid}/status").read_text().splitlines()
        )
        files = len(list(Path(f"/proc/{self.pid}/fd").iterdir()))
        return {
            "MB": round(int(figures["VmRSS"].split()[0]) / 1024, 1),
            "threads": int(figures["Threads"]),
            "files": files,
        }


async def watch(
    address: str, count: int, seconds: float, *, server: int | None = None, glance: bool = False
) -> None:
    """`count` viewers of this process, for so many seconds each; where the process of the `server` is told, until
    standard input ends, and they tell the longest gap whenever a line comes.

    With `glance` they read no more than the first bytes of a packet once they have seen a picture: sixteen that take
    packets apart in Python need more than a core, and where they do not get it they get no answer to their checks
    for consent, which wait behind pictures in their sockets.
    """
    from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
    from aiortc.rtp import is_rtcp
    from processor_waits import ProcessorWaits

    from streamdepth.webrtc.prompt_reading import read_promptly
    from streamdepth.webrtc.retransmission import bound_checks

    def is_picture(data: bytes) -> bool:
        return 127 < data[0] < 192 and not is_rtcp(data)

    class NoDecoding(queue.Queue[Any]):
        """Twenty viewers share this process."""

        def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
            if item is None:
                super().put(item, block, timeout)

    class Viewer:
        def __init__(self) -> None:
            self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
            receiver: Any = self.connection.addTransceiver("video", direction="recvonly").receiver
            receiver._RTCRtpReceiver__decoder_queue = NoDecoding()
            self._handle, receiver._handle_rtp_packet = receiver._handle_rtp_packet, self._take
            self.pictures, self.last, self.gap = 0, 0.0, 0.0
            self.waits = ProcessorWaits(*() if server is None else (server, os.getpid()))

        async def _take(self, packet: Any, arrival_time_ms: int) -> None:
            if packet.marker:
                now = time.monotonic()
                gap = now - self.last - self.waits.since_last()
                self.gap = max(self.gap, gap if self.pictures else 0.0)
                self.pictures, self.last = self.pictures + 1, now
            await self._handle(packet, arrival_time_ms=arrival_time_ms)

        def glance(self) -> None:
            """From now on leave pictures out as soon as they come."""
            ice: Any = self.connection.getTransceivers()[0].receiver.transport.transport._connection
            take = ice.data_received
            ice.data_received = lambda data, component: is_picture(data) or take(data, component)

        async def join(self) -> str:
            await self.connection.setLocalDescription(await self.connection.createOffer())
            dtls = self.connection.getTransceivers()[0].receiver.transport
            bound_checks(dtls)  # patient about consent, as browsers
            read_promptly(dtls)
            body = self.connection.localDescription.sdp.encode()
            location, answer = await asyncio.to_thread(post, address, body)
            await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
            end = time.monotonic() + 20
            while not self.pictures:
                if time.monotonic() > end:
                    raise SystemExit("a viewer saw no picture within 20 s")
                await asyncio.sleep(0.01)
            if glance:
                self.glance()
            return location

    viewers = [Viewer() for _ in range(count)]
    locations = await asyncio.gather(*(viewer.join() for viewer in viewers))
    print("watching", flush=True)
    if server is not None:
        while await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps({"gap": viewers[0].gap, "pictures": viewers[0].pictures}), flush=True)
            viewers[0].gap = 0.0
    else:
        await asyncio.sleep(seconds)
    for viewer, location in zip(viewers, locations, strict=True):
        await asyncio.to_thread(ask, location, "DELETE")
        await viewer.connection.close()


def ask(url: str, method: str) -> None:
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=10):
        pass


def post(address: str, body: bytes) -> tuple[str, str]:
    """A session and the answer; comes back as long as the service says so: the killed hold their places a while."""
    end = time.monotonic() + GONE_WITHIN + 20
    while True:
        request = urllib.request.Request(f"{address}/whep", body, {"Content-Type": "application/sdp"})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return urljoin(answer.url, answer.headers["Location"]), answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                if refused.code not in (429, 503) or time.monotonic() > end:
                    raise
            time.sleep(1)


def batch(server: Server, count: int, dies: bool) -> None:
    with process(__file__, "--watch", server.address, "--at-once", count, "--seconds", 1) as viewers:
        assert line_of(viewers) == "watching\n"
        if dies:
            viewers.kill()
        viewers.wait(60)


def asked(steady: subprocess.Popen[str]) -> dict[str, float]:
    """Pictures so far and the longest gap since it was asked last, at the one who stays."""
    assert steady.stdin is not None
    steady.stdin.write("?\n")
    steady.stdin.flush()
    figures: dict[str, float] = json.loads(line_of(steady))
    return figures


def wait_until_gone(server: Server) -> float:
    """Seconds until only the one who stays is left."""
    began = time.monotonic()
    while server.viewers() > 1:
        if time.monotonic() - began > GONE_WITHIN:
            raise SystemExit(f"{server.viewers() - 1} are still there {GONE_WITHIN:g} s later")
        time.sleep(0.2)
    return time.monotonic() - began


def soak(wanted: argparse.Namespace) -> int:
    dice = random.Random(wanted.seed)
    with ExitStack() as stack:
        server = Server(stack.enter_context(process(SERVER, "--max-viewers", MOST_VIEWERS)))
        steady = stack.enter_context(process(__file__, "--watch", server.address, "--stay", server.pid))
        assert line_of(steady) == "watching\n"
        first_look = server.look()
        done, killed, longest, gap = 0, 0, 0.0, 0.0
        numbers = list(range(0, wanted.viewers, wanted.at_once))
        for number, first in enumerate(numbers):
            count = min(wanted.at_once, wanted.viewers - first)
            dies = number % 3 == 2 or dice.random() < 0.1
            batch(server, count, dies)
            done, killed = done + count, killed + (count if dies else 0)
            if number + 1 == (len(numbers) + 1) // 2:
                longest = max(longest, wait_until_gone(server))
                time.sleep(wanted.settle)  # as at the end: memory has gone back, by a thread that then stays
                before = server.look()
            figures = asked(steady)
            gap = max(gap, figures["gap"])
            state = f"{server.viewers()} there, {server.look()}, longest gap {1000 * figures['gap']:.0f} ms"
            print(f"{done} came, {killed} killed: {state}", flush=True)
        longest = max(longest, wait_until_gone(server))
        time.sleep(wanted.settle)
        after = server.look()
        figures = asked(steady)
    print(f"at first {first_look}")
    growth = after["MB"] - max(first_look["MB"], before["MB"])
    print(f"halfway  {before}")
    print(f"at last  {after}: {growth:+.1f} MB over the higher of these")
    print(f"the last of the killed were gone after {longest:.1f} s")
    print(f"who stayed saw {figures['pictures']} pictures, the longest gap {1000 * gap:.0f} ms")
    broken = growth > MOST_GROWTH or after["threads"] > before["threads"] or after["files"] > before["files"]
    return int(broken or gap > LONGEST_GAP)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--viewers", type=int, default=500)
    parser.add_argument("--at-once", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--settle", type=float, default=15.0, help="seconds after the last has left, halfway and at the end"
    )
    parser.add_argument("--watch", metavar="ADDRESS", help=argparse.SUPPRESS)
    parser.add_argument("--stay", type=int, metavar="SERVER", help=argparse.SUPPRESS)
    parser.add_argument("--glance", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=1.0, help="that each batch watches")
    wanted = parser.parse_args()
    if wanted.watch:
        count = 1 if wanted.stay else wanted.at_once
        asyncio.run(watch(wanted.watch, count, wanted.seconds, server=wanted.stay, glance=wanted.glance))
        return 0
    return soak(wanted)


if __name__ == "__main__":
    sys.exit(main())
