"""Batches in which drawn scenes and real frames stand side by side, at one size.

Whole batches of one set teach what is peculiar to it; mixed inside the batch they do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from learning.twins import twins_among, with_twins
from streamdepth.depthfiles.units import DepthKind, DepthUnit
from streamdepth.evaluation.rgbd import RgbdPair, load_pair
from streamdepth.pixels import BGRImage
from streamdepth.training.augment import AugmentOptions, Size, random_views
from streamdepth.training.dataset import UNKNOWN
from streamdepth.training.loop import Batch
from streamdepth.training.scenes import Chunk, ScenePool, Scenes, open_chunks

Frame = tuple[BGRImage, NDArray[np.float32]]
"""A picture (H, W, 3) and its depth in metres (H, W), 0 where there is no reading."""
LEARNT = (
    "arc_suction", "pcl_mosd", "singles", "tum_fr1_desk", "tum_fr1_rpy", "tum_fr2_desk", "tum_fr3_people",
    "ycbv_posecnn",
)  # fmt: skip
"""Real sets that are learnt from: those whose licence is known and allows it, and whose depth lies on its colour (that
of tum_fr_vo lies 20 pixels beside it). The model card names them."""
_STEPS = {
    "pcl_mosd": 1000, "aims_slam": 1000, "felix_planes": 1000, "singles": 1000,
    "ycbv_posecnn": 10000, "arc_suction": 10000,
}  # fmt: skip
"""Steps a metre of 16-bit depth; 5000 in the sets of TUM."""
_TUM = 5000
_SHOWN = {"aims_slam": 0.64}
"""Share of the depth's width and height that the colour shows, about the middle, in sets whose depth was not brought
to the colour's camera: found by laying edges of depth upon edges of colour."""
HELD_OUT = ("aims_slam", "felix_planes", "tum_fr3_cabinet")
"""Real sets that only judge."""
_REAL = (288, 384)
"""Height and width at which real frames are kept: more than any view of them needs."""
_NEAREST = 0.1


@dataclass(frozen=True)
class Recipe:
    """What a batch is made of."""

    simple: float = 0.35
    """Share of scenes drawn from simple shapes."""
    traced: float = 0.5
    """Share of path-traced scenes."""
    real: float = 0.15
    """Share of real frames."""
    sizes: tuple[Size, ...] = (
        (192, 256),
        (192, 256),
        (224, 224),
        (256, 192),
        (160, 288),
        (128, 352),
        (224, 320),
        (288, 384),
    )
    """Heights and widths of views, one for each batch."""
    roll: float = 0.0
    """Largest angle, in radians, by which half the views lean to a side."""

    def counts(self, batch: int, rng: np.random.Generator) -> tuple[int, int, int]:
        """How many of each kind the next batch holds."""
        shares = np.array([self.simple, self.traced, self.real])
        simple, traced, real = rng.multinomial(batch, shares / shares.sum()).tolist()
        return simple, traced, real


SIMPLE = AugmentOptions(levelled=0.6)
TRACED = AugmentOptions(levelled=0.2, least_crop=0.5)
REAL = AugmentOptions(gamma=0.5, least_crop=0.5)
UNTOUCHED = AugmentOptions(
    sizes=((192, 256),), least_crop=0.5, brightness=0.1, contrast=0.1, saturation=0.1, cast=0.05, gamma=0.1,
    framed=0, grey=0, shuffle=0, blur=0, noise=0,
)  # fmt: skip
"""Of real frames, nearly as the camera gave them."""


class Pool(Protocol):
    """Where scenes come from."""

    def batch(self, count: int, rng: np.random.Generator) -> Scenes:
        """`count` random scenes of one size."""


class Frames:
    """Real frames in memory, all of one size."""

    def __init__(self, root: Path, sets: Iterable[str]) -> None:
        colour, inverse = zip(
            *(_at_size(bgr, metres) for name in sorted(sets) for bgr, metres in read_set(root / name)),
            strict=True,
        )
        self.colour: NDArray[np.uint8] = np.stack(colour)
        self.inverse: NDArray[np.float16] = np.stack(inverse)

    def batch(self, count: int, rng: np.random.Generator) -> Scenes:
        """`count` random frames."""
        rows = rng.integers(len(self.colour), size=count)
        return self.colour[rows], self.inverse[rows]


@dataclass(frozen=True, eq=False)
class Mixer:
    """Everything that batches are drawn from."""

    pools: tuple[Pool, Pool, Pool]
    """Of simple scenes, path-traced ones and real frames."""
    recipe: Recipe

    def batch(self, count: int, rng: np.random.Generator) -> Batch:
        """`count` views of one random size, the last of them twins of the first."""
        size = self.recipe.sizes[rng.integers(len(self.recipe.sizes))]
        twins = twins_among(count)
        numbers = self.recipe.counts(count - twins, rng)
        roll = self.recipe.roll
        views = [
            random_views(*pool.batch(number, rng), replace(options, sizes=(size,), roll=roll), rng)
            for pool, options, number in zip(self.pools, (SIMPLE, TRACED, REAL), numbers, strict=True)
            if number
        ]
        image, truth = (torch.cat(parts) for parts in zip(*views, strict=True))
        return with_twins(Batch(image, truth.clamp_min(0), truth >= 0), twins, rng)


def open_pool(folders: Sequence[Path], fade: float = 0.8) -> ScenePool:
    """All chunks below the folders; newer generator versions more often."""
    chunks: list[Chunk] = []
    for folder in folders:
        for place in (folder, *sorted(path for path in folder.iterdir() if path.is_dir())):
            chunks += open_chunks(place)
    return ScenePool(chunks, fade=fade)


def training_sets(root: Path) -> list[str]:
    """Names of the real sets to learn from, as far as they are in the folder."""
    return [name for name in LEARNT if (root / name / "color").is_dir()]


def read_set(folder: Path) -> list[Frame]:
    """The frames of a folder of rgbd_train."""
    unit = DepthUnit(DepthKind.METRES, _STEPS.get(folder.name, _TUM))
    pairs = (
        RgbdPair(next((folder / "color").glob(f"{depth.stem}.*")), depth, unit=unit)
        for depth in sorted((folder / "depth").glob("*.png"))
    )
    shown = _SHOWN.get(folder.name, 1.0)
    return [(colour, _middle(depth, shown)) for colour, depth in (load_pair(pair)[:2] for pair in pairs)]


def _middle(depth: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    """The middle `share` of a map's width and height, at the size of the whole."""
    height, width = depth.shape
    rows, columns = (round(side * (1 - share) / 2) for side in (height, width))
    inner = depth[rows : height - rows, columns : width - columns]
    return np.asarray(cv2.resize(inner, (width, height), interpolation=cv2.INTER_NEAREST), np.float32)


def _at_size(colour: BGRImage, depth: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
    """(3, h, w) RGB and (h, w) inverse depth of a frame, cut to 4:3 about its middle."""
    height, width = depth.shape
    wide, high = min(width, height * 4 // 3), min(height, width * 3 // 4)
    top, left = (height - high) // 2, (width - wide) // 2
    inside = (slice(top, top + high), slice(left, left + wide))
    size = _REAL[::-1]
    small = np.asarray(cv2.resize(colour[inside], size, interpolation=cv2.INTER_AREA), np.uint8)
    metres = cv2.resize(depth[inside], size, interpolation=cv2.INTER_NEAREST)
    inverse = np.where(metres > _NEAREST, 1 / np.maximum(metres, _NEAREST), UNKNOWN)
    return np.ascontiguousarray(small[..., ::-1].transpose(2, 0, 1)), inverse.astype(np.float16)
