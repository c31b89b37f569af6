"""What surfaces are made of: three colours, a pattern that mixes them, and how they shine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simple.patterns import layers

Random = np.random.Generator
Colour = NDArray[np.float64]
"""(3,) linear RGB, 0..1."""


class Row(IntEnum):
    """Where a material's numbers stand in its row; the nine of the colours come first."""

    LAYER = 9
    SCALE = 10
    STRETCH = 11
    MOTTLE = 12
    SHINE = 13
    SHARP = 14
    GLOW = 15


@dataclass(frozen=True, eq=False)
class Material:
    """`colours` (3, 3) linear RGB, one to a row, mixed by pattern `layer` repeated `scale` times a metre.

    `stretch` fits the pattern once over each face instead; `mottle` is how much the brightness wanders; `shine` the
    strength of the highlight and `sharp` its exponent; `glow` the light that it gives of itself.
    """

    colours: NDArray[np.float64]
    layer: int = 0
    scale: float = 1.0
    stretch: bool = False
    mottle: float = 0.1
    shine: float = 0.0
    sharp: float = 20.0
    glow: float = 0.0

    @cached_property
    def row(self) -> NDArray[np.float64]:
        """(16,) numbers in the order of `Row`."""
        tail = (self.layer, self.scale, self.stretch, self.mottle, self.shine, self.sharp, self.glow)
        return np.concatenate([self.colours.reshape(-1), np.asarray(tail, float)])


_PALETTE = np.array(
    [
        (0.93, 0.92, 0.90), (0.85, 0.82, 0.76), (0.76, 0.70, 0.60), (0.62, 0.60, 0.58), (0.45, 0.45, 0.47),
        (0.28, 0.28, 0.30), (0.13, 0.13, 0.14), (0.05, 0.05, 0.06), (0.55, 0.36, 0.20), (0.38, 0.22, 0.12),
        (0.24, 0.13, 0.08), (0.78, 0.58, 0.36), (0.66, 0.22, 0.16), (0.45, 0.12, 0.12), (0.78, 0.66, 0.30),
        (0.36, 0.46, 0.24), (0.18, 0.30, 0.16), (0.20, 0.34, 0.52), (0.12, 0.18, 0.34), (0.50, 0.62, 0.74),
        (0.55, 0.42, 0.50), (0.85, 0.45, 0.20), (0.30, 0.50, 0.50),
    ]
)  # fmt: skip
"""Things people own, sRGB 0..1: whites, greys, woods, brick, mustard, greens, blues."""


def colour(rng: Random, vivid: float = 0.5) -> Colour:
    """A palette colour with some variation, or (with this probability) any colour at all."""
    if rng.random() < vivid:
        shade = rng.random(3) * rng.uniform(0.3, 1.0)
    else:
        shade = _PALETTE[rng.integers(len(_PALETTE))] + rng.normal(0, 0.04, 3)
    return np.asarray(shade.clip(0.02, 1.0) ** 2.2)


def pick(rng: Random, *numbers: float) -> float:
    """One of the numbers."""
    return numbers[int(rng.random() * len(numbers))]


def near(base: Colour, rng: Random, spread: float = 0.3) -> Colour:
    """A lighter or darker relative of a colour."""
    return np.asarray((base * np.exp(rng.normal(0, spread) + rng.normal(0, spread / 4, 3))).clip(0, 1))


def surface(
    rng: Random, *names: str, base: Colour | None = None, spread: float = 0.4, scale: float = 1.0
) -> Material:
    """A material with one of the named patterns whose colours are relatives of `base`, or of any colour."""
    first = colour(rng) if base is None else base
    pattern = layers(names[rng.integers(len(names))])
    return Material(
        np.stack([first, near(first, rng, spread), near(first, rng, 2 * spread)]),
        int(rng.integers(pattern.start, pattern.stop)),
        scale * float(np.exp(rng.uniform(-0.5, 1.1))),
        mottle=pick(rng, 0.1, 0.25, 0.6),
        shine=pick(rng, 0.0, 0.0, 0.15, 0.5),
        sharp=float(np.exp(rng.uniform(1.5, 4.5))),
    )


def named(rng: Random, name: str) -> int:
    """A layer of the atlas with a pattern of this name."""
    pattern = layers(name)
    return int(rng.integers(pattern.start, pattern.stop))


def anything(rng: Random) -> Material:
    """Any material: faint or loud, smooth or hard-edged."""
    first = colour(rng)
    made = surface(rng, *_ANY, base=first, spread=0.3, scale=float(np.exp(rng.uniform(-0.3, 2.3))))
    if rng.random() < 0.7:
        return made
    return replace(made, colours=np.stack([first, colour(rng), colour(rng)]))


def flat(shade: Colour | float, *, shine: float = 0.0, sharp: float = 20.0, glow: float = 0.0) -> Material:
    """One colour and no pattern."""
    colours = np.tile(np.broadcast_to(np.asarray(shade, float), 3), (3, 1))
    return Material(colours, 0, shine=shine, sharp=sharp, glow=glow)


def fitted(rng: Random, name: str, *colours: Colour, glow: float = 0.0, shine: float = 0.0) -> Material:
    """A pattern fitted once over each face, in three given colours."""
    return Material(np.stack(colours), named(rng, name), stretch=True, mottle=0.05, glow=glow, shine=shine)


