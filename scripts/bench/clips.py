#!/usr/bin/env python
"""Whole clips to MP4: streamdepth against the usual loop, in turns, and its encoder against the usual settings.

    .venv/bin/python scripts/bench/clips.py CLIP [CLIP ...] [--rounds R] [--precisions fp32,bf16,int8]

midas-small has made-up weights, which do not change the speed. Rates are of the whole run without loading the model;
of each kind the fastest round counts, and `bench --input` shows what other work on the machine left. SSIM is of
luma (Wang et al. 2004, Gaussian window of 1.5 pixels), between the rendered pictures and the decoded file.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import av
import cv2
import numpy as np

import streamdepth
from streamdepth import Estimate
from streamdepth.protocols import Source
from streamdepth.sinks.movie.sink import MovieOptions

USUAL_LOOP = Path(__file__).parent / "usual_loop.py"
USUAL_ENCODER = MovieOptions(crf=20, preset="veryfast")
SSIM_EVERY = 8


def usual_rate(clip: str, weights: Path) -> float:
    words = () if weights.exists() else ("--save-weights", str(weights))
    command = [sys.executable, str(USUAL_LOOP), clip, *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout.split()[-2])


def our_rate(clip: str, model: str, precision: str, folder: Path) -> float:
    report = folder / "report.json"
    words = ("--input", clip, "--output", folder / "depth.mp4", "--model", model, "--precision", precision)
    command = [sys.executable, "-m", "streamdepth", *words, "--cache-dir", folder, "--report", report]
    subprocess.run([str(word) for word in command], stderr=subprocess.DEVNULL, check=True)
    return float(json.loads(report.read_text())["fps"])


def rates(clip: str, precisions: list[str], rounds: int, folder: Path) -> dict[str, float]:
    weights = folder / "midas-small.pt"
    found: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        found["usual loop"].append(usual_rate(clip, weights))
        for (name, model), precision in product(
            (("midas-small", str(weights)), ("nano", "nano")), precisions
        ):
            found[f"{name} {precision}"].append(our_rate(clip, model, precision, folder))
    return {kind: max(of_rounds) for kind, of_rounds in found.items()}


def encoder_table(clip: str, folder: Path) -> list[str]:
    source, engine = streamdepth.open_source(clip), streamdepth.load_engine(model="nano")
    renderer, rendered = streamdepth.Renderer(), []
    while (frame := source.read()) is not None:
        rendered.append(renderer(Estimate(frame, engine.estimate(frame.bgr), 0.0)))
    lines = []
    for name, options in (("ours", MovieOptions()), ("veryfast, CRF 20", USUAL_ENCODER)):
        path = folder / "encoded.mp4"
        sink = streamdepth.open_sink(path, Silent(source), options=options)
        for one in rendered:
            sink.write(one)
        sink.close()
        found = similarities([one.picture.i420.y for one in rendered], path)
        size = path.stat().st_size / len(rendered) / 1000
        lines.append(f"| {name} | {np.mean(found):.4f} | {min(found):.4f} | {size:.1f} |")
    source.close()
    return lines


class Silent:
    """A source for an MP4 of pictures alone."""

    def __init__(self, source: Source) -> None:
        self.info = replace(source.info, origin=None)


def similarities(wanted: list[np.ndarray], path: Path) -> list[float]:
    found = []
    with av.open(path) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number % SSIM_EVERY == 0:
                height, width = wanted[number].shape
                luma = frame.to_ndarray(format="yuv420p")[:height, :width]
                found.append(ssim(wanted[number].astype(np.float32), luma.astype(np.float32)))
    return found


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    def mean(image: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(image, (11, 11), 1.5)

    mean_a, mean_b = mean(a), mean(b)
    spread = mean(a * a) - mean_a**2 + mean(b * b) - mean_b**2
    common = mean(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mean_a * mean_b + c1) * (2 * common + c2)
    return float((top / ((mean_a**2 + mean_b**2 + c1) * (spread + c2))).mean())


def main() -> None:
    from streamdepth.engine.runtimes.registry import find_backend

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("clips", nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--precisions", default=",".join(find_backend("openvino").precisions))
    wanted = parser.parse_args()
    print(f"{date.today()}, best of {wanted.rounds} rounds")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for clip in wanted.clips:
            found = rates(clip, wanted.precisions.split(","), wanted.rounds, folder)
            print(f"\n| {Path(clip).name} | frames/s | ratio |\n|---|---|---|")
            for kind, rate in found.items():
                print(f"| {kind} | {rate:.1f} | {rate / found['usual loop']:.1f}x |")
            print(
                f"\n| encoder on {Path(clip).name} | SSIM, mean | SSIM, worst | kB a frame |\n|---|---|---|---|"
            )
            print("\n".join(encoder_table(clip, folder)), flush=True)


if __name__ == "__main__":
    main()
