#!/usr/bin/env python
"""Memory of a long run: peak, and whether it grows.

    .venv/bin/python scripts/bench/memory.py [--frames 5000] [--size 1920x1080] [--model FILE] [--precision bf16]

The built-in scene, drawn once and shown again and again, is rendered to an MP4 that is thrown away. Without `--model`,
midas-small runs with made-up weights. Resident memory is read twenty times; growth is from the first fifth of the run
to its end.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # each process of a measurement loads what it measures
    from streamdepth.frames import Frame, Rendered, SourceInfo
    from streamdepth.pixels import I420

READINGS = 20


class Repeated:
    """Some pictures as a file of any length."""

    def __init__(self, pictures: list[I420], info: SourceInfo, count: int) -> None:
        self.info = replace(info, frame_count=count)
        self.pictures, self.count, self.index = pictures, count, 0

    def read(self) -> Frame | None:
        from streamdepth import Frame, Picture

        if self.index == self.count:
            return None
        planes = self.pictures[self.index % len(self.pictures)]
        self.index += 1
        number = self.index - 1
        return Frame(number, Fraction(number, 30), time.monotonic(), Picture.of_i420(planes))

    def close(self) -> None:
        pass


class Watching:
    """A sink that reads how much memory there is in use."""

    def __init__(self, frames: int) -> None:
        self.every = max(1, frames // READINGS)
        self.count = 0
        self.seen: list[float] = []

    def write(self, rendered: Rendered) -> None:
        from streamdepth.reporting.report import current_rss_mb

        self.count += 1
        if self.count % self.every == 0:
            self.seen.append(current_rss_mb() or float("nan"))

    def close(self, *, complete: bool = True) -> None:
        pass


def measure(model: str, precision: str, frames: int, size: tuple[int, int], folder: Path) -> str:
    import cv2

    import streamdepth
    from streamdepth.reporting.report import peak_rss_mb
    from streamdepth.sources.demo.source import DemoScene

    cv2.setNumThreads(1)
    scene = DemoScene(*size)
    pictures = [streamdepth.Picture.of_bgr(scene.draw(slot)).i420 for slot in range(0, 32, 2)]
    source, watching = Repeated(pictures, scene.info, frames), Watching(frames)
    engine = streamdepth.load_engine(model, precision=precision, cache_dir=folder)
    sink = streamdepth.open_sink(folder / "depth.mp4", source)
    stats = streamdepth.Pipeline(source, engine, streamdepth.Renderer()).run([sink, watching])
    first = watching.seen[: max(1, len(watching.seen) // 5)]
    growth = max(watching.seen) - max(first) if watching.seen else float("nan")
    return (
        f"{stats.written} frames of {size[0]}x{size[1]}, {engine.name} in {precision}: peak {peak_rss_mb():.0f} MB, "
        f"at most {max(watching.seen, default=0):.0f} MB, growth {growth:.0f} MB, {stats.fps:.1f} frames/s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--frames", type=int, default=5000)
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--model")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    width, height = (int(side) for side in wanted.size.split("x"))
    if wanted.folder:
        print(measure(wanted.model, wanted.precision, wanted.frames, (width, height), wanted.folder))
        return
    from usual_loop import made_up_weights

    with tempfile.TemporaryDirectory() as name:
        model = wanted.model or made_up_weights(Path(name))
        words = ["--model", model, "--precision", wanted.precision, "--size", wanted.size, "--folder", name]
        # The first process converts the weights, which takes PyTorch's memory; the second is the one that counts.
        for frames in (1, wanted.frames):
            command = [sys.executable, __file__, *words, "--frames", str(frames)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        print(done.stdout, end="")


if __name__ == "__main__":
    main()
