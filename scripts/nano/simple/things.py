"""Small things that stand on tables, shelves and floors. Each stands on its pose's origin and looks to -z."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simple.animals import upright
from simple.building import Builder, Pose
from simple.materials import (
    Random,
    anything,
    colour,
    fitted,
    flat,
    foliage,
    metal,
    paper,
    picture,
    printed,
    screen,
    wood,
)

Thing = Callable[[Builder, Random, Pose], None]


def mug(scene: Builder, rng: Random, pose: Pose) -> None:
    """A cup with a handle."""
    radius, half, made = rng.uniform(0.03, 0.05), rng.uniform(0.035, 0.06), anything(rng)
    scene.cone(pose.at(0, half, 0), radius, half, made, top=rng.uniform(1.0, 1.3))
    scene.cone(pose.at(0, 2 * half, 0), radius * 0.95, 0.002, flat(0.03), top=1.0)
    out = pose.at(radius * 1.15, half, 0)
    scene.frame(
        out, (radius * 0.55, half * 0.6, 0.006), made, (-radius, radius * 0.3, -half * 0.4, half * 0.4)
    )


def bottle(scene: Builder, rng: Random, pose: Pose) -> None:
    """Body, shoulder, neck."""
    radius, half, made = rng.uniform(0.03, 0.05), rng.uniform(0.06, 0.12), anything(rng)
    scene.cone(pose.at(0, half, 0), radius, half, made)
    scene.cone(pose.at(0, 2 * half + 0.02, 0), radius, 0.02, made, top=0.35)
    scene.cone(pose.at(0, 2 * half + 0.06, 0), radius * 0.35, 0.04, made)


def box(scene: Builder, rng: Random, pose: Pose) -> None:
    """A packet, a carton, a block."""
    half = np.exp(rng.uniform(-3.6, -1.8, 3))
    scene.box(pose.at(0, float(half[1]), 0), half, printed(rng))


def book(scene: Builder, rng: Random, pose: Pose) -> None:
    """One to six books in a pile."""
    high = 0.0
    for _ in range(int(rng.integers(1, 7))):
        half = np.array([rng.uniform(0.06, 0.12), rng.uniform(0.006, 0.03), rng.uniform(0.09, 0.16)])
        high += float(half[1])
        scene.box(
            pose.at(rng.normal(0, 0.01), high, rng.normal(0, 0.01), yaw=rng.normal(0, 0.2)),
            half,
            printed(rng),
        )
        high += float(half[1])


def sheet(scene: Builder, rng: Random, pose: Pose) -> None:
    """Some papers."""
    for i in range(int(rng.integers(1, 4))):
        spot = pose.at(rng.normal(0, 0.06), 0.002 + 0.002 * i, rng.normal(0, 0.06), yaw=rng.normal(0, 0.6))
        scene.box(spot, (0.105, 0.001, 0.148), paper(rng))


def bowl(scene: Builder, rng: Random, pose: Pose) -> None:
    """A bowl or plate, perhaps with fruit."""
    radius, half = rng.uniform(0.05, 0.09), rng.uniform(0.008, 0.04)
    scene.cone(pose.at(0, half, 0), radius, half, anything(rng), top=rng.uniform(1.2, 1.7))
    for _ in range(int(rng.choice([0, 0, 4, 7]))):
        ball = rng.uniform(0.02, 0.04)
        place = pose.at(rng.normal(0, radius / 2), 2 * half + ball * 0.5, rng.normal(0, radius / 2))
        scene.ball(place, (ball, ball, ball), anything(rng))


def laptop(scene: Builder, rng: Random, pose: Pose) -> None:
    """An open laptop whose screen looks to -z."""
    shell = flat(rng.choice([0.03, 0.3, 0.6]), shine=0.3)
    board = fitted(rng, "keys", shell.colours[0], colour(rng, 0.0), shell.colours[0] * 0.2)
    scene.box(pose.at(0, 0.009, 0), (0.165, 0.009, 0.115), shell)
    scene.box(pose.at(0, 0.0185, 0.03), (0.15, 0.001, 0.06), board)
    lid = pose.at(0, 0.015, 0.115, pitch=rng.uniform(-0.1, 0.6))
    scene.box(lid.at(0, 0.11, 0), (0.165, 0.11, 0.004), shell)
    scene.box(lid.at(0, 0.112, -0.004), (0.155, 0.098, 0.0015), screen(rng))


def monitor(scene: Builder, rng: Random, pose: Pose) -> None:
    """A screen on a foot."""
    wide = rng.uniform(0.2, 0.36)
    high, lift = wide * rng.uniform(0.56, 0.75), rng.uniform(0.06, 0.18)
    case = flat(rng.choice([0.02, 0.05, 0.5, 0.7]), shine=0.3)
    scene.box(pose.at(0, 0.008, 0), (wide * 0.4, 0.008, 0.09), case)
    scene.box(pose.at(0, lift, 0.03), (0.03, lift, 0.012), case)
    scene.box(pose.at(0, lift + high, 0), (wide, high, rng.choice([0.015, 0.02, 0.15])), case)
    scene.box(pose.at(0, lift + high, -0.02), (wide - 0.015, high - 0.015, 0.003), screen(rng))


def keyboard(scene: Builder, rng: Random, pose: Pose) -> None:
    """A keyboard and a mouse."""
    shade = flat(rng.choice([0.02, 0.1, 0.6, 0.8]))
    keys = fitted(rng, "keys", shade.colours[0], shade.colours[0] * 1.3, shade.colours[0] * 0.2)
    scene.box(pose.at(0, 0.01, 0), (0.21, 0.01, 0.07), keys)
    scene.ball(pose.at(rng.choice([-1, 1]) * 0.29, 0.012, 0), (0.03, 0.018, 0.05), shade)


def plant(scene: Builder, rng: Random, pose: Pose) -> None:
    """A potted plant or a vase of flowers."""
    size = float(np.exp(rng.uniform(-0.5, 0.9)))
    scene.cone(pose.at(0, 0.07 * size, 0), 0.05 * size, 0.07 * size, anything(rng), top=rng.uniform(0.7, 1.5))
    green = foliage(rng)
    for _ in range(int(rng.integers(2, 6))):
        half = rng.uniform(0.05, 0.12, 3) * size
        place = pose.at(*(rng.normal(0, 0.05, 3) * size + np.array([0, 0.25 * size, 0])))
        scene.leaves(place, half, green, (rng.uniform(4, 12), rng.uniform(0.4, 0.6), rng.uniform(0, 6)))


def lamp(scene: Builder, rng: Random, pose: Pose, tall: float = 0.35) -> None:
    """A lamp with a shade that is lit or not."""
    scene.cone(pose.at(0, 0.012, 0), 0.08, 0.012, metal(rng))
    scene.cone(pose.at(0, tall / 2, 0), rng.uniform(0.008, 0.04), tall / 2, anything(rng))
    glow = float(rng.choice([0.0, 1.5, 4.0]))
    shade = flat(np.array([0.9, 0.8, 0.6]) * rng.uniform(0.5, 1), glow=glow)
    scene.cone(pose.at(0, tall + 0.06, 0), rng.uniform(0.09, 0.18), 0.1, shade, top=rng.uniform(0.4, 0.9))


def teapot(scene: Builder, rng: Random, pose: Pose) -> None:
    """A round pot with spout and knob."""
    size, made = rng.uniform(0.05, 0.09), anything(rng) if rng.random() < 0.6 else metal(rng)
    scene.ball(pose.at(0, size, 0), (size, size * 0.9, size), made)
    scene.ball(pose.at(0, size * 1.95, 0), (size * 0.2,) * 3, made)
    tip = pose.at(size * 1.7, size * 1.5, 0).origin
    scene.rod(pose.at(size * 0.7, size * 0.8, 0).origin, tip, size * 0.25, made, top=0.5)
    handle = pose.at(-size * 1.15, size, 0)
    scene.frame(handle, (size * 0.5, size * 0.6, 0.008), made, (-size * 0.3, size, -size * 0.4, size * 0.4))


def candle(scene: Builder, rng: Random, pose: Pose) -> None:
    """A candle on a stick."""
    high = rng.uniform(0.05, 0.2)
    scene.cone(pose.at(0, high / 2, 0), 0.05, high / 2, metal(rng), top=0.2)
    scene.cone(pose.at(0, high + 0.08, 0), 0.011, 0.08, flat(0.8))


def photo(scene: Builder, rng: Random, pose: Pose) -> None:
    """A framed picture that leans back."""
    wide, high = rng.uniform(0.05, 0.14, 2)
    lean = pose.at(0, 0, 0, pitch=0.25).at(0, high, 0)
    scene.box(lean, (wide, high, 0.008), wood(rng))
    scene.box(lean.at(0, 0, -0.008), (wide * 0.85, high * 0.85, 0.002), picture(rng))


def pens(scene: Builder, rng: Random, pose: Pose) -> None:
    """A pot of pens."""
    scene.cone(pose.at(0, 0.05, 0), 0.04, 0.05, anything(rng))
    for _ in range(5):
        x, z = rng.normal(0, 0.03, 2)
        scene.rod(pose.at(x / 2, 0.05, z / 2).origin, pose.at(x, 0.16, z).origin, 0.004, anything(rng))


def cutlery(scene: Builder, rng: Random, pose: Pose) -> None:
    """Rods that lie about: pens, knives, cables."""
    for _ in range(int(rng.integers(1, 5))):
        x, z = rng.normal(0, 0.06, 2)
        way = rng.uniform(0, 6.3)
        end = pose.at(x + 0.17 * np.cos(way), 0.006, z + 0.17 * np.sin(way))
        scene.rod(pose.at(x, 0.006, z).origin, end.origin, rng.uniform(0.003, 0.01), anything(rng))


def oddity(scene: Builder, rng: Random, pose: Pose) -> None:
    """A toy, a tool, a machine: a few solids grown together."""
    spread = np.exp(rng.uniform(-3.4, -2.2))
    for _ in range(int(rng.integers(2, 7))):
        half = spread * np.exp(rng.uniform(-1, 0.7, 3))
        x, y, z = rng.normal(0, spread, 3)
        place = pose.at(x, abs(y) + float(half[1]), z, *rng.uniform(0, 6.3, 3) * (rng.random(3) < 0.4))
        (scene.box, scene.ball)[rng.integers(2)](place, half, anything(rng))


def cushion(scene: Builder, rng: Random, pose: Pose) -> None:
    """Something soft: a cushion, a bag, a heap of cloth."""
    half = np.exp(rng.uniform(-2.5, -1.5, 3))
    scene.ball(pose.at(0, float(half[1]) * 0.8, 0), half, anything(rng))


SMALL: tuple[Thing, ...] = (
    mug, mug, bottle, bottle, box, box, box, book, book, sheet, bowl, plant, teapot, candle, photo, pens, cutlery,
    oddity, oddity, upright, cushion, lamp, laptop,
)  # fmt: skip
"""What stands on a table."""

LOW: tuple[Thing, ...] = (box, book, sheet, cutlery, mug, bowl, cushion)
"""What lies about and hides little."""


def strew(
    scene: Builder,
    rng: Random,
    pose: Pose,
    half: tuple[float, float],
    count: int,
    kinds: tuple[Thing, ...] = SMALL,
) -> None:
    """Put `count` things anywhere on a top that reaches half[0] along x and half[1] along z."""
    for _ in range(count):
        x, z = rng.uniform(-1, 1, 2) * half
        kinds[rng.integers(len(kinds))](scene, rng, pose.at(x, 0, z, yaw=rng.normal(0, 0.8)))


def heap(scene: Builder, rng: Random, pose: Pose, size: float, count: int) -> None:
    """A pile of `count` turned blocks and lumps, about `size` metres across."""
    for _ in range(count):
        half = size * np.exp(rng.uniform(-2.3, -1.0, 3))
        x, z = rng.normal(0, size / 3, 2)
        high = max(0.0, size * 0.5 - float(np.hypot(x, z))) * rng.random() + float(half.min())
        (scene.box, scene.ball)[int(rng.random() < 0.4)](
            pose.at(x, high, z, *rng.uniform(0, 6.3, 3)), half, printed(rng)
        )
