#!/usr/bin/env python
"""A live run and its start-up, as figures.

    .venv/bin/python scripts/bench/live.py [--seconds 60] [--size 1280x720] [--model FILE] [--precision bf16] [--mp4]

The built-in scene at 30 frames/s is a camera; depth goes to a sink that throws it away, and with `--mp4` to a
recording, too. Without `--model`, midas-small runs with made-up weights. Start-up is the time of a whole process that
renders one frame to a file, the conversion being in the cache.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamdepth.frames import Rendered


class Discarding:
    """A sink that throws everything away."""

    def write(self, rendered: Rendered) -> None:
        pass

    def close(self, *, complete: bool = True) -> None:
        pass


def live(model: str, precision: str, seconds: int, size: tuple[int, int], folder: Path, mp4: bool) -> str:
    import cv2

    import streamdepth
    from streamdepth.sources.demo.source import DemoScene

    cv2.setNumThreads(1)
    engine = streamdepth.load_engine(model, precision=precision, cache_dir=folder)
    engine.warm_up(*size)
    scene = DemoScene(*size, Fraction(30), seconds, live=True)
    sinks = [Discarding(), *([streamdepth.open_sink(folder / "live.mp4", scene)] if mp4 else [])]
    begin = time.process_time()
    stats = streamdepth.Pipeline(scene, engine, streamdepth.Renderer()).run(sinks)
    cores = (time.process_time() - begin) / stats.seconds
    median, late = (1000 * (value or float("nan")) for value in (stats.latency.p50, stats.latency.p95))
    return (
        f"{size[0]}x{size[1]} at 30 frames/s for {seconds} s, {engine.name} on {engine.runtime_name} in "
        f"{engine.precision}{', to MP4' if mp4 else ''}: {stats.inferred / stats.seconds:.1f} frames/s inferred, "
        f"{stats.dropped} dropped, latency {median:.0f} ms (median), "
        f"{late:.0f} ms (p95), {cores:.2f} cores, drawing the scene included"
    )


def start_up(model: str, precision: str, folder: Path) -> float:
    """Seconds of a whole process that renders one frame of the scene."""
    words = ("--input", "demo", "--frames", "1", "--output", folder / "one.mp4", "--model", model)
    command = [sys.executable, "-m", "streamdepth", *words, "--precision", precision, "--cache-dir", folder]
    begin = time.perf_counter()
    subprocess.run([str(word) for word in command], stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--model")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--mp4", action="store_true")
    wanted = parser.parse_args()
    width, height = (int(side) for side in wanted.size.split("x"))
    from usual_loop import made_up_weights

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = wanted.model or made_up_weights(folder)
        start_up(model, wanted.precision, folder)  # converts
        times = [start_up(model, wanted.precision, folder) for _ in range(3)]
        print(f"one frame, from the start of the process to its end: {min(times):.2f} s")
        print(live(model, wanted.precision, wanted.seconds, (width, height), folder, wanted.mp4))


if __name__ == "__main__":
    main()
