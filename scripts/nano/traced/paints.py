"""What walls, floors, ceilings and pictures are painted with."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from traced.furnishing import colour, wood_colour
from traced.sky import INDOORS, OUTDOORS, environment
from traced.stage import Paint, plain
from traced.textures import Bytes, from_linear, patterns

Array = NDArray[np.float64]
Random = np.random.Generator


def patterned(
    name: str, colours: Array, tile: float, index: int = 0, *, gloss: float = 0, rough: float = 0.3
) -> Paint:
    """One of the house's patterns in these three colours (3, 3), laid on every `tile` metres."""
    choices = patterns()[name]
    return Paint(colours.clip(0.01, 0.85), choices[index % len(choices)], tile=tile, gloss=gloss, rough=rough)


def shades(base: Array, rng: Random, spread: float) -> Array:
    """(3, 3): a colour, and two like it."""
    return np.stack([base, base * (1 - spread), base * (1 + spread * rng.normal(0, 0.7, 3))])


def wall(rng: Random, wet: bool = False) -> Paint:
    """Paint, plaster, wallpaper, brick, boards or tiles."""
    kind = rng.choice(
        ["paint", "plaster", "paper", "bricks", "boards", "tiles"],
        p=[0.1, 0.2, 0.1, 0.05, 0.05, 0.5] if wet else [0.3, 0.32, 0.2, 0.09, 0.06, 0.03],
    )
    base, number = wall_colour(rng), int(rng.integers(100))
    if kind == "paint":
        return patterned("cloud", shades(base, rng, rng.uniform(0.02, 0.12)), rng.uniform(2, 5), number)
    if kind == "plaster":
        return patterned("grain", shades(base, rng, rng.uniform(0.05, 0.25)), rng.uniform(0.4, 1.2), number)
    if kind == "paper":
        name = str(rng.choice(["stripes", "dots", "plaid", "blotch", "leaves", "cloud"]))
        return patterned(name, shades(base, rng, rng.uniform(0.05, 0.5)), rng.uniform(0.3, 1.4), number)
    if kind == "bricks":
        red = np.array([0.35, 0.14, 0.09]) * rng.uniform(0.6, 1.5) if rng.random() < 0.6 else base
        colours = np.stack([red, red * rng.uniform(0.5, 0.8), np.full(3, rng.uniform(0.2, 0.6))])
        return patterned("bricks", colours, rng.uniform(0.7, 1.2), number)
    if kind == "boards":
        wood = wood_colour(rng)
        return patterned("planks", np.stack([wood, wood * 0.6, wood * 0.25]), rng.uniform(0.7, 1.5), number)
    pale = np.maximum(base, 0.15)
    colours = np.stack([pale, pale * rng.uniform(0.75, 1), pale * rng.uniform(0.4, 0.8)])
    return patterned("tiles", colours, rng.uniform(0.4, 1.2), number, gloss=0.04, rough=0.1)


def wall_colour(rng: Random) -> Array:
    """(3,) linear: mostly white or pale, now and then strong."""
    if rng.random() < 0.6:
        return rng.uniform(0.4, 0.8) * (1 - rng.uniform(0, 0.25) * rng.random(3))
    return np.maximum(colour(rng), 0.05)


def floor(rng: Random, wet: bool = False) -> Paint:
    """Boards, parquet, tiles, carpet or stone."""
    kind = rng.choice(
        ["planks", "wood", "tiles", "carpet", "stone"],
        p=[0.1, 0.05, 0.65, 0.0, 0.2] if wet else [0.38, 0.12, 0.18, 0.22, 0.1],
    )
    number, shine = int(rng.integers(100)), float(rng.choice([0.0, 0.03, 0.04]))
    rough = float(rng.uniform(0.08, 0.45))
    if kind in ("planks", "wood"):
        base = wood_colour(rng)
        colours = np.stack([base, base * rng.uniform(0.4, 0.85), base * 0.3])
        return patterned(str(kind), colours, rng.uniform(0.6, 1.5), number, gloss=shine, rough=rough)
    base = wall_colour(rng) * rng.uniform(0.3, 1.0)
    if kind == "tiles":
        colours = np.stack([base, base * rng.uniform(0.3, 1), base * rng.uniform(0.3, 0.9)])
        return patterned("tiles", colours, rng.uniform(0.8, 2.4), number, gloss=0.04, rough=rough)
    if kind == "carpet":
        name = str(rng.choice(["grain", "grain", "blotch", "dots", "plaid"]))
        return patterned(name, shades(base, rng, rng.uniform(0.1, 0.5)), rng.uniform(0.3, 1.2), number)
    name = str(rng.choice(["cloud", "cobbles"]))
    return patterned(name, shades(base, rng, 0.35), rng.uniform(0.8, 2.5), number, gloss=shine, rough=rough)


def ceiling(rng: Random) -> Paint:
    """White, or boards."""
    if rng.random() < 0.1:
        wood = wood_colour(rng)
        return patterned("planks", np.stack([wood, wood * 0.7, wood * 0.3]), 1.2)
    white = rng.uniform(0.6, 0.85) * (1 - rng.uniform(0, 0.08, 3))
    return patterned("grain", np.stack([white, white * 0.93, white]), 0.8)


def picture(rng: Random) -> Paint:
    """What hangs on a wall: a view, a painting, a print."""
    if rng.random() < 0.65:
        views = _views()
        return Paint(
            np.eye(3) * rng.uniform(0.5, 0.9), views[rng.integers(len(views))], gloss=_glass(rng), rough=0.05
        )
    name = str(
        rng.choice(["picture", "letters", "stripes", "blotch", "dots", "facade", "cobbles", "leaves", "face"])
    )
    choices = patterns()[name]
    colours = (
        np.stack([colour(rng) for _ in range(3)]) if name != "picture" else np.diag(rng.uniform(0.3, 0.8, 3))
    )
    return Paint(colours, choices[rng.integers(len(choices))], gloss=_glass(rng), rough=0.05)


def _glass(rng: Random) -> float:
    return 0.04 if rng.random() < 0.4 else 0.0


@cache
def _views() -> list[Bytes]:
    """Pieces of the environments, as photographs."""
    rng = np.random.default_rng(5)
    return [_view(name, rng) for name in (*OUTDOORS, *INDOORS) for _ in range(3)]


def _view(name: str, rng: Random) -> Bytes:
    whole = np.maximum(environment(name), 0)
    side = int(rng.integers(60, 140))
    row, column = int(rng.integers(50, 190 - side)), int(rng.integers(0, 512 - side))
    part = whole[row : row + side, column : column + side]
    exposed = part * (0.35 / max(float(np.median(part.mean(2))), 1e-6))
    toned = np.where(exposed < 0.5, exposed, 1 - 0.25 / np.maximum(exposed, 0.5))
    return from_linear(
        cv2.resize(toned.astype(np.float32), (256, 256), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    )


def frame(rng: Random) -> Paint:
    """Of pictures and windows."""
    value = rng.choice([0.02, 0.3, 0.75])
    return plain(wood_colour(rng) if rng.random() < 0.4 else np.full(3, value), gloss=0.03, rough=0.3)
