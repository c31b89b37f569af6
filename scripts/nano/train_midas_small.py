#!/usr/bin/env python3
"""Train the architecture of midas-small from random weights on drawn scenes: does the recipe of nano teach it, too?

    scripts/nano/train_midas_small.py                                200 steps on 64 scenes that are drawn first
    scripts/nano/train_midas_small.py --scenes FOLDER --steps 2000   on the scenes that draw_simple.py drew

Nothing of it is shipped. The weights are for benchmarks and accuracy budgets of that architecture, which say more of
trained weights than of random ones: `--model FILE` runs them, but their depth is no match for the released ones.
"""

from __future__ import annotations

import statistics
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import platformdirs
import torch
from cyclopts import App, Parameter

from streamdepth.errors import StreamdepthError
from streamdepth.models.networks.midas_small import MidasSmall
from streamdepth.models.registry import MIDAS_SMALL
from streamdepth.training.augment import AugmentOptions, random_views
from streamdepth.training.files import make_folder
from streamdepth.training.loop import Batch, LoopOptions, Trainer
from streamdepth.training.losses import ScaleShiftInvariantLoss
from streamdepth.training.scenes import ChunkName, ScenePool, Scenes, draw_chunk, open_chunks
from streamdepth.training.trainable import Trainable, write_trained

CACHE = platformdirs.user_cache_path("streamdepth", appauthor=False) / "train-midas-small"
SIDE = 160
MEDIAN_OF = 20
"""Steps at either end of the run, for the losses that are compared."""

app = App(help=__doc__)


@dataclass(frozen=True)
class Run:
    """Settings of a run."""

    scenes: Path = CACHE
    """A folder of drawn scenes; filled where it has none."""
    output: Path = CACHE / "midas-small.safetensors"
    steps: int = 200
    batch: int = 4
    side: int = SIDE
    """Width and height of a view, a multiple of 32."""
    rate: float = 5e-4
    seed: int = 1
    threads: int = 2


@app.default
def train(run: Annotated[Run, Parameter(name="*")] = Run()) -> None:
    """Train, print the loss of the first and the last steps, write the weights."""
    torch.set_num_threads(run.threads)
    pool = scene_pool(run.scenes)
    trainer = Trainer(random_network(run.seed), ScaleShiftInvariantLoss(trim=0.0), loop_options(run))
    losses = [step(trainer, pool, run) for _ in range(run.steps)]
    first, last = (statistics.median(part) for part in (losses[:MEDIAN_OF], losses[-MEDIAN_OF:]))
    print(f"median loss of the first {MEDIAN_OF} steps {first:.3f}, of the last {MEDIAN_OF} {last:.3f}")
    make_folder(run.output.parent)
    settings = {"steps": run.steps, "batch": run.batch, "seed": run.seed, "scenes": pool.scenes}
    trained = Trainable(MIDAS_SMALL, trainer.network, "random")
    write_trained(trained, trainer.average, settings, run.output)


def step(trainer: Trainer, pool: ScenePool, run: Run) -> float:
    """One step on views of random scenes; its loss."""

    def batch(rng: np.random.Generator) -> Batch:
        options = AugmentOptions(sizes=((run.side, run.side),))
        image, truth = random_views(*pool.batch(run.batch, rng), options, rng)
        return Batch(image, truth, torch.ones_like(truth, dtype=torch.bool))

    progress = trainer.step(batch)
    if progress.step % 10 == 0:
        print(f"{progress.step} of {run.steps}: loss {progress.loss:.4f}", flush=True)
    return progress.loss


def loop_options(run: Run) -> LoopOptions:
    """Warm-up over a tenth of the run."""
    horizon = run.steps * run.batch
    return LoopOptions(
        horizon=horizon, learning_rate=run.rate, warm_up=max(1, horizon // 10), average=0.98, seed=run.seed
    )


def random_network(seed: int) -> MidasSmall:
    """The network with the random weights of this seed, its last ReLU open."""
    torch.manual_seed(seed)
    network = MidasSmall()
    # Where it starts closed, no gradient comes through it and nothing is ever learnt.
    last = network.get_parameter("scratch.output_conv.4.bias")
    torch.nn.init.ones_(last)
    return network


def scene_pool(folder: Path) -> ScenePool:
    """The scenes in a folder; 64 are drawn where there are none."""
    if not open_chunks(folder):
        from simple import GENERATOR_VERSION

        print("drawing 64 scenes", flush=True)
        draw_chunk(folder, ChunkName(GENERATOR_VERSION, SIDE, SIDE, 0), 64, draw)
    return ScenePool(open_chunks(folder))


def draw(seeds: object, height: int, width: int) -> Scenes:
    """Scenes as a chunk keeps them."""
    from simple import draw_scenes

    drawn = draw_scenes(list(seeds), height=height, width=width)  # type: ignore[call-overload]
    return drawn.colour.numpy(), drawn.inverse_depth.numpy().astype(np.float16)


if __name__ == "__main__":
    try:
        app()
    except StreamdepthError as error:
        sys.exit(f"train_midas_small: error: {error}")
