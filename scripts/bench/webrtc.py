#!/usr/bin/env python
"""What live viewers cost and how old their pictures are: alone, beside one encoder a viewer, and beside a live run.

    .venv/bin/python scripts/bench/webrtc.py [--seconds 6] [--viewers 1 4 16] [--pause PID]

The first table is of encoding and sending alone: the served process feeds stamped pictures (half camera, half colours)
at 30 a second; viewers are aiortc clients in a process of their own. CPU is the served process's, in percent of one
core. Latency is from the stamp to the moment when the first viewer has decoded the picture; the others only receive.
`stock` is aiortc as it is: each peer encodes for itself, VP8 by the order of the offer. The second is a real headless
Chromium at the page: from the stamp to the canvas. The third is `streamdepth --input demo --model nano --webrtc`,
640x480 at 30 a second, with viewers beside it. `--pause` stops a process of lower importance meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import statistics
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from webrtc_parts import (
    Viewer,
    machine,
    others_paused,
    serve_live,
    serve_shared,
    serve_stock,
    watch_in_chromium,
)

SIZES = ((640, 480), (1280, 720))
SERVERS = {"shared": serve_shared, "stock": serve_stock, "live": serve_live}


@contextmanager
def served(way: str, width: int, height: int) -> Iterator[tuple[str, Callable[[str], Any]]]:
    """The address of a server in a process of its own, and how to ask it."""
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    server = context.Process(target=SERVERS[way], args=(width, height, there), daemon=True)
    server.start()

    def ask(message: str) -> Any:
        here.send(message)
        return here.recv()

    try:
        yield here.recv(), ask
    finally:
        here.send("stop")
        server.join(10)
        server.kill()


def post(address: str, sdp: str) -> str:
    request = urllib.request.Request(address + "whep", sdp.encode(), {"Content-Type": "application/sdp"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(answer.read().decode())


def p95(values: Sequence[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


async def joined(viewers: list[Viewer], asked: Callable[[str], str]) -> tuple[list[float], float]:
    """Seconds of each answer, and of the last one's way to its first picture; each comes as the one before sees one."""
    posts, first = [], 0.0
    for viewer in viewers:
        began = time.monotonic()
        posts.append(await viewer.join(lambda sdp: asyncio.to_thread(asked, sdp)))
        while not viewer.pictures:
            await asyncio.sleep(0.002)
        first = viewer.first_at - began
    return posts, first


async def measure(way: str, width: int, height: int, count: int, seconds: float) -> dict[str, Any]:
    with served(way, width, height) as (address, ask):
        viewers = [Viewer(decodes=number == 0) for number in range(count)]
        posts, first = await joined(viewers, (lambda sdp: post(address, sdp)) if way == "shared" else ask)
        await asyncio.sleep(2)
        for viewer in viewers:
            viewer.ages.clear()
            viewer.pictures = 0
        cpu, began = await asyncio.to_thread(ask, "cpu"), time.monotonic()
        await asyncio.sleep(seconds)
        took = time.monotonic() - began
        cpu = await asyncio.to_thread(ask, "cpu") - cpu
        ages, rate = viewers[0].ages, viewers[0].pictures / took
        for viewer in viewers:
            await viewer.connection.close()
    return {
        "cpu": 100 * cpu / took,
        "rate": rate,
        "p50": statistics.median(ages),
        "p95": p95(ages),
        "post": 1000 * statistics.median(posts),
        "first": 1000 * first,
    }


