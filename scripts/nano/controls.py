#!/usr/bin/env python3
"""Ask what photographs brought: networks of other beginnings learn by one recipe from the same views.

    scripts/nano/controls.py lite0 nothing before lite1 --lite0 LITE0.pth --lite1 LITE1.pth --first FIRST \
        --drawings SIMPLE TRACED --shared ../shared --folder FOLDER --views 3000
    scripts/nano/controls.py time FOLDER/lite0.safetensors FOLDER/before.safetensors

Prints delta > 1.25 in percent of the sets that judge, pictures 256 wide, a line every few hundred views; weights stay
in the folder. `nothing` is the network of lite0 with a random encoder, `before` is FIRST itself.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
from cyclopts import App, Parameter
from learning.encoder import encoder_norms, fit_decoder, photographed
from learning.judge import held_out, judge
from learning.mix import SIMPLE, Frame, Frames, Mixer, Recipe, open_pool, training_sets
from learning.twins import TwinLoss
from look import scores_line
from torch import Tensor, nn
from train import keep_memory, loss

from streamdepth.errors import StreamdepthError, UsageError
from streamdepth.models.networks.nano import Nano, NanoConfig, StageConfig, build_nano, fuse_batch_norm
from streamdepth.models.networks.nano_files import NanoCard, read_weights, write_weights
from streamdepth.training.augment import random_views
from streamdepth.training.loop import LoopOptions, Trainer

LITE1 = NanoConfig(
    stages=(
        StageConfig(24, 3, 3),
        StageConfig(40, 3, 5),
        StageConfig(80, 4, 3),
        StageConfig(112, 4, 5, stride=1),
        StageConfig(192, 5, 5),
        StageConfig(320, 1, 3, stride=1),
    )
)
"""As deep as EfficientNet-Lite1; all else is as in the network of Lite0."""
_SHARE = 0.3
"""Of the learning rate, for an encoder that has learnt something before."""
_FIT_BATCHES = 40
_TURNS = 60

app = App(help=__doc__)


@dataclass(frozen=True)
class Control:
    """What all beginnings have in common."""

    lite0: Path
    first: Path
    """The `nano` of before, whose decoder is fitted behind each encoder."""
    drawings: tuple[Path, Path]
    shared: Path
    folder: Path
    lite1: Path | None = None
    views: int = 3000
    judge_every: int = 1000
    rate: float = 1e-3
    batch: int = 8
    seed: int = 1


@app.default
def controls(*names: str, control: Annotated[Control, Parameter(name="*")]) -> None:
    """Train each beginning that is named, and judge it."""
    keep_memory()
    torch.set_num_threads(1)
    control.folder.mkdir(parents=True, exist_ok=True)
    root = control.shared / "rgbd_train"
    simple, traced = (open_pool([place]) for place in control.drawings)
    mixer = Mixer((simple, traced, Frames(root, training_sets(root))), Recipe())
    sets = held_out(control.shared)
    for name in names:
        torch.manual_seed(control.seed)
        network = beginning(name, control)
        learn(name, network, mixer, sets, control)


@app.command(name="time")
def measure(*weights: Path) -> None:
    """Print the CPU time of one picture of 256x128, fp32 in PyTorch on one thread, the networks in turns."""
    torch.set_num_threads(1)
    networks = [fuse_batch_norm(read_weights(path)) for path in weights]
    picture = torch.rand(1, 3, 128, 256)
    spent: list[list[float]] = [[] for _ in networks]
    with torch.inference_mode():
        for _ in range(_TURNS):
            for times, network in zip(spent, networks, strict=True):
                begun = time.process_time()
                network(picture)
                times.append(time.process_time() - begun)
    for path, times in zip(weights, spent, strict=True):
        print(f"{path.stem}: {np.median(times) * 1e3:.1f} ms of CPU")


def beginning(name: str, control: Control) -> Nano:
    """The network before its first step, the decoder fitted. Raises `UsageError` where the name is none."""
    before = read_weights(control.first)
    if name == "before":
        return before
    if name == "lite0":
        network = photographed(control.lite0, NanoConfig())
    elif name == "lite1" and control.lite1:
        network = photographed(control.lite1, LITE1)
    elif name == "nothing":
        network = build_nano()
        settle(network, _pictures(control, 20))
    else:
        raise UsageError(
            f"no beginning is called {name}", "name lite0, lite1 with --lite1, nothing or before"
        )
    fit_decoder(network, before, _pictures(control, _FIT_BATCHES))
    return network


@torch.no_grad()
def settle(network: Nano, pictures: Iterator[Tensor]) -> None:
    """Give the normalisation of a random encoder the statistics of what it sees, in place."""
    norms = encoder_norms(network)
    for norm in norms:
        norm.momentum = None  # a plain mean over all batches
    network.train()
    for batch in pictures:
        network.encode(batch)
    for norm in norms:
        norm.momentum = 0.1


def learn(name: str, network: Nano, mixer: Mixer, sets: dict[str, list[Frame]], control: Control) -> None:
    """Train, print scores on the way, and write the averaged weights.

    An encoder that has learnt nothing before learns at the full rate, its statistics with it.
    """
    options = LoopOptions(
        horizon=control.views,
        learning_rate=control.rate,
        warm_up=control.views // 8,
        average=0.99,
        seed=control.seed,
    )
    print(name, 0, scores_line(judge(network.eval(), sets)), flush=True)
    known: tuple[nn.Module, ...] = () if name == "nothing" else (network.stem, network.stages)
    trainer = Trainer(network.requires_grad_(True), TwinLoss(loss), options, dict.fromkeys(known, _SHARE))
    trained, spent = build_nano(network.config), 0.0
    while trainer.views < control.views:
        begun = time.process_time()
        trainer.step(partial(mixer.batch, control.batch))
        spent += time.process_time() - begun
        if trainer.views % control.judge_every < control.batch:
            trainer.averaged_network(trained)
            print(name, trainer.views, scores_line(judge(trained, sets)), f"{spent:.0f} s of CPU", flush=True)
            write_weights(trained, NanoCard(trainer.views, ""), control.folder / f"{name}.safetensors")


def _pictures(control: Control, count: int) -> Iterator[Tensor]:
    pool = open_pool(control.drawings)
    for number in range(count):
        rng = np.random.default_rng((7, number))
        yield random_views(*pool.batch(8, rng), SIMPLE, rng)[0]


if __name__ == "__main__":
    try:
        app()
    except StreamdepthError as error:
        sys.exit(f"controls: error: {error}")
