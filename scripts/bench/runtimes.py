#!/usr/bin/env python
"""How long one inference takes in each runtime, as a Markdown table: median milliseconds, and ratio to plain PyTorch.

    .venv/bin/python scripts/bench/runtimes.py [MODEL_OR_FILE ...] [--threads N] [--seconds S] [--rounds R]

Each measurement is a fresh process, so that the threads of one runtime do not get in the way of another; the runtimes
take turns, and of each the process with the lowest median counts: the one that other work on the machine disturbed
least. Start-up is the time from the first import to the first depth map, with the conversion in the cache.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from itertools import product

import numpy as np

import streamdepth

SIZES = ((256, 256), (256, 128))
PLAIN = "torch, as usual (NCHW)"
Times = dict[str, float]


def variants() -> dict[str, tuple[str, str]]:
    """Each row's runtime and precision, all there are here."""
    from streamdepth.engine.runtimes.registry import BACKENDS

    able = [
        (backend, known) for backend in BACKENDS for known in backend.precisions if backend.computes(known)
    ]
    rows = {f"{backend.name} {known}": (backend.name, known) for backend, known in able}
    return {PLAIN: ("plain", "fp32"), **rows}


def measure(model: str, runtime: str, precision: str, threads: int, seconds: float) -> Times:
    """Seconds of start-up, and the median of an inference for each size."""
    begin = time.perf_counter()
    infer = plain(model, threads) if runtime == "plain" else ready(model, runtime, precision, threads)
    infer(np.zeros((1, 3, SIZES[-1][1], SIZES[-1][0]), np.float32))
    times = {"start": time.perf_counter() - begin}
    for width, height in SIZES:
        batch = np.random.default_rng(0).standard_normal((1, 3, height, width)).astype(np.float32)
        times[f"{width}x{height}"] = statistics.median(repeated(infer, batch, seconds))
    return times


def ready(model: str, runtime: str, precision: str, threads: int) -> Callable[[np.ndarray], object]:
    return streamdepth.load_engine(model, engine=runtime, precision=precision, threads=threads).runtime.infer


def plain(model: str, threads: int) -> Callable[[np.ndarray], object]:
    """The network as everybody runs it: eager, its memory in the order channels, rows, columns."""
    import torch

    from streamdepth.engine import EngineOptions
    from streamdepth.engine.selection.model import ChosenFile, choose_model
    from streamdepth.models.networks.build import load_network

    torch.set_num_threads(threads)
    chosen = choose_model(EngineOptions(model), None, print)
    if isinstance(chosen, ChosenFile):
        raise SystemExit(f"{model} is a network file: name weights")
    network = load_network(chosen.card, chosen.path)
    return lambda batch: network(torch.from_numpy(batch)).numpy()


def repeated(infer: Callable[[np.ndarray], object], batch: np.ndarray, seconds: float) -> list[float]:
    for _ in range(3):  # TorchScript makes its plan in the first two runs
        infer(batch)
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        begin = time.perf_counter()
        infer(batch)
        times.append(time.perf_counter() - begin)
    return times


def measure_apart(words: tuple[str, ...]) -> Times:
    done = subprocess.run((sys.executable, __file__, "--one", *words), stdout=subprocess.PIPE, check=True)
    times: Times = json.loads(done.stdout.splitlines()[-1])
    return times


def table(model: str, threads: int, seconds: float, rounds: int, only: list[str] | None = None) -> str:
    rows = {row: way for row, way in variants().items() if only is None or row in (PLAIN, *only)}
    for runtime, precision in rows.values():
        if runtime != "plain":  # converted and quantised before anything is timed
            ready(model, runtime, precision, threads)
    found: dict[str, list[Times]] = defaultdict(list)
    for _, (row, variant) in product(range(rounds), rows.items()):
        found[row].append(measure_apart((model, *variant, str(threads), str(seconds))))
    best = {row: {what: min(run[what] for run in runs) for what in runs[0]} for row, runs in found.items()}
    sizes = [f"{width}x{height}" for width, height in SIZES]
    lines = [f"| {model} | " + " | ".join(f"{size}, ms | ratio" for size in sizes) + " | start-up, s |"]
    lines.append("|---" * (2 + 2 * len(sizes)) + "|")
    for row, times in best.items():
        cells = [f"{times[size] * 1000:.1f} | {best[PLAIN][size] / times[size]:.1f}x" for size in sizes]
        lines.append(f"| {row} | {' | '.join(cells)} | {times['start']:.2f} |")
    return "\n".join(lines)


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        model, runtime, precision, threads, seconds = sys.argv[2:]
        print(json.dumps(measure(model, runtime, precision, int(threads), float(seconds))))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("models", nargs="*", default=["nano"], metavar="MODEL_OR_FILE")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2, help="for each size and process (default 2)")
    parser.add_argument("--rounds", type=int, default=3, help="processes for each runtime (default 3)")
    parser.add_argument("--only", nargs="+", metavar="ROW", help="such as 'openvino int8' (default: all)")
    wanted = parser.parse_args()
    print(f"{date.today()}, {wanted.threads} threads")
    for model in wanted.models:
        print(f"\n{table(model, wanted.threads, wanted.seconds, wanted.rounds, wanted.only)}")


if __name__ == "__main__":
    main()
