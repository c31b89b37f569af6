#!/usr/bin/env python
"""Several RTSP cameras in one run that goes on and on while things happen to them: does anything grow or get lost?

    .venv/bin/python scripts/soak/cameras.py --seconds 3600 [--cameras 4] [--size 640x360] [--rate 10] [--json]

Needs GStreamer's RTSP server (scripts/test installs it). All cameras are recorded in segments, of which the old ones
are deleted, and two are watched as JPEGs. To the first camera nothing happens; of the others, one is killed
and comes back, freezes, stalls, comes back with another size, or is taken out of the run and put into it again. PSS,
threads and open files of the run are noted once a second. The exit status is 1 when something grew, when the first
camera lost its source or its pictures, when another did not come back, or when a picture was not counted.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from streamdepth.threads.worker import Worker

STEADY = "camera1"
"""To which nothing happens."""
REPOSITORY = Path(__file__).resolve().parents[2]
WARM_UP = 300.0
"""Seconds until allocators, codecs and caches have what they need; memory is judged from three times that on."""
GROWTH_MB = 12.0
"""Between the first and the last quarter: what allocators and the page cache move to and fro."""
MORE = 4
"""Threads and files of a camera that has just come back, beside what is usual."""
AWAY = 0.01
"""Share of the time that the first camera may be away: a machine with too much to do does not read all in time."""
BACK_WITHIN = 60.0
"""Seconds until a camera is live again, on a machine that does other things, too."""
QUIET = (4.0, 12.0)
"""Seconds between two things that happen."""
SEGMENT = 60


class Server:
    """A camera; `start` returns once it listens."""

    def __init__(self, size: str, rate: int) -> None:
        self._size, self._rate = size, rate
        self.process: subprocess.Popen[str] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/camera"

    def start(self, size: str | None = None) -> None:
        script = REPOSITORY / "tests" / "fakes" / "rtsp_server.py"
        words = ["--port", str(self.port), "--size", size or self._size, "--rate", str(self._rate)]
        command = ["/usr/bin/python3", str(script), *words]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._line())

    def say(self, word: str) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        assert self._line() == word

    def kill(self) -> None:
        if self.process is not None:
            with self.process as process:
                process.kill()

    def _line(self) -> str:
        assert self.process is not None
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


class Group:
    """The run of all cameras, as its clients see it and as the kernel does."""

    def __init__(self, servers: dict[str, Server], folder: Path) -> None:
        self.films, self.report = folder / "films", folder / "report.json"
        words = [f"--input={name}={server.url}" for name, server in servers.items()]
        words += ["--model", "nano", "--webrtc", "--port", "0", "--allow-camera-changes"]
        words += ["--output", str(self.films), "--segment", str(SEGMENT), "--report", str(self.report)]
        command = [sys.executable, "-m", "streamdepth", *words, "--frozen-after", "1"]
        log = folder / "log"
        with log.open("w") as stderr:
            self._process = subprocess.Popen(command, stderr=stderr)
        if wait_until(lambda: "watch at " in log.read_text() or self._process.poll() is not None) is None:
            raise SystemExit("the run does not begin")
        self.address = log.read_text().partition("watch at ")[2].split()[0].rstrip("/")

    def ask(self, path: str, method: str = "GET", body: dict[str, Any] | None = None) -> Any:
        """The JSON of an answer; raises OSError."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def conditions(self) -> dict[str, str]:
        return {one["name"]: one["condition"] for one in self.ask("/api/cameras")["cameras"]}

    def put(self, name: str, url: str) -> None:
        """Once the one of this name is out."""
        try:
            self.ask(f"/api/cameras/{name}", "PUT", {"input": url})
        except urllib.error.HTTPError as error:
            if error.code != 409:
                raise

    def usage(self) -> tuple[float, int, int]:
        """PSS in MB, threads, open files."""
        process = Path(f"/proc/{self._process.pid}")
        rollup = (process / "smaps_rollup").read_text().splitlines()
        pss = next(int(line.split()[1]) for line in rollup if line.startswith("Pss:")) / 1024
        threads, files = (len(list((process / what).iterdir())) for what in ("task", "fd"))
        return pss, threads, files

    def prune(self) -> int:
        """Delete what is recorded but for the newest two of each camera; how many were deleted."""
        old = 0
        for name in {path.name.partition("-")[0].partition(".")[0] for path in self.films.glob("*.mp4")}:
            segments = sorted(self.films.glob(f"{name}*.mp4"), key=lambda path: path.stat().st_mtime)
            for path in segments[:-2]:
                path.unlink()
                old += 1
        return old

    def end(self) -> dict[str, Any]:
        """Ctrl-C; the report."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(60)
        report: dict[str, Any] = json.loads(self.report.read_text())
        return report

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def wait_until(condition: Callable[[], bool]) -> float | None:
    """Seconds that it took; None where it did not come about."""
    began = time.monotonic()
    while time.monotonic() < began + BACK_WITHIN:
        if condition():
            return time.monotonic() - began
        time.sleep(0.1)
    return None


class Trouble:
    """What happens to one camera, and how long it is away afterwards."""

    def __init__(self, servers: dict[str, Server], group: Group, chance: random.Random, size: str) -> None:
        self._servers, self._group, self._chance = servers, group, chance
        width, height = map(int, size.split("x"))
        self._other = f"{width // 4 * 2}x{height // 4 * 2}"
        self.happened: dict[str, int] = {}
        self.late: list[str] = []
        self.slowest = 0.0

    def __call__(self) -> None:
        name = self._chance.choice(list(self._servers)[1:])
        kinds = (self._kill, self._freeze, self._stall, self._resize, self._take_out)
        kind = self._chance.choice(kinds)
        word = kind.__name__.strip("_")
        self.happened[word] = self.happened.get(word, 0) + 1
        kind(name, self._servers[name])
        back = wait_until(lambda: self._group.conditions().get(name) == "live")
        if back is None:
            self.late.append(f"{name} after {word}")
        else:
            self.slowest = max(self.slowest, back)

    def _kill(self, _name: str, server: Server) -> None:
        server.kill()
        time.sleep(self._chance.uniform(1, 4))
        server.start()

    def _freeze(self, _name: str, server: Server) -> None:
        server.say("freeze")
        time.sleep(3)
        server.say("go")

    def _stall(self, _name: str, server: Server) -> None:
        assert server.process is not None
        server.process.send_signal(signal.SIGSTOP)
        time.sleep(self._chance.uniform(1, 3))
        server.process.send_signal(signal.SIGCONT)

    def _resize(self, _name: str, server: Server) -> None:
        for size in (self._other, None):
            server.kill()
            server.start(size)
            time.sleep(4)

    def _take_out(self, name: str, server: Server) -> None:
        self._group.ask(f"/api/cameras/{name}", "DELETE")
        if wait_until(lambda: name not in self._group.conditions()) is None:
            self.late.append(f"{name} does not go")
        self._group.put(name, server.url)


@dataclass(frozen=True)
class Outcome:
    seconds: float
    happened: dict[str, int]
    back_s: float
    """The longest that a camera took to be live again."""
    segments: int
    """Of recordings, that were deleted."""
    steady_fps: float
    """Depth maps a second of the first camera."""
    steady_dropped: int
    steady_reconnects: int
    pss_mb: tuple[float, float]
    """Median of the first and of the last quarter."""
    pss_slope_mb_per_hour: float
    threads: tuple[float, float]
    files: tuple[float, float]
    faults: tuple[str, ...]
    """What should not be."""


def judge(
    report: dict[str, Any], samples: list[tuple[float, ...]], trouble: Trouble, segments: int
) -> Outcome:
    """`samples` are seconds, PSS, threads and files."""
    begin = min(WARM_UP, samples[-1][0] / 3)
    seconds, pss, *rest = zip(*(sample for sample in samples if sample[0] >= begin), strict=True)
    memory, threads, files = map(_ends, (pss, *rest))
    growth = memory[1] - memory[0]
    steady = next(one["report"] for one in report["cameras"] if one["camera"] == STEADY)
    frames = [section["report"]["frames"] for section in report["cameras"] if section["report"]]
    uncounted = sum(one["captured"] - one["dropped"] - one["inferred"] for one in frames)
    away = steady["source"]["seconds_away"]
    fps = steady["frames"]["inferred"] / samples[-1][0]
    wrong = {
        f"memory grew by {growth:.1f} MB": growth > GROWTH_MB and samples[-1][0] >= 3 * WARM_UP,
        f"threads went from {threads[0]:g} to {threads[1]:g}": threads[1] > threads[0] + MORE,
        f"open files went from {files[0]:g} to {files[1]:g}": files[1] > files[0] + MORE,
        f"{uncounted} pictures are neither inferred nor counted as dropped": uncounted != 0,
        f"the first camera was away for {away:.1f} s": away > AWAY * samples[-1][0],
        f"not live again: {', '.join(trouble.late)}": bool(trouble.late),
        "nothing happened": not trouble.happened,
    }
    return Outcome(
        seconds=round(samples[-1][0], 1),
        happened=trouble.happened,
        back_s=round(trouble.slowest, 1),
        segments=segments,
        steady_fps=round(fps, 2),
        steady_dropped=steady["frames"]["dropped"],
        steady_reconnects=steady["source"]["reconnects"],
        pss_mb=memory,
        pss_slope_mb_per_hour=round(float(np.polyfit(seconds, pss, 1)[0]) * 3600, 1),
        threads=threads,
        files=files,
        faults=tuple(what for what, is_so in wrong.items() if is_so),
    )


def _ends(values: tuple[float, ...]) -> tuple[float, float]:
    quarter = max(1, len(values) // 4)
    return statistics.median(values[:quarter]), statistics.median(values[-quarter:])


def soak(wanted: argparse.Namespace, servers: dict[str, Server], folder: Path) -> Outcome:
    group, segments = Group(servers, folder), 0
    samples: list[tuple[float, ...]] = []
    trouble = Trouble(servers, group, random.Random(wanted.seed), wanted.size)
    quiet = random.Random(wanted.seed + 1)
    try:
        if wait_until(lambda: set(group.conditions().values()) == {"live"}) is None:
            raise SystemExit(f"not all cameras came up: {group.conditions()}")
        with watched(group, list(servers)[:2]):
            began = due = time.monotonic()
            while (now := time.monotonic()) < began + wanted.seconds:
                samples.append((now - began, *group.usage()))
                if now >= due:
                    trouble()
                    segments += group.prune()
                    due = time.monotonic() + quiet.uniform(*QUIET)
                time.sleep(1.0)
        return judge(group.end(), samples, trouble, segments)
    finally:
        group.kill()


@contextmanager
def watched(group: Group, names: list[str]) -> Iterator[None]:
    """Somebody takes JPEGs of these; a client that is disconnected asks again."""
    is_over = False

    def take(name: str) -> None:
        while not is_over:
            try:
                with urllib.request.urlopen(f"{group.address}/stream/{name}.mjpeg", timeout=10) as answer:
                    while not is_over and answer.read(65536):
                        pass
            except OSError:
                time.sleep(0.5)

    workers = [Worker(f"watching-{name}", partial(take, name), on_error=print).start() for name in names]
    try:
        yield
    finally:
        is_over = True
        for worker in workers:
            worker.join(20)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--rate", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        servers = {
            f"camera{number}": Server(wanted.size, wanted.rate) for number in range(1, wanted.cameras + 1)
        }
        for server in servers.values():
            stack.callback(server.kill)
            server.start()
        outcome = soak(wanted, servers, Path(folder))
    figures = asdict(outcome)
    print(
        json.dumps(figures, indent=1)
        if wanted.json
        else "\n".join(f"{n:>24}  {v}" for n, v in figures.items())
    )
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