def picture(rng: Random, glow: float = 0.0) -> Material:
    """A flat picture of another scene, as of a poster, a painting or a screen."""
    return fitted(rng, "picture", *np.eye(3), glow=glow, shine=float(rng.choice([0.0, 0.3])))


def printed(rng: Random) -> Material:
    """A cover, a label, a packet: letters, a picture or just a colour."""
    kind = rng.random()
    if kind < 0.2:
        return picture(rng)
    if kind < 0.6:
        return fitted(rng, "letters", colour(rng), colour(rng), colour(rng), shine=0.2)
    return anything(rng)


def paper(rng: Random) -> Material:
    """Printed paper."""
    return fitted(rng, "letters", np.full(3, rng.uniform(0.6, 0.95)), np.full(3, 0.05), colour(rng))


def metal(rng: Random) -> Material:
    """Steel, brass or painted tube."""
    shade = np.array(
        [(0.5, 0.5, 0.52), (0.05, 0.05, 0.05), (0.5, 0.38, 0.15), (0.8, 0.8, 0.8)][rng.integers(4)]
    )
    return flat(shade, shine=rng.uniform(0.2, 1.0), sharp=rng.uniform(20, 80))


def screen(rng: Random) -> Material:
    """A screen that is on or off."""
    kind = rng.random()
    if kind < 0.35:
        return flat(0.01, shine=0.5, sharp=60)
    if kind < 0.7:
        return picture(rng, glow=rng.uniform(0.3, 2.0))
    return fitted(rng, "desktop", colour(rng), colour(rng), np.full(3, 0.9), glow=rng.uniform(0.3, 2.0))


def foliage(rng: Random) -> Material:
    """Leaves, from spring to autumn."""
    base = np.array(
        [(0.10, 0.20, 0.03), (0.05, 0.12, 0.03), (0.2, 0.25, 0.05), (0.4, 0.2, 0.03)][rng.integers(4)]
    )
    return surface(rng, "leaves", base=near(base, rng), spread=0.6, scale=rng.uniform(0.7, 2.0))


def skin(rng: Random) -> Colour:
    """Skin of any tone."""
    return np.array([0.78, 0.50, 0.36]) * rng.uniform(0.12, 1.0) * rng.uniform(0.9, 1.1, 3)


def hair(rng: Random) -> Material:
    """Hair, from black to blond and grey."""
    shades = (
        (0.02, 0.015, 0.01),
        (0.10, 0.05, 0.02),
        (0.20, 0.09, 0.03),
        (0.45, 0.30, 0.12),
        (0.4, 0.4, 0.4),
    )
    base = np.array(shades[rng.integers(len(shades))])
    return surface(rng, "grain", "wood", base=base, spread=0.3, scale=6.0)


def wood(rng: Random, base: Colour | None = None) -> Material:
    """Furniture wood, varnished or painted."""
    shade = near(np.array(_WOODS[rng.integers(len(_WOODS))]), rng) if base is None else base
    made = surface(rng, "wood", "wood", "plain", base=shade, spread=0.25, scale=1.5)
    return replace(made, shine=float(rng.choice([0.0, 0.2, 0.6])))


def cloth(rng: Random, base: Colour | None = None) -> Material:
    """Upholstery, curtains, clothes."""
    names = ("plain", "grain", "grain", "cloud", "stripes", "plaid", "dots", "blotch")
    return replace(surface(rng, *names, base=base, spread=0.4, scale=2.0), shine=0.0)


_ANY = ("plain", "plain", "grain", "cloud", "blotch", "grain", "wood", "stripes", "plaid", "dots", "letters")
_WOODS = (
    (0.30, 0.15, 0.06), (0.16, 0.06, 0.03), (0.06, 0.03, 0.02), (0.45, 0.28, 0.12), (0.55, 0.42, 0.25),
    (0.75, 0.73, 0.70), (0.85, 0.85, 0.85), (0.20, 0.20, 0.21), (0.22, 0.05, 0.03),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Theme:
    """What the furniture of one room has in common."""

    wall: Material
    floor: Material
    wood: Material
    cloth: Material
    metal: Material

    def woody(self, rng: Random) -> Material:
        """Mostly the room's own wood."""
        return self.wood if rng.random() < 0.6 else wood(rng)

    def soft(self, rng: Random) -> Material:
        """Mostly the room's own cloth."""
        return self.cloth if rng.random() < 0.5 else cloth(rng)


def theme(rng: Random) -> Theme:
    """Walls mostly light and plain, the rest of any colour; now and then all white."""
    light = np.full(3, rng.uniform(0.35, 0.9)) * rng.uniform(0.85, 1.0, 3)
    base = light if rng.random() < 0.7 else colour(rng)
    wall = surface(
        rng, "plain", "plain", "grain", "grain", "cloud", "stripes", "dots", base=base, spread=0.15
    )
    if rng.random() < 0.12:
        return Theme(
            replace(wall, colours=np.tile(light, (3, 1))), floor(rng), flat(light), flat(light), flat(0.8)
        )
    return Theme(wall, floor(rng), wood(rng), cloth(rng), metal(rng))


def floor(rng: Random) -> Material:
    """Boards, tiles, carpet."""
    if rng.random() < 0.4:
        return surface(rng, "planks", "wood", base=wood(rng).colours[0], spread=0.3, scale=0.8)
    return surface(
        rng, "tiles", "grain", "cloud", "plaid", "plain", "dots", base=colour(rng, 0.2), spread=0.25
    )
