#!/usr/bin/env python
"""What HTTP costs `streamdepth serve`: CPU of its thread per picture, in turns with another version of the package.

    .venv/bin/python scripts/bench/serve_http.py --before FOLDER [--rounds 20] [--seconds 1.5] [--connections 8]

Both services have lanes that answer every picture after a millisecond of sleep with the same 114 kB, so that almost
all their CPU time is that of the HTTP thread, also on a machine with other work; the pictures are those of serve.py.
Prints medians and minima of the rounds in milliseconds a picture, and the median ratio of the pairs.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from serve_clients import Door, closed_loop
from serve_steps import pictures

ROOT = Path(__file__).resolve().parents[2]
FAKE = """
import os, sys, time
from streamdepth.server import depth_service
from streamdepth.server.answers import Answer
from streamdepth.server.pictures import Spans
body = os.urandom(114_000)
def answer_picture(turn, *_):
    time.sleep(0.001)
    return Answer(body, "image/png", {"Depth-Model": "nano"}), Spans(turn.waited, 0.003, 0.01, 0.002)
depth_service.answer_picture = answer_picture
from streamdepth.cli import main
sys.exit(main())
"""


@dataclass(frozen=True)
class Service:
    """One that is ready."""

    pid: int
    door: Door

    def threads(self) -> dict[str, float]:
        """CPU milliseconds of each thread so far (proc(5), schedstat)."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return {task.name: int((task / "schedstat").read_text("ascii").split()[0]) / 1e6 for task in tasks}

    def round(self, data: Sequence[bytes], connections: int, seconds: float) -> float:
        """Milliseconds a picture of the thread that has most to do."""
        before = self.threads()
        seen = asyncio.run(closed_loop(self.door, data, connections, seconds))
        spent = max(cpu - before.get(thread, 0.0) for thread, cpu in self.threads().items())
        return spent / max(1, seen.statuses[200])


@contextmanager
def serving(package: Path) -> Iterator[Service]:
    """A service of the package in that folder, whose lanes answer at once."""
    words = ["serve", "--port", "0", "--cache", "none", "--model", "nano", "--engine", "onnxruntime"]
    with tempfile.TemporaryDirectory() as folder:
        # With -c, the folder in which it is run comes before that of PYTHONPATH.
        around = {**os.environ, "PYTHONPATH": str(package)}
        process = subprocess.Popen(
            [sys.executable, "-c", FAKE, *words], stderr=subprocess.PIPE, text=True, env=around, cwd=folder
        )
        assert process.stderr is not None
        port = 0
        for line in process.stderr:
            if match := re.search(r"listening on http://[^:]+:(\d+)/", line):
                port = int(match[1])
            if "ready:" in line:
                break
        drain = subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
        try:
            yield Service(process.pid, Door(port))
        finally:
            process.terminate()
            process.wait(70)
            drain.wait(10)


def main() -> None:
    """Measure, and print three lines."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--before", type=Path, required=True, help="the folder that has the other streamdepth/"
    )
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=1.5, help="of a round")
    parser.add_argument("--connections", type=int, default=8)
    wanted = parser.parse_args()
    data = pictures(100, "demo")
    with ExitStack() as open_:
        services = [open_.enter_context(serving(folder)) for folder in (ROOT, wanted.before.resolve())]
        found: list[list[float]] = [[], []]
        for service in services:
            service.round(data, wanted.connections, wanted.seconds)  # the first second is nobody's
        for number in range(wanted.rounds):
            for place in (0, 1) if number % 2 else (1, 0):
                found[place].append(services[place].round(data, wanted.connections, wanted.seconds))
    for name, times in zip(("now", "before"), found, strict=True):
        sys.stdout.write(f"{name}: median {statistics.median(times):.3f} ms, least {min(times):.3f} ms\n")
    ratio = statistics.median(now / before for now, before in zip(*found, strict=True))
    sys.stdout.write(f"now / before: {ratio:.3f}\n")


if __name__ == "__main__":
    main()
