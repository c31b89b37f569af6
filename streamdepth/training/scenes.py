"""Drawn scenes on disk, in chunks that are memory-mapped, so that each is drawn once and seen many times.

A chunk is two files, `v{version}-{height}x{width}-{first seed}.colour.npy` (count, 3, H, W) uint8 RGB and
`.inverse.npy` (count, H, W) float16 inverse depth in 1/m, 0 for the sky. Chunks can be drawn again from their
names: scene i of a chunk has the seed `first seed + i`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import UsageError
from streamdepth.files import whole_file
from streamdepth.values import dataclass

Scenes = tuple[NDArray[np.uint8], NDArray[np.float16]]
"""Colour (N, 3, H, W) and inverse depth (N, H, W)."""
Draw = Callable[[Sequence[int], int, int], Scenes]
"""Draws the scenes of these seeds at this height and width."""

_NAME = re.compile(r"v(\d+)-(\d+)x(\d+)-(\d+)\.colour\.npy")
_DRAWN_AT_ONCE = 32


@dataclass(frozen=True, order=True)
class ChunkName:
    """What a chunk holds; sorts by version first."""

    version: int
    height: int
    width: int
    first_seed: int

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.height, self.width

    def __str__(self) -> str:
        return f"v{self.version}-{self.height}x{self.width}-{self.first_seed:08d}"


@dataclass(frozen=True, eq=False)
class Chunk:
    """A chunk, memory-mapped."""

    name: ChunkName
    colour: NDArray[np.uint8]
    inverse_depth: NDArray[np.float16]

    def __len__(self) -> int:
        return len(self.colour)


def draw_chunk(folder: Path, name: ChunkName, count: int, draw: Draw) -> None:
    """Draw `count` scenes into `folder`; the chunk appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [
        draw(range(first, min(first + _DRAWN_AT_ONCE, name.first_seed + count)), name.height, name.width)
        for first in range(name.first_seed, name.first_seed + count, _DRAWN_AT_ONCE)
    ]
    colour, inverse_depth = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    # The colour file makes the chunk visible: it comes last.
    _write(folder / f"{name}.inverse.npy", inverse_depth.astype(np.float16))
    _write(folder / f"{name}.colour.npy", colour)


def open_chunks(folder: Path) -> list[Chunk]:
    """Every chunk in `folder`, oldest generator version first."""
    names = sorted(filter(None, (_parse(path) for path in folder.glob("*.colour.npy"))))
    return [_open(folder, name) for name in names]


def next_seed(folder: Path) -> int:
    """The first seed after all that were drawn into `folder`."""
    chunks = open_chunks(folder)
    return max((chunk.name.first_seed + len(chunk) for chunk in chunks), default=0)


class ScenePool:
    """Draws batches at random from chunks, scenes of newer generator versions more often."""

    def __init__(self, chunks: Sequence[Chunk], *, fade: float = 0.5) -> None:
        """A scene is drawn `fade` times as often as one of the next newer version.

        Raises `UsageError` where there is no chunk.
        """
        if not chunks:
            raise UsageError("there are no drawn scenes to train on", "draw some first")
        self.chunks = tuple(chunks)
        newer = {v: rank for rank, v in enumerate(sorted({c.name.version for c in chunks}, reverse=True))}
        self.weights = np.array([len(chunk) * fade ** newer[chunk.name.version] for chunk in chunks])

    @property
    def scenes(self) -> int:
        """How many scenes there are."""
        return sum(map(len, self.chunks))

    def batch(self, count: int, rng: np.random.Generator) -> Scenes:
        """`count` random scenes of one size."""
        height, width = self.chunks[self._choose(self.weights, rng)].name.size
        weights = np.where([chunk.name.size == (height, width) for chunk in self.chunks], self.weights, 0)
        colour = np.empty((count, 3, height, width), np.uint8)
        inverse_depth = np.empty((count, height, width), np.float16)
        for row in range(count):
            chunk = self.chunks[self._choose(weights, rng)]
            index = rng.integers(len(chunk))
            colour[row], inverse_depth[row] = chunk.colour[index], chunk.inverse_depth[index]
        return colour, inverse_depth

    @staticmethod
    def _choose(weights: NDArray[np.float64], rng: np.random.Generator) -> int:
        return int(rng.choice(len(weights), p=weights / weights.sum()))


def _parse(path: Path) -> ChunkName | None:
    match = _NAME.fullmatch(path.name)
    return ChunkName(*map(int, match.groups())) if match else None


def _open(folder: Path, name: ChunkName) -> Chunk:
    colour = np.load(folder / f"{name}.colour.npy", mmap_mode="r")
    return Chunk(name, colour, np.load(folder / f"{name}.inverse.npy", mmap_mode="r"))


def _write(path: Path, array: NDArray[np.uint8] | NDArray[np.float16]) -> None:
    with whole_file(path) as file:
        np.save(file, array)
