#!/usr/bin/env python
"""Whether a promise of latency is kept while others use the machine: beside processes that burn a core each.

    .venv/bin/python scripts/soak/promise.py [--seconds 600] [--promise "--target-latency 50ms"] [--burners 1]
                                             [--size 640x360] [--model nano] [--on 0] [--compare]

The built-in scene is the camera, at 30 pictures a second, drawn by the same process; its depth goes to a page that
nobody watches and into a recording. Of larger pictures most of the time is not the network's, and no rung saves it.
The burners run all the time, or `--on` seconds and as long not in turns. Told are the share of pictures in time, the
rungs and the steps; the exit status is 1 where the promise was not kept. `--compare` runs the same without a promise
before.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BURN = """
import os, sys, time
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[int(sys.argv[1])]})
on, end = float(sys.argv[2]), time.monotonic() + float(sys.argv[3])
while time.monotonic() < end:
    begin = time.monotonic()
    while time.monotonic() < (min(end, begin + on) if on else end):
        pass
    time.sleep(on)
"""
STARTS = 180.0
"""Seconds that a run may take beside those it was asked for."""


@contextmanager
def burning(count: int, on: float, seconds: float) -> Iterator[None]:
    """Meanwhile so many processes burn a core each, the last ones first."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    burners = [
        subprocess.Popen(
            [sys.executable, "-c", BURN, str((cores - 1 - number) % cores), str(on), str(seconds)]
        )
        for number in range(count)
    ]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


def report_of(wanted: argparse.Namespace, promise: Sequence[str], folder: Path) -> dict[str, Any]:
    """What a run of the command line says of itself."""
    report = folder / "report.json"
    words = ["--input", "demo", "--live", "--camera-size", wanted.size, "--model", wanted.model, *promise]
    words += ["--webrtc", "--port", "0", "--output", str(folder / "depth.mp4")]
    words += ["--duration", str(wanted.seconds), "--report", str(report)]
    command = [sys.executable, "-m", "streamdepth", *words]
    subprocess.run(command, check=True, timeout=wanted.seconds + STARTS, env=_environment())
    figures: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return figures


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def line_of(report: dict[str, Any]) -> str:
    """Rate and latency of a run."""
    frames, latency = report["frames"], report["latency_ms"]
    return (
        f"{report['fps']:.1f} pictures a second of {frames['captured'] / report['seconds']:.1f} that came, "
        f"latency {latency['p50']:.0f} ms (median), {latency['p95']:.0f} ms (p95)"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--promise", default="--target-latency 50ms")
    parser.add_argument("--burners", type=int, default=1)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--model", default="nano")
    parser.add_argument("--on", type=float, default=0.0)
    parser.add_argument("--compare", action="store_true")
    wanted = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name, burning(wanted.burners, wanted.on, 3 * wanted.seconds + 200):
        if wanted.compare:
            print(f"without a promise: {line_of(report_of(wanted, (), Path(name)))}", flush=True)
        report = report_of(wanted, shlex.split(wanted.promise), Path(name))
    promise = report["promise"]
    share, wants = promise["share"], promise["promised_share"]
    print(f"{wanted.promise}: {line_of(report)}")
    print(f"in time: {100 * share:.2f} % of {promise['pictures']} ({100 * wants:.0f} % promised)")
    for rung in promise["rungs"]:
        print("   {model} at {size}, interval {interval}: {maps} depth maps".format(**rung))
    print(f"{promise['steps']} steps, {time.monotonic() - began:.0f} s in all")
    return int(share < wants)


if __name__ == "__main__":
    sys.exit(main())