def table_of_sending(wanted: argparse.Namespace) -> None:
    print(
        "| way | size | viewers | CPU, % of a core | pictures/s | latency p50/p95, ms | POST, ms | first picture, ms |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for width, height in SIZES:
        spent = {}
        for way, counts in (("shared", wanted.viewers), ("stock", wanted.stock_viewers)):
            for count in counts:
                row = asyncio.run(measure(way, width, height, count, wanted.seconds))
                spent[way, count] = row["cpu"]
                print(
                    f"| {way} | {height}p | {count} | {row['cpu']:.1f} | {row['rate']:.1f} "
                    f"| {row['p50']:.0f}/{row['p95']:.0f} | {row['post']:.0f} | {row['first']:.0f} |",
                    flush=True,
                )
        least, most = min(wanted.viewers), max(wanted.viewers)
        if most > least:
            each = (spent["shared", most] - spent["shared", least]) / (most - least)
            print(f"| shared | {height}p | each further | {each:.2f} | | | | |", flush=True)


def table_of_chromium(wanted: argparse.Namespace) -> None:
    print("\n| size | pictures/s | stamp to canvas p50/p95, ms | POST, ms | first picture, ms |")
    print("|---|---|---|---|---|")
    for width, height in SIZES:
        with served("shared", width, height) as (address, _):
            figures = watch_in_chromium(address, wanted.seconds)
        ages = figures["ages"][0]
        print(
            f"| {height}p | {figures['rate']:.1f} | {statistics.median(ages):.0f}/{p95(ages):.0f} "
            f"| {figures['post']:.0f} | {figures['first']:.0f} |",
            flush=True,
        )


def table_of_a_run(wanted: argparse.Namespace) -> None:
    print("\n| nano live, 640x480, watched by | depth maps/s | CPU, % of a core | latency p50/p95, ms |")
    print("|---|---|---|---|")
    with served("live", *SIZES[0]) as (address, ask):
        time.sleep(wanted.settle)
        for count in (0, 4, 0):
            row = asyncio.run(measure_run(address, ask, count, wanted.seconds * 2))
            latency = f"encoder to client {row['p50']:.0f}/{row['p95']:.0f}" if count else ""
            print(
                f"| {count} aiortc clients | {row['depths']:.1f} | {row['cpu']:.0f} | {latency} |", flush=True
            )
        figures = {}
        before = ask("look")
        figures = watch_in_chromium(address, wanted.seconds * 2)
        after = ask("look")
        rate, cpu = (
            (after[3] - before[3]) / (after[0] - before[0]),
            (after[1] - before[1]) / (after[0] - before[0]),
        )
        ages = figures["ages"][1]
        latency = f"capture to canvas {statistics.median(ages):.0f}/{p95(ages):.0f}"
        print(
            f"| Chromium | {rate:.1f} | {100 * cpu:.0f} | {latency}, first picture {figures['first']:.0f} |",
            flush=True,
        )


async def measure_run(
    address: str, ask: Callable[[str], Any], count: int, seconds: float
) -> dict[str, float]:
    viewers = [Viewer(decodes=number == 0) for number in range(count)]
    await joined(viewers, lambda sdp: post(address, sdp))
    await asyncio.sleep(2)
    for viewer in viewers:
        viewer.ages.clear()
    before = await asyncio.to_thread(ask, "look")
    await asyncio.sleep(seconds)
    after = await asyncio.to_thread(ask, "look")
    ages = viewers[0].ages if viewers else [0]
    for viewer in viewers:
        await viewer.connection.close()
    took = after[0] - before[0]
    return {
        "depths": (after[3] - before[3]) / took,
        "cpu": 100 * (after[1] - before[1]) / took,
        "p50": statistics.median(ages),
        "p95": p95(ages),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--viewers", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--stock-viewers", type=int, nargs="*", default=[1, 4])
    parser.add_argument("--settle", type=float, default=5, help="seconds for the network to load and warm up")
    parser.add_argument("--pause", type=int, metavar="PID", help="a process to stop meanwhile")
    parser.add_argument("--only", choices=("sending", "chromium", "run"), nargs="+")
    wanted = parser.parse_args()
    tables = {"sending": table_of_sending, "chromium": table_of_chromium, "run": table_of_a_run}
    with others_paused(wanted.pause):
        print(machine())
        for name in wanted.only or tables:
            tables[name](wanted)
        print(machine())


if __name__ == "__main__":
    main()
