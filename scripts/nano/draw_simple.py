#!/usr/bin/env python3
"""Draw scenes of simple shapes, with their exact depth, for the training of the bundled network.

    scripts/nano/draw_simple.py --folder FOLDER             draws chunk after chunk, goes on where it was
    scripts/nano/draw_simple.py --folder FOLDER --chunks 4

Every fourth chunk is of roads, three times as wide as high. Ctrl-C loses at most the chunk that is being drawn.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from cyclopts import App
from simple import GENERATOR_VERSION, draw_scenes

from streamdepth.errors import StreamdepthError
from streamdepth.training.scenes import ChunkName, Scenes, draw_chunk, next_seed, open_chunks

SIZES = ((192, 256), (160, 160), (192, 256), (128, 384))
"""Heights and widths; chunks take turns."""
COUNT = 256
ROADS = ("road", "street")

app = App(help=__doc__)


@app.default
def draw(*, folder: Path, chunks: int = 100_000, threads: int = 1) -> None:
    """Draw so many more chunks into `folder`."""
    torch.set_num_threads(threads)
    for _ in range(chunks):
        height, width = SIZES[len(open_chunks(folder)) % len(SIZES)]
        kinds = ROADS if width >= 2 * height else ()
        name = ChunkName(GENERATOR_VERSION, height, width, next_seed(folder))
        draw_chunk(folder, name, COUNT, partial(_scenes, kinds))
        print(name, flush=True)


def _scenes(kinds: Sequence[str], seeds: Sequence[int], height: int, width: int) -> Scenes:
    drawn = draw_scenes(list(seeds), height=height, width=width, kinds=kinds)
    return drawn.colour.numpy(), drawn.inverse_depth.numpy().astype(np.float16)


if __name__ == "__main__":
    try:
        app()
    except StreamdepthError as error:
        sys.exit(f"draw_simple: error: {error}")
