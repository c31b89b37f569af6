#!/usr/bin/env python
"""A real RTSP server that is killed again and again under a run that records and shows it: does the picture come back?

    .venv/bin/python scripts/soak/rtsp.py [--kills 20] [--long-outage 60]

Needs GStreamer's RTSP server (scripts/test installs it). Prints how long after the server's return each picture was
back, threads and memory of the run along the way, whether the recording is as long as the wall clock, and whether one
WebRTC viewer saw pictures all the time. Exit status 1 when a picture took longer than is promised, a thread or memory
leaked, the recording is short, or the viewer was left without pictures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import av
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from streamdepth.threads.worker import Worker

REPOSITORY = Path(__file__).resolve().parents[2]
BACK_WITHIN = 3.0
"""Seconds after the server's return that are promised for outages of 1 to 4 s."""
RETRY_MARGIN = 2.0
MAY_GROW_MB = 10.0
VIEWER_GAP = 2.0
"""Seconds that a viewer may be without a new picture: the one that stands in comes four times a second."""


@dataclass(frozen=True)
class Usage:
    """What a process holds."""

    threads: int
    rss_mb: float
    files: int


class Server:
    """The camera; `start` returns once it listens."""

    def __init__(self, size: str) -> None:
        self._size = size
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    def start(self) -> None:
        script = REPOSITORY / "tests" / "fakes" / "rtsp_server.py"
        command = ["/usr/bin/python3", str(script), "--port", str(self.port), "--size", self._size]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def kill(self) -> None:
        assert self._process is not None
        with self._process as process:
            process.kill()


class Recording:
    """A run of the command line that records the camera, and when it reported each return."""

    def __init__(self, url: str, folder: Path) -> None:
        self.movie, self.figures = folder / "depth.mp4", folder / "figures.json"
        command = [sys.executable, "-m", "streamdepth", "--input", url, "--output", str(self.movie)]
        command += ["--model", "nano", "--report", str(self.figures), "--webrtc", "--port", "0"]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self.returns: list[float] = []
        self.address = ""
        self._listener = Worker("listener", self._listen, on_error=lambda _error: None).start()

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if "is back after" in line:
                self.returns.append(time.monotonic())
            elif "watch at" in line:
                self.address = line.split("watch at")[1].strip()
            elif "tried again" not in line and "frames" not in line:
                print("    " + line.rstrip())

    def wait_for(self, returns: int, patience: float) -> float | None:
        """When it had come back so many times; None if that took too long."""
        give_up_at = time.monotonic() + patience
        while len(self.returns) < returns:
            if time.monotonic() > give_up_at or self._process.poll() is not None:
                return None
            time.sleep(0.01)
        return self.returns[returns - 1]

    def wait_until_recording(self) -> None:
        while not self.address or not self.movie.exists() or self.movie.stat().st_size < 20_000:
            if self._process.poll() is not None:
                sys.exit("the run ended before it began")
            time.sleep(0.05)

    def usage(self) -> Usage:
        process = Path(f"/proc/{self._process.pid}")
        status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
        files = len(list((process / "fd").iterdir()))
        return Usage(int(status["Threads"]), int(status["VmRSS"].split()[0]) / 1024, files)

    def end(self) -> float:
        """Ctrl-C; returns the seconds it took to end."""
        begin = time.monotonic()
        self._process.send_signal(signal.SIGINT)
        self._process.wait(30)
        self._listener.join(10)
        return time.monotonic() - begin


