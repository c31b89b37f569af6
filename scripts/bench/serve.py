#!/usr/bin/env python
"""How many pictures a second `streamdepth serve` answers, and how near that is to what the steps alone would allow.

    .venv/bin/python scripts/bench/serve.py --seconds 40 --connections 8
    .venv/bin/python scripts/bench/serve.py --seconds 40 --rate 200 --connections 80
    .venv/bin/python scripts/bench/serve.py --processes 2 --nginx        # as in production: a lane each, TLS in front

It starts a service of its own without a cache, sends distinct JPEGs of 1280x720 over loopback, and asks for the heat
map of that size. Closed loop: each connection sends its next picture when it has its answer; with --rate, open loop: a
picture is due every so often whatever became of those before. The bound is in CPU seconds, since the generator has a
part of the cores: scaled decode + inference + PNG, each alone, in this process. With --nginx a real one stands before
the processes, with the site of deploy/nginx; its CPU is reported separately.

The cores of many machines change their speed from minute to minute. So --seconds of load come in --rounds, and the
steps are measured between them: it reports medians of the rounds, and their least and most; of an open loop also
the p95 over the usual one, of as many clients as there are cores, just before and after. Alone, the steps have what
cores share (caches, heat, the threads of a core) to themselves, as no busy server has; `over_at_once` is over the same
steps on all cores at the same time, and shows what the service itself adds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import cv2
from serve_clients import Door, Seen, closed_loop, open_loop
from serve_steps import CORES, AllAtOnce, alone, pictures

import streamdepth
from streamdepth.engine import Engine

TICKS = os.sysconf("SC_CLK_TCK")
USUAL_SECONDS = 4.0
FAKES = Path(__file__).resolve().parents[2] / "tests" / "fakes"


def cpu_seconds(pid: int) -> float:
    """Of a process so far (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid: int) -> float:
    """MB of proportional memory now."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000


@contextmanager
def serving(wanted: argparse.Namespace) -> Iterator[tuple[int, int]]:
    """A service that is ready: its process and its port."""
    command = [sys.executable, "-m", "streamdepth", "serve", "--port", "0", "--cache", "none"]
    command += ["--model", wanted.model, "--engine", wanted.engine]
    command += [] if wanted.queue is None else ["--queue", str(wanted.queue)]
    lanes = max(1, CORES // wanted.processes)
    command += ["--lanes", str(lanes)] if wanted.processes > 1 else []
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    port = 0
    for line in process.stderr:
        if match := re.search(r"listening on http://[^:]+:(\d+)/", line):
            port = int(match[1])
        if "ready:" in line:
            break
    drain = subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
    try:
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(70)
        drain.kill()
        drain.wait(10)


@contextmanager
def door_before(ports: Sequence[int], *, nginx: bool) -> Iterator[tuple[Door, list[int]]]:
    """Where to ask, and the processes of what stands in front."""
    if not nginx:
        yield Door(ports[0]), []
        return
    sys.path.insert(0, str(FAKES))
    running_nginx = import_module("nginx").running_nginx
    with tempfile.TemporaryDirectory() as folder, running_nginx(Path(folder), *ports) as front:
        trust = ssl.create_default_context(cafile=str(Path(folder) / "secrets" / "tls" / "fullchain.pem"))
        master = int((Path(folder) / "pid").read_text(encoding="ascii"))
        workers = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()
        yield Door(front.port, trust), [master, *map(int, workers)]


class Processes:
    """What some processes take together."""

    def __init__(self, pids: Sequence[int]) -> None:
        self._pids = pids
        self.peak = 0.0

    @property
    def cpu(self) -> float:
        """CPU seconds so far."""
        return sum(map(cpu_seconds, self._pids))

    @property
    def memory(self) -> float:
        """MB (PSS) now."""
        return sum(map(memory, self._pids))

    async def watch(self) -> None:
        """Note the most memory until cancelled."""
        while True:
            self.peak = max(self.peak, self.memory)
            await asyncio.sleep(1)


@dataclass(frozen=True)
class Quiet:
    """Between two rounds."""

    steps: dict[str, float]
    """Milliseconds of CPU that each takes alone."""
    at_once: float
    """Milliseconds of CPU of all of them, on all cores at the same time."""
    p95: float
    """Milliseconds, with nothing in line; 0 where it was not asked for."""


@dataclass(frozen=True)
class Round:
    """The service under load, and the quiet before and after."""

    quiet: tuple[Quiet, Quiet]
    seen: Seen
    wall: float
    cpu: float
    front_cpu: float

    @property
    def figures(self) -> dict[str, float]:
        """The figures of the round, by name."""
        before, after = self.quiet
        answered, all_ = max(1, self.seen.statuses[200]), max(1, self.seen.statuses.total())
        results = {f"{step}_ms": (before.steps[step] + after.steps[step]) / 2 for step in before.steps}
        bound, cpu = sum(results.values()), 1000 * self.cpu / answered
        results |= {"bound_ms": bound, "cpu_ms_a_request": cpu, "over_bound": cpu / bound}
        at_once = (before.at_once + after.at_once) / 2
        results |= {"at_once_ms": at_once, "over_at_once": cpu / at_once}
        results |= {"front_cpu_ms_a_request": 1000 * self.front_cpu / all_}
        results |= {"rate": answered / self.wall, "rate_with_all_cores": CORES * 1000 / cpu}
        results |= percentiles("", self.seen.seconds) | percentiles("refused_", self.seen.refused)
        usual = (before.p95 + after.p95) / 2
        return results | (
            {"usual_p95_ms": usual, "over_usual_p95": results["p95_ms"] / usual} if usual else {}
        )


def percentiles(name: str, seconds: list[float]) -> dict[str, float]:
    """Milliseconds."""
    if len(seconds) < 2:
        return {}
    cuts = statistics.quantiles(seconds, n=100)
    return {f"{name}p{share}_ms": 1000 * cuts[share - 1] for share in (50, 95, 99)}


@dataclass(frozen=True)
class Bench:
    """What is measured, and with what."""

    wanted: argparse.Namespace
    engine: Engine
    data: list[bytes]
    at_once: AllAtOnce
    door: Door
    served: Processes
    fronts: Processes

    async def rounds(self) -> list[Round]:
        """All of them; the first second or two of a service are nobody's."""
        await closed_loop(self.door, self.data, 4, 2.0)
        quiet, found = await self._quiet(), []
        for _ in range(self.wanted.rounds):
            before = self.served.cpu, self.fronts.cpu, time.perf_counter()
            seen = await self._load()
            after = self.served.cpu, self.fronts.cpu, time.perf_counter()
            cpu, front_cpu, wall = (end - begin for begin, end in zip(before, after, strict=True))
            quiet, earlier = await self._quiet(), quiet
            found.append(Round((earlier, quiet), seen, wall, cpu, front_cpu))
            sys.stderr.write(json.dumps(rounded(found[-1].figures)) + "\n")
        return found

    async def _load(self) -> Seen:
        wanted, seconds = self.wanted, self.wanted.seconds / self.wanted.rounds
        watching = asyncio.create_task(self.served.watch())
        try:
            if wanted.rate:
                return await open_loop(self.door, self.data, wanted.connections, seconds, wanted.rate)
            return await closed_loop(self.door, self.data, wanted.connections, seconds)
        finally:
            watching.cancel()

    async def _quiet(self) -> Quiet:
        steps, at_once = alone(self.engine, self.data), self.at_once.steps()
        if not self.wanted.rate:
            return Quiet(steps, at_once, 0.0)
        seen = await closed_loop(self.door, self.data, CORES, USUAL_SECONDS)
        return Quiet(steps, at_once, percentiles("", seen.seconds)["p95_ms"])


