#!/usr/bin/env python
"""How many pictures a second `streamdepth serve` answers, and how near that is to what the steps alone would allow.

    .venv/bin/python scripts/bench/serve.py --seconds 20 --connections 8
    .venv/bin/python scripts/bench/serve.py --seconds 20 --rate 200 --connections 80
    .venv/bin/python scripts/bench/serve.py --processes 2 --nginx        # as in production: a lane each, TLS in front

It starts a service of its own without a cache, sends distinct JPEGs of 1280x720 over loopback, and asks for the heat
map of that size. Closed loop: each connection sends its next picture when it has its answer; with --rate, open loop: a
picture is due every so often whatever became of those before. The bound is in CPU seconds, since the generator has a
part of the cores: scaled decode + inference + PNG, each alone, in this process and in the same run. With --nginx a real
one stands before the processes, with the site of deploy/nginx; its CPU is told apart.
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
from dataclasses import dataclass, field
from importlib import import_module
from itertools import count
from pathlib import Path

import cv2
import numpy as np

import streamdepth
from streamdepth.engine import Engine
from streamdepth.imaging.palette_png import palette_png
from streamdepth.pixels import Picture
from streamdepth.rendering.colormaps import lookup_table
from streamdepth.rendering.normalise import normalise
from streamdepth.rendering.range import percentile_range
from streamdepth.server.pictures import Upload, decode

WIDTH, HEIGHT = 1280, 720
NUMBERS = count()
TICKS = os.sysconf("SC_CLK_TCK")
FAKES = Path(__file__).resolve().parents[2] / "tests" / "fakes"


@dataclass(frozen=True)
class Door:
    """Where the clients ask."""

    port: int
    trust: ssl.SSLContext | None = None

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A new connection."""
        name = None if self.trust is None else "localhost"
        return await asyncio.open_connection("127.0.0.1", self.port, ssl=self.trust, server_hostname=name)


@dataclass
class Seen:
    """What the clients saw."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    """Of answers with 200."""
    refused: list[float] = field(default_factory=list)
    """From the head of the request to that of a 429."""
    late: int = 0
    """Open loop: pictures for which no connection was free."""


def pictures(wanted: int, clip: str) -> list[bytes]:
    """Distinct JPEGs of frames of a clip, with the noise of a camera."""
    source = streamdepth.open_source(clip)
    noise = np.random.default_rng(0)
    found: list[bytes] = []
    while len(found) < wanted and (frame := source.read()) is not None:
        image = cv2.resize(frame.bgr, (WIDTH, HEIGHT)).astype(np.int16)
        image += noise.integers(-4, 5, image.shape, dtype=np.int16)
        found.append(bytes(cv2.imencode(".jpg", np.clip(image, 0, 255).astype(np.uint8))[1]))
    source.close()
    return found


def alone(engine: Engine, data: list[bytes]) -> dict[str, float]:
    """Milliseconds of CPU of each step, alone in one thread."""
    lane = engine.lanes_of(len(os.sched_getaffinity(0)))[0]
    table = lookup_table("inferno")
    lane.warm_up(WIDTH, HEIGHT)
    spent = {"decode": 0.0, "inference": 0.0, "png": 0.0}
    for jpeg in data:
        at = time.thread_time()
        _, picture = decode(Upload(jpeg), lane, WIDTH * HEIGHT, whole=False)
        spent["decode"] += time.thread_time() - at
        at = time.process_time()
        values = lane.estimate_picture(Picture.of_bgr(picture.bgr)).values
        spent["inference"] += time.process_time() - at
        at = time.thread_time()
        palette_png(normalise(values, percentile_range(values), (WIDTH, HEIGHT)), table)
        spent["png"] += time.thread_time() - at
    return {step: 1000 * seconds / len(data) for step, seconds in spent.items()}


async def ask(connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], jpeg: bytes, seen: Seen) -> None:
    """One picture and its answer; a comment makes it unlike all others, so that no work is shared."""
    reader, writer = connection
    jpeg = jpeg[:2] + b"\xff\xfe\x00\x0a%08d" % next(NUMBERS) + jpeg[2:]
    began = time.perf_counter()
    writer.write(
        b"POST /v1/depth HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\n"
        b"Content-Length: %d\r\n\r\n" % len(jpeg) + jpeg
    )
    head = await reader.readuntil(b"\r\n\r\n")
    told = time.perf_counter() - began
    status = int(head[9:12])
    match = re.search(rb"(?i)content-length: (\d+)", head)
    assert match is not None
    await reader.readexactly(int(match[1]))
    seen.statuses[status] += 1
    if status == 200:
        seen.seconds.append(time.perf_counter() - began)
    elif status == 429:
        seen.refused.append(told)


async def closed_loop(door: Door, data: list[bytes], connections: int, seconds: float, seen: Seen) -> None:
    """Each connection asks again as soon as it has its answer."""
    until = time.perf_counter() + seconds

    async def client(number: int) -> None:
        connection = await door.open()
        place = number * 7
        while time.perf_counter() < until:
            await ask(connection, data[place % len(data)], seen)
            place += connections
        connection[1].close()

    await asyncio.gather(*[client(number) for number in range(connections)])


async def open_loop(
    door: Door, data: list[bytes], connections: int, seconds: float, rate: float, seen: Seen
) -> None:
    """A picture every 1 / rate seconds, on whichever connection is free."""
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait(await door.open())
    asking: set[asyncio.Task[None]] = set()

    async def one(place: int) -> None:
        connection = await free.get()
        await ask(connection, data[place % len(data)], seen)
        free.put_nowait(connection)

    began = time.perf_counter()
    for place in range(int(seconds * rate)):
        await asyncio.sleep(max(0.0, began + place / rate - time.perf_counter()))
        if free.empty():
            seen.late += 1
            continue
        task = asyncio.create_task(one(place))
        asking.add(task)
        task.add_done_callback(asking.discard)
    await asyncio.gather(*asking)


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
    lanes = max(1, len(os.sched_getaffinity(0)) // wanted.processes)
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
    """What some processes took together."""

    def __init__(self, pids: Sequence[int]) -> None:
        self._pids = pids
        self._before = self._cpu()
        self.peak = 0.0

    def _cpu(self) -> float:
        return sum(map(cpu_seconds, self._pids))

    @property
    def cpu(self) -> float:
        """CPU seconds since then."""
        return self._cpu() - self._before

    async def watch(self) -> None:
        """Note the most memory (PSS, MB) until cancelled."""
        while True:
            self.peak = max(self.peak, sum(map(memory, self._pids)))
            await asyncio.sleep(1)


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Milliseconds."""
    if len(seconds) < 2:
        return {}
    cuts = statistics.quantiles(seconds, n=100)
    return {f"p{share}": round(1000 * cuts[share - 1], 1) for share in (50, 95, 99)}


