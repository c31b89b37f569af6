#!/usr/bin/env python
"""From the start of the command to the first picture at a viewer, in turns with another version of the package.

    .venv/bin/python scripts/bench/start.py --before PACKAGE_FOLDER [--rounds 9] [--input demo] [--model nano]

Told are wall seconds and CPU seconds of all threads of the command until its port answers, until its page is there, and
until a viewer (aiortc, in this process, which asks by WHEP as soon as there is a page) has the first picture of depth:
medians of the rounds, and of the ratios of the pairs. Both versions run the network of the one that is compared with,
unless `--model` names another, and both are compiled, as an installed package is, by a first run that is not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

from webrtc_parts import Viewer, machine

ROOT = Path(__file__).resolve().parents[2]
NANO = Path("streamdepth/models/data/nano.onnx")
BYTECODE = Path(tempfile.gettempdir()) / "streamdepth-bytecode"
TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 60.0
LOOK_EVERY = 0.005

T = TypeVar("T")


@dataclass(frozen=True)
class Moment:
    """How far something is from the start of the command."""

    wall: float
    cpu: float
    """Seconds of all threads."""


@dataclass(frozen=True)
class Start:
    """One start of the command."""

    port: Moment
    page: Moment
    picture: Moment


@contextmanager
def started(package: Path, words: Sequence[str]) -> Iterator[Callable[[], Moment]]:
    """The command, and the clock since its start."""
    around = {**os.environ, "PYTHONPATH": str(package), "PYTHONPYCACHEPREFIX": str(BYTECODE)}
    around.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as said:
        # With -m, the folder in which it is run comes before that of PYTHONPATH.
        command = [sys.executable, "-m", "streamdepth", *words]
        began = time.monotonic()
        process = subprocess.Popen(command, stderr=said, env=around, cwd=folder)

        def now() -> Moment:
            if process.poll() is not None:
                said.seek(0)
                raise SystemExit(f"{package}: it ended: {said.read().decode()}")
            fields_of = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
            return Moment(time.monotonic() - began, (int(fields_of[11]) + int(fields_of[12])) / TICKS)

        try:
            yield now
            process.send_signal(signal.SIGINT)
            process.wait(30)
        finally:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def once(get: Callable[[], T], now: Callable[[], Moment]) -> T:
    """What `get` gives as soon as it does not fail; `now` raises where the command has ended."""
    while now().wall < PATIENCE:
        try:
            return get()
        except (OSError, urllib.error.URLError):
            time.sleep(LOOK_EVERY)
    raise SystemExit("nothing came of it in time")


def read(request: urllib.request.Request | str) -> str:
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(answer.read().decode())


async def first_picture(page: str, now: Callable[[], Moment]) -> Moment:
    """When a viewer that asks now has one."""

    def post(sdp: str) -> str:
        request = urllib.request.Request(page + "whep", sdp.encode(), {"Content-Type": "application/sdp"})
        return once(lambda: read(request), now)

    viewer = Viewer(decodes=False)
    await viewer.join(lambda sdp: asyncio.to_thread(post, sdp))
    while not viewer.pictures and now().wall < PATIENCE:
        await asyncio.sleep(LOOK_EVERY)
    moment = now()
    await viewer.connection.close()
    if not viewer.pictures:
        raise SystemExit("no picture came in time")
    return moment


def measured(package: Path, words: Sequence[str]) -> Start:
    port = free_port()
    with started(package, [*words, "--webrtc", "--port", str(port)]) as now:
        once(lambda: socket.create_connection(("127.0.0.1", port), 1).close(), now)
        at_port = now()
        page = f"http://127.0.0.1:{port}/"
        once(lambda: read(page), now)
        at_page = now()
        return Start(at_port, at_page, asyncio.run(first_picture(page, now)))


def compared(ours: Sequence[Start], theirs: Sequence[Start]) -> Iterator[str]:
    """A table."""
    yield "| until | now, s (CPU) | before, s (CPU) | of it, wall | of it, CPU |"
    yield "|---|---|---|---|---|"
    for step in (field.name for field in fields(Start)):
        pairs = [(getattr(a, step), getattr(b, step)) for a, b in zip(ours, theirs, strict=True)]
        sides = [
            f"{statistics.median(one.wall for one in side):.2f} ({statistics.median(one.cpu for one in side):.2f})"
            for side in zip(*pairs, strict=True)
        ]
        wall = statistics.median(a.wall / b.wall for a, b in pairs)
        cpu = statistics.median(a.cpu / b.cpu for a, b in pairs)
        yield f"| {step} | {sides[0]} | {sides[1]} | {wall:.2f} | {cpu:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--before", type=Path, required=True, help="Folder of the package to compare with.")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--input", default="demo")
    parser.add_argument("--size", default="640x480", help="Of the demo.")
    parser.add_argument("--model", help="Of both (default: that of the version to compare with).")
    parser.add_argument("--engine", default="onnxruntime")
    wanted = parser.parse_args()
    model = wanted.model or str((wanted.before / NANO).resolve())
    words = ["--input", wanted.input, "--model", model, "--engine", wanted.engine]
    words += ["--camera-size", wanted.size] if wanted.input == "demo" else []
    packages = (ROOT, wanted.before.resolve())
    for package in packages:
        measured(package, words)
    rounds = [tuple(measured(package, words) for package in packages) for _ in range(wanted.rounds)]
    print(f"{machine()}; {wanted.rounds} rounds; streamdepth {' '.join(words)} --webrtc")
    print("\n".join(compared(*zip(*rounds, strict=True))))


if __name__ == "__main__":
    main()
