#!/usr/bin/env python3
"""Train the bundled network on drawn scenes and real frames, mixed in each batch.

    scripts/nano/train.py start --lite efficientnet-lite0-57934424.pth --first FIRST.safetensors --drawings FOLDER ...
    scripts/nano/train.py --drawings SIMPLE TRACED --shared ../shared --views 40000 --encoder 0.3
    scripts/nano/train.py --resume ...          goes on from the last checkpoint
    scripts/nano/train.py restate WEIGHTS --shared ../shared       lets real frames say what is usual; start.safetensors
    scripts/nano/train.py export                writes streamdepth/models/data/nano.{safetensors,onnx}

Ctrl-C and SIGTERM write a checkpoint first. README.md beside this file describes the whole process.
"""

from __future__ import annotations

import contextlib
import csv
import math
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import platformdirs
import torch
from cyclopts import App, Parameter
from learning.encoder import fit_decoder, photographed
from learning.judge import baseline, held_out, judge
from learning.mix import SIMPLE, UNTOUCHED, Frames, Mixer, Pool, Recipe, open_pool, training_sets
from learning.shaken import shaken
from learning.states import PARTS, Part, mean_of, mean_of_all
from learning.statistics import restated
from learning.twins import TwinLoss
from torch import nn

from streamdepth.errors import StreamdepthError
from streamdepth.models.export.write import write_onnx
from streamdepth.models.networks.nano import Nano, NanoConfig, fuse_batch_norm
from streamdepth.models.networks.nano_files import NanoCard, read_weights, write_weights
from streamdepth.models.weights.bundled import write_sums
from streamdepth.models.weights.half import halve_file
from streamdepth.models.weights.store import DATA
from streamdepth.training.augment import random_views
from streamdepth.training.loop import LoopOptions, Trainer, read_checkpoint
from streamdepth.training.losses import DepthRatioLoss, ScaleShiftInvariantLoss

FOLDER = platformdirs.user_cache_path("streamdepth") / "nano"
SHARED = Path(__file__).resolve().parents[3] / "shared"
RATIO_WEIGHT = 2.0
"""So that the two parts of the loss are of about the same size in the end."""
KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(2**32),
    "MALLOC_TRIM_THRESHOLD_": str(2**34),
    "MALLOC_TOP_PAD_": str(2**28),
    "OMP_WAIT_POLICY": "passive",
}
"""For glibc, which else gives large blocks back and fetches them anew, page by page, at every step."""
_FIT_BATCHES = 60
_USUAL_BATCHES = 60

app = App(help=__doc__)


@dataclass(frozen=True)
class Run:
    """Settings of a run."""

    drawings: tuple[Path, Path]
    """Folders of scenes of simple shapes and of path-traced ones."""
    shared: Path = SHARED
    """Holds rgbd_train and rgbd_dev."""
    folder: Path = FOLDER
    """Checkpoint, log and scores."""
    start: Path | None = None
    """Weights to begin with (default: start.safetensors in the folder)."""
    resume: bool = False
    views: int = 40_000
    """Where the learning rate reaches its end, and the training too."""
    seconds: float = 0.0
    """End after so long instead, and let the learning rate come down by then."""
    encoder: float = 0.0
    """Share of the learning rate that the encoder has; 0 leaves it as it is."""
    decoder: float = 1.0
    """The same of the decoder, which keeps its statistics below 1."""
    still: bool = False
    """Leave the statistics of the decoder's normalisation as they are, too."""
    rate: float = 1e-3
    """Highest learning rate."""
    real: float = 0.15
    """Share of real frames in a batch."""
    traced: float = 0.5
    """Share of path-traced scenes."""
    roll: float = 0.0
    """Largest angle, in degrees, by which half the views lean to a side."""
    batch: int = 8
    seed: int = 1
    threads: int = 1
    every: float = 180
    """Seconds between checkpoints."""
    judge_every: int = 4000
    """Views between two looks at the sets that judge."""