class Viewer:
    """One WebRTC viewer, from its offer to the end of the stream; it never connects again."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.seen_at: list[float] = []
        self.failure: BaseException | None = None
        self._worker = Worker("viewer", lambda: asyncio.run(self._watch()), on_error=self._fail).start()

    def _fail(self, error: BaseException) -> None:
        self.failure = error

    async def _watch(self) -> None:
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        receiver = connection.addTransceiver("video", direction="recvonly").receiver
        await connection.setLocalDescription(await connection.createOffer())
        answer = await asyncio.to_thread(self._ask, connection.localDescription.sdp)
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        try:
            while True:
                await asyncio.wait_for(receiver.track.recv(), 30)
                self.seen_at.append(time.monotonic())
        except MediaStreamError:
            return
        finally:
            await connection.close()

    def _ask(self, sdp: str) -> str:
        request = urllib.request.Request(
            self._address + "whep", sdp.encode(), {"Content-Type": "application/sdp"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(answer.read().decode())

    def end(self) -> None:
        """Wait for the end of the stream. Raises `StageStuck` where it does not come."""
        self._worker.join(40)

    @property
    def watched(self) -> float:
        """Seconds from its first picture to its last."""
        return self.seen_at[-1] - self.seen_at[0] if self.seen_at else 0.0

    @property
    def longest_gap(self) -> float:
        """Seconds between two pictures."""
        return max(
            (b - a for a, b in zip(self.seen_at, self.seen_at[1:], strict=False)), default=float("inf")
        )


def outages(options: argparse.Namespace) -> Iterator[tuple[float, float]]:
    """Seconds without the server, and seconds after its return within which the picture is due."""
    chance = random.Random(options.seed)
    for _ in range(options.kills):
        yield chance.uniform(1.0, 4.0), BACK_WITHIN
    if options.long_outage:
        # Five tries a second apart and five of 5 s are over after 30 s: the interval then is 10 s, and a fifth.
        yield options.long_outage, 12.0 + RETRY_MARGIN


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--long-outage", type=float, default=0.0, help="one more outage, of so many seconds")
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    server = Server(options.size)
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            return soak(server, Recording(f"rtsp://127.0.0.1:{server.port}/camera", Path(folder)), options)
    finally:
        server.kill()


def soak(server: Server, run: Recording, options: argparse.Namespace) -> int:
    run.wait_until_recording()
    viewer = Viewer(run.address)
    begin, late, usages = time.monotonic(), 0, []
    chance = random.Random(options.seed + 1)
    for number, (outage, due) in enumerate(outages(options), 1):
        time.sleep(chance.uniform(2.0, 5.0))
        server.kill()
        time.sleep(outage)
        server.start()
        returned = time.monotonic()
        back = run.wait_for(number, due + 60.0)
        took = (back or time.monotonic()) - returned
        late += took > due
        usages.append(run.usage())
        print(
            f"{number:3d}: away {outage:4.1f} s, back {took:4.1f} s after the server   {usages[-1]}",
            flush=True,
        )
    time.sleep(3.0)
    last = run.usage()
    wall = time.monotonic() - begin
    ending = run.end()
    viewer.end()
    return verdict(run, viewer, usages, last, wall, ending, late)


def verdict(
    run: Recording, viewer: Viewer, usages: list[Usage], last: Usage, wall: float, ending: float, late: int
) -> int:
    with av.open(str(run.movie)) as container:
        times = [frame.time for frame in container.decode(video=0)]
    # The run began before the first look at its clock: the recording may only be longer.
    length = times[-1] - times[0]
    gap = max(second - first for first, second in pairwise(times))
    early = usages[min(2, len(usages) - 1)]
    figures = json.loads(run.figures.read_text())
    frames = figures["frames"]
    wrong = {
        "late returns": late,
        "threads more at the end": max(0, last.threads - early.threads),
        "files more at the end": max(0, last.files - early.files),
        f"MB more at the end (may be {MAY_GROW_MB:g})": max(0.0, last.rss_mb - early.rss_mb - MAY_GROW_MB),
        "seconds missing in the recording (may be 1)": max(0.0, wall - length - 1.0),
        f"seconds without a picture for the viewer (may be {VIEWER_GAP:g})": max(
            0.0, viewer.longest_gap - VIEWER_GAP
        ),
        "failures of the viewer": int(viewer.failure is not None),
        "seconds that the viewer saw less (may be 3)": max(0.0, wall - viewer.watched - 3.0),
        "frames that do not add up": frames["captured"] - frames["dropped"] - frames["inferred"],
    }
    print(f"after the third return {early}, at the end {last}")
    print(
        f"wall clock {wall:.1f} s, recording {length:.1f} s, longest gap in it {gap:.2f} s, ended in {ending:.2f} s"
    )
    print(
        f"viewer: {len(viewer.seen_at)} pictures, longest gap {viewer.longest_gap:.2f} s {viewer.failure or ''}"
    )
    print(f"source {figures['source']}")
    for what, count in wrong.items():
        if count:
            print(f"WRONG: {count:.1f} {what}")
    return int(any(wrong.values()))


if __name__ == "__main__":
    sys.exit(main())