def rounded(figures: dict[str, float]) -> dict[str, float]:
    """As they are printed: three digits behind the point of what is a ratio."""
    return {name: round(value, 3 if name.startswith("over") else 2) for name, value in figures.items()}


def options() -> argparse.Namespace:
    """Of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="nano")
    parser.add_argument("--engine", default="onnxruntime")
    parser.add_argument("--clip", default="demo", help="what the pictures are frames of")
    parser.add_argument("--pictures", type=int, default=150)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=40.0, help="of load, all together")
    parser.add_argument("--rounds", type=int, default=8, help="into which the seconds are divided")
    parser.add_argument("--rate", type=float, help="open loop: pictures a second")
    parser.add_argument("--queue", type=int, help="pictures that may wait (default: as the service has it)")
    parser.add_argument("--processes", type=int, default=1, help="services, which share the cores")
    parser.add_argument("--nginx", action="store_true", help="ask over TLS through nginx (two processes)")
    wanted = parser.parse_args()
    if wanted.nginx != (wanted.processes == 2):
        parser.error("--nginx goes with --processes 2, as in deploy/nginx/upstreams.conf")
    if wanted.rounds < 1 or wanted.seconds / wanted.rounds < 1:
        parser.error("a round takes a second at least (give more --seconds, or fewer --rounds)")
    return wanted


def main() -> None:
    """Measure, and print one JSON object."""
    wanted = options()
    cv2.setNumThreads(1)
    data = pictures(wanted.pictures, wanted.clip)
    engine = streamdepth.load_engine(wanted.model, engine=wanted.engine)
    with ExitStack() as open_:
        at_once = AllAtOnce(wanted)
        open_.callback(at_once.close)
        services = [open_.enter_context(serving(wanted)) for _ in range(wanted.processes)]
        door, front = open_.enter_context(door_before([port for _, port in services], nginx=wanted.nginx))
        served = Processes([pid for pid, _ in services])
        before = served.memory
        bench = Bench(wanted, engine, data, at_once, door, served, Processes(front))
        rounds = asyncio.run(bench.rounds())
        after = served.memory
    figures = [one.figures for one in rounds]
    names = [name for name in figures[0] if all(name in one for one in figures)]
    columns = {name: [one[name] for one in figures] for name in names}
    results = {
        "statuses": dict(sum((one.seen.statuses for one in rounds), Counter())),
        "late": sum(one.seen.late for one in rounds),
        "opened_again": sum(one.seen.opened_again for one in rounds),
        "median": rounded({name: statistics.median(column) for name, column in columns.items()}),
        "least": rounded({name: min(column) for name, column in columns.items()}),
        "most": rounded({name: max(column) for name, column in columns.items()}),
        "pss_mb": {"before": round(before), "peak": round(served.peak), "after": round(after)},
    }
    sys.stdout.write(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