@app.command
def start(
    *,
    lite: Path,
    first: Path,
    drawings: tuple[Path, Path],
    folder: Path = FOLDER,
    decoder: str = "96,64,48,24",
) -> None:
    """Write start.safetensors: the encoder of `lite`, the decoder of `first` fitted behind it on drawings."""
    network = photographed(lite, NanoConfig(decoder=tuple(map(int, decoder.split(",")))))
    pool = open_pool(drawings)
    fit_decoder(network, read_weights(first), (_pictures(pool, seed) for seed in range(_FIT_BATCHES)))
    folder.mkdir(parents=True, exist_ok=True)
    write_weights(network, _card(0), folder / "start.safetensors")


@app.command
def restate(weights: Path, *, shared: Path = SHARED, folder: Path = FOLDER, share: float = 0.5) -> None:
    """Write start.safetensors: `weights`, the statistics of the decoder moved by `share` to those of real frames."""
    root = shared / "rgbd_train"
    real = Frames(root, training_sets(root))
    seeds = (np.random.default_rng((8, seed)) for seed in range(_USUAL_BATCHES))
    batches = (random_views(*real.batch(8, rng), UNTOUCHED, rng)[0] for rng in seeds)
    network = restated(read_weights(weights), batches, share)
    folder.mkdir(parents=True, exist_ok=True)
    write_weights(network, _card(0), folder / "start.safetensors")


@app.default
def train(run: Annotated[Run, Parameter(name="*")]) -> None:
    """Train, judge every few thousand views, write checkpoints."""
    keep_memory()
    torch.set_num_threads(run.threads)
    run.folder.mkdir(parents=True, exist_ok=True)
    network = read_weights(run.start or run.folder / "start.safetensors")
    options = LoopOptions(horizon=run.views, learning_rate=run.rate, still=run.still, seed=run.seed)
    trainer = Trainer(network.requires_grad_(True), TwinLoss(loss), options, shares_of(network, run))
    if run.resume:
        trainer.resume(run.folder / "checkpoint.pt")
    with stopping() as stop:
        Session(run, trainer, stop).go()
    trainer.save(run.folder / "checkpoint.pt")
    print(f"stopped after {trainer.views} views", flush=True)


@app.command
def export(
    *,
    folder: Path = FOLDER,
    data: Path = DATA,
    seen: int = 0,
    states: tuple[Path, ...] = (),
    beside: Path | None = None,
    parts: Part = "all",
) -> None:
    """Write the averaged weights of the last checkpoint into the package; `seen` views came before its own.

    `states` are checkpoints that were kept on the way: the mean of theirs is taken instead. `beside` is the checkpoint
    of an earlier state of the same training, or the weights that it began with: what is written is the mean of both,
    which is steadier than either where the scores still swing. Beyond `parts` it is what `beside` has.
    """
    checkpoints = [read_checkpoint(path) for path in states or (folder / "checkpoint.pt",)]
    weights = mean_of_all([checkpoint["average"] for checkpoint in checkpoints])
    if beside is not None:
        is_plain = beside.suffix == ".safetensors"
        other = read_weights(beside).state_dict() if is_plain else read_checkpoint(beside)["average"]
        weights = mean_of(weights, other, PARTS[parts])
    network = read_weights(folder / "start.safetensors")
    network.load_state_dict(weights)
    data.mkdir(parents=True, exist_ok=True)
    write_weights(network, _card(seen + checkpoints[-1]["views"]), data / "nano.safetensors")
    write_onnx(fuse_batch_norm(read_weights(data / "nano.safetensors")), data / "nano.onnx")
    halve_file(data / "nano.onnx")
    write_sums(data)


def shares_of(network: Nano, run: Run) -> dict[nn.Module, float]:
    """Shares of the learning rate of the parts that do not learn at the whole of it."""
    shares: dict[nn.Module, float] = {network.stem: run.encoder, network.stages: run.encoder}
    if run.decoder < 1:
        shares |= dict.fromkeys((network.gate, network.rise, network.head), run.decoder)
    return shares