async def measured(door: Door, data: list[bytes], wanted: argparse.Namespace, watched: Processes) -> Seen:
    """What the clients saw."""
    seen = Seen()
    watching = asyncio.create_task(watched.watch())
    if wanted.rate:
        await open_loop(door, data, wanted.connections, wanted.seconds, wanted.rate, seen)
    else:
        await closed_loop(door, data, wanted.connections, wanted.seconds, seen)
    watching.cancel()
    return seen


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
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rate", type=float, help="open loop: pictures a second")
    parser.add_argument("--queue", type=int, help="pictures that may wait (default: as the service has it)")
    parser.add_argument("--processes", type=int, default=1, help="services, which share the cores")
    parser.add_argument("--nginx", action="store_true", help="ask over TLS through nginx (two processes)")
    wanted = parser.parse_args()
    if wanted.nginx != (wanted.processes == 2):
        parser.error("--nginx goes with --processes 2, as in deploy/nginx/upstreams.conf")
    return wanted


def main() -> None:
    """Measure, and print one JSON object."""
    wanted = options()
    cv2.setNumThreads(1)
    data = pictures(wanted.pictures, wanted.clip)
    steps = alone(streamdepth.load_engine(wanted.model, engine=wanted.engine), data)
    with ExitStack() as open_:
        services = [open_.enter_context(serving(wanted)) for _ in range(wanted.processes)]
        door, front = open_.enter_context(door_before([port for _, port in services], nginx=wanted.nginx))
        asyncio.run(closed_loop(door, data, 4, 2.0, Seen()))
        served, fronts = Processes([pid for pid, _ in services]), Processes(front)
        before = sum(memory(pid) for pid, _ in services)
        began = time.perf_counter()
        seen = asyncio.run(measured(door, data, wanted, served))
        wall, cpu, front_cpu = time.perf_counter() - began, served.cpu, fronts.cpu
        after = sum(memory(pid) for pid, _ in services)
    answered, bound = seen.statuses[200], sum(steps.values())
    cores = len(os.sched_getaffinity(0))
    figures = {
        "statuses": dict(seen.statuses),
        "rate": round(answered / wall, 1),
        "ms": percentiles(seen.seconds),
        "refused_ms": percentiles(seen.refused),
        "late": seen.late,
        "alone_ms": {step: round(ms, 2) for step, ms in steps.items()},
        "bound_ms": round(bound, 2),
        "cpu_ms_a_request": round(1000 * cpu / max(1, answered), 2),
        "over_bound": round(1000 * cpu / max(1, answered) / bound, 3),
        "front_cpu_ms_a_request": round(1000 * front_cpu / max(1, sum(seen.statuses.values())), 2),
        "rate_with_all_cores": round(cores * answered / max(cpu, 1e-9), 1),
        "pss_mb": {"before": round(before), "peak": round(served.peak), "after": round(after)},
    }
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