def loss(prediction: torch.Tensor, truth: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """What the network is to make small, a scalar, of float (N, H, W) maps and their bool mask."""
    shape = ScaleShiftInvariantLoss(trim=0.0)(prediction, truth, mask)
    return shape + RATIO_WEIGHT * DepthRatioLoss()(prediction, truth, mask)


class Session:
    """One sitting of the training: steps, checkpoints, scores."""

    def __init__(self, run: Run, trainer: Trainer, stop: Stop) -> None:
        self.run, self.trainer, self.stop = run, trainer, stop
        sets = held_out(run.shared)
        self.sets = sets | {f"{name}, shaken": shaken(frames) for name, frames in sets.items()}
        self.real = Frames(run.shared / "rgbd_train", training_sets(run.shared / "rgbd_train"))
        self.begun = time.monotonic()
        self.first = trainer.views

    def go(self) -> None:
        """Train to the end, or until a signal asks to stop."""
        mixer, saved, judged = self.mixer(), time.monotonic(), self.trainer.views
        self.report(baseline(self.sets), "row")
        losses: list[float] = []
        while not self.over():
            losses.append(self.trainer.step(partial(mixer.batch, self.run.batch)).loss)
            if time.monotonic() - saved > self.run.every:
                self.trainer.save(self.run.folder / "checkpoint.pt")
                self.aim()
                mixer, saved = self.mixer(), time.monotonic()
            if self.trainer.views - judged >= self.run.judge_every:
                self.judge(losses)
                judged = self.trainer.views
                losses.clear()
        self.judge(losses)

    def mixer(self) -> Mixer:
        """What is drawn by now."""
        simple, traced = (open_pool([folder]) for folder in self.run.drawings)
        share = 1 - self.run.real - self.run.traced
        recipe = Recipe(share, self.run.traced, self.run.real, roll=math.radians(self.run.roll))
        return Mixer((simple, traced, self.real), recipe)

    def over(self) -> bool:
        """Whether the views or the time are used up, or a signal came."""
        if self.run.seconds:
            return self.stop.asked or time.monotonic() - self.begun >= self.run.seconds
        return self.stop.asked or self.trainer.views >= self.run.views

    def aim(self) -> None:
        """Bring the learning rate down by the end of the time there is."""
        if self.run.seconds:
            spent = time.monotonic() - self.begun
            whole = (self.trainer.views - self.first) * self.run.seconds / max(spent, 1.0)
            self.trainer.set_horizon(self.first + int(whole))

    def judge(self, losses: list[float]) -> None:
        """Score the averaged weights on the sets that judge, and log it."""
        network = read_weights(self.run.start or self.run.folder / "start.safetensors")
        self.trainer.averaged_network(network)
        mean = sum(losses) / max(1, len(losses))
        self.report(judge(network, self.sets), f"{self.trainer.views},{mean:.4f}")

    def report(self, scores: dict[str, float], head: str) -> None:
        """Print a line and add it to the log."""
        row = [
            head,
            *(f"{value:.2f}" for value in scores.values()),
            datetime.now(UTC).isoformat("T", "seconds"),
        ]
        with (self.run.folder / "scores.csv").open("a", newline="") as file:
            csv.writer(file).writerow(row)
        print(*row, self.trainer.options.horizon, flush=True)


@dataclass
class Stop:
    """Whether a signal asked for the end."""

    asked: bool = False


@contextlib.contextmanager
def stopping() -> Iterator[Stop]:
    """Turn Ctrl-C and SIGTERM into a request that the loop sees between two steps."""
    stop = Stop()

    def ask(*_: object) -> None:
        stop.asked = True

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _pictures(pool: Pool, seed: int) -> torch.Tensor:
    rng = np.random.default_rng((7, seed))
    return random_views(*pool.batch(8, rng), SIMPLE, rng)[0]


def _card(views: int) -> NanoCard:
    return NanoCard(views=views, date=datetime.now(UTC).date().isoformat())


def keep_memory() -> None:
    """Start again with the allocator's settings, which are read at a process's start only."""
    if not KEEP_MEMORY.keys() <= os.environ.keys():
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **KEEP_MEMORY})


if __name__ == "__main__":
    try:
        app()
    except StreamdepthError as error:
        sys.exit(f"train: error: {error}")
