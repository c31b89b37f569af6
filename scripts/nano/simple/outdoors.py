"""What stands outside: buildings, cars, trees, street furniture, hills. Each stands on its pose's origin."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simple.building import Builder, Pose, Vector
from simple.materials import (
    Colour,
    Material,
    Random,
    anything,
    cloth,
    colour,
    fitted,
    flat,
    foliage,
    metal,
    near,
    picture,
    surface,
    wood,
)

Piece = Callable[[Builder, Random, Pose], None]


def car(scene: Builder, rng: Random, pose: Pose) -> None:
    """A car, a van or a truck that drives towards -z."""
    paint = flat(colour(rng, 0.3), shine=rng.uniform(0.3, 1.0), sharp=40)
    glass = flat(0.03, shine=0.9, sharp=60)
    wide, long, van = rng.uniform(0.8, 0.95), rng.uniform(1.7, 2.4), rng.random() < 0.25
    low, high = rng.uniform(0.25, 0.4), rng.uniform(0.28, 0.4)
    scene.box(pose.at(0, low + high, 0), (wide, high, long), paint)
    scene.ball(pose.at(0, low + 2 * high - 0.05, -long * 0.62), (wide * 0.95, 0.13, long * 0.4), paint)
    top, cabin = low + 2 * high, rng.uniform(0.22, 0.32) + 0.5 * van
    span = long * (0.75 if van else 0.5)
    middle = pose.at(0, top + cabin, long * 0.2)
    scene.box(middle, (wide * 0.88, cabin, span), paint if van else glass)
    scene.box(middle.at(0, cabin, 0), (wide * 0.86, 0.03, span * 0.94), paint)
    for z in (-1.0, -0.1, 0.9):
        scene.box(middle.at(0, 0, z * span), (wide * 0.9, cabin, 0.035), paint)
    scene.box(middle.at(0, 0, -span - 0.1, pitch=-0.5), (wide * 0.8, cabin, 0.03), glass)
    scene.box(middle.at(0, 0, span + 0.03, pitch=0.3), (wide * 0.8, cabin * 0.9, 0.03), glass)
    for x in (-1, 1):
        for z in (-0.62, 0.62):
            hub = pose.at(x * wide * 0.93, 0.32, z * long, roll=np.pi / 2)
            scene.cone(hub, 0.32, 0.11, flat(0.02))
            scene.cone(hub, 0.19, 0.115, metal(rng))
        scene.box(
            pose.at(x * wide * 0.75, low + high * 1.3, -long),
            (0.14, 0.08, 0.02),
            flat(0.9, glow=rng.uniform(0, 2)),
        )
        scene.box(
            pose.at(x * wide * 0.8, low + high * 1.4, long),
            (0.12, 0.1, 0.02),
            flat(np.array([0.6, 0.02, 0.02])),
        )
    scene.box(
        pose.at(0, low + high * 0.7, long + 0.01),
        (0.26, 0.06, 0.01),
        fitted(rng, "letters", *np.ones((3, 3))),
    )


def truck(scene: Builder, rng: Random, pose: Pose) -> None:
    """A bus, a truck or a tram towards -z."""
    long, high = rng.uniform(2.5, 6), rng.uniform(1.1, 1.7)
    side = surface(rng, "facade", "plain", "stripes", base=colour(rng), spread=0.8, scale=0.3)
    scene.box(pose.at(0, high + 0.5, 0.6), (1.25, high, long), side)
    scene.box(pose.at(0, high * 0.8 + 0.5, -long + 0.2), (1.2, high * 0.8, 0.8), flat(colour(rng), shine=0.4))
    scene.box(
        pose.at(0, high * 1.1 + 0.5, -long - 0.6), (1.05, high * 0.35, 0.03), flat(0.03, shine=0.9, sharp=60)
    )
    for x in (-1.15, 1.15):
        for z in (-0.7, 0.5, 0.8):
            scene.cone(pose.at(x, 0.48, z * long, roll=np.pi / 2), 0.48, 0.15, flat(0.02))


def vehicle(scene: Builder, rng: Random, pose: Pose) -> None:
    """Mostly a car."""
    (car if rng.random() < 0.87 else truck)(scene, rng, pose)


def tree(scene: Builder, rng: Random, pose: Pose) -> None:
    """A leafy tree, a conifer, or a bare one."""
    tall, bark = (
        rng.uniform(2.5, 9),
        surface(rng, "wood", "grain", base=wood(rng).colours[0] * 0.5, scale=2.0),
    )
    kind = rng.random()
    if kind < 0.2:
        green = foliage(rng)
        for level in np.linspace(0.25, 0.9, 5):
            scene.cone(pose.at(0, tall * level, 0), tall * 0.26 * (1.1 - level), tall * 0.13, green, top=0.1)
        scene.cone(pose.at(0, tall * 0.2, 0), 0.12, tall * 0.2, bark)
        return
    fork = pose.at(rng.normal(0, 0.2), tall * rng.uniform(0.3, 0.5), rng.normal(0, 0.2)).origin
    scene.rod(pose.origin, fork, tall * rng.uniform(0.02, 0.04), bark, top=0.7)
    green, bare = foliage(rng), kind > 0.88
    for _ in range(int(rng.integers(4, 9))):
        tip = fork + pose.axes @ (rng.normal(0, 0.16, 3) * tall + np.array([0, 0.25 * tall, 0]))
        scene.rod(fork, tip, tall * 0.012, bark, top=0.4)
        if bare:
            _twigs(scene, rng, fork, tip, bark)
        else:
            half = tall * rng.uniform(0.1, 0.24, 3)
            scene.leaves(
                Pose(tip), half, green, (rng.uniform(8, 22), rng.uniform(0.4, 0.58), rng.uniform(0, 6))
            )


def _twigs(scene: Builder, rng: Random, start: Vector, end: Vector, bark: Material) -> None:
    for _ in range(3):
        base = start + (end - start) * rng.uniform(0.3, 1.0)
        scene.rod(base, base + rng.normal(0, 0.3, 3) * np.linalg.norm(end - start), 0.015, bark, top=0.3)


def bush(scene: Builder, rng: Random, pose: Pose) -> None:
    """A bush or a hedge."""
    green = foliage(rng)
    if rng.random() < 0.25:
        half = (rng.uniform(0.5, 4), rng.uniform(0.3, 0.9), rng.uniform(0.2, 0.4))
        scene.box(pose.at(0, half[1], 0), half, green)
        return
    for _ in range(int(rng.integers(1, 5))):
        size = rng.uniform(0.25, 0.9, 3)
        spot = pose.at(rng.normal(0, 0.5), size[1] * 0.7, rng.normal(0, 0.5))
        scene.leaves(spot, size, green, (rng.uniform(8, 22), rng.uniform(0.3, 0.45), rng.uniform(0, 6)))


def fence(scene: Builder, rng: Random, pose: Pose) -> None:
    """A fence, a railing or a low wall along x."""
    wide, high = rng.uniform(1, 6), rng.uniform(0.3, 1.0)
    if rng.random() < 0.2:
        made = surface(rng, "bricks", "cobbles", "cloud", scale=0.7)
        scene.box(pose.at(0, high / 2, 0), (wide, high / 2, 0.12), made)
        return
    made = metal(rng) if rng.random() < 0.5 else wood(rng)
    bars = (float(round(wide * rng.uniform(3, 14))), float(rng.integers(1, 4)), rng.choice([0.12, 0.25, 0.6]))
    scene.grid(pose.at(0, high, 0), (wide, high, 0.02), made, bars)


def post(scene: Builder, rng: Random, pose: Pose) -> None:
    """A street lamp, a traffic light, a sign, a bollard, a pole."""
    kind, made = rng.random(), metal(rng)
    if kind < 0.3:
        scene.cone(pose.at(0, 0.45, 0), rng.uniform(0.05, 0.12), 0.45, made, top=0.9)
        scene.ball(pose.at(0, 0.95, 0), (0.1, 0.12, 0.1), made)
        return
    tall = rng.uniform(2.2, 7)
    scene.cone(pose.at(0, tall / 2, 0), rng.uniform(0.03, 0.1), tall / 2, made, top=0.7)
    if kind < 0.55:
        scene.box(
            pose.at(0, tall - 0.3, -0.06),
            (0.3, rng.uniform(0.15, 0.35), 0.015),
            fitted(rng, "letters", *_paints(rng)),
        )
    elif kind < 0.7:
        scene.box(pose.at(0, tall - 0.4, -0.12), (0.14, 0.4, 0.12), flat(0.02))
        for i, glow in enumerate(np.eye(3)[rng.integers(3)]):
            lens = pose.at(0, tall - 0.66 + 0.26 * i, -0.24)
            scene.ball(
                lens,
                (0.09, 0.09, 0.04),
                flat(np.array([(0, 0.8, 0.3), (0.9, 0.6, 0), (0.9, 0.05, 0)][i]), glow=3 * glow),
            )
    else:
        scene.rod(pose.at(0, tall, 0).origin, pose.at(1.2, tall + 0.3, 0).origin, 0.04, made)
        scene.ball(pose.at(1.2, tall + 0.25, 0), (0.3, 0.08, 0.12), flat(0.8, glow=rng.uniform(0, 3)))


def _paints(rng: Random) -> list[Colour]:
    return [colour(rng), colour(rng), colour(rng)]


def bench(scene: Builder, rng: Random, pose: Pose) -> None:
    """A bench of slats."""
    made, wide = wood(rng), rng.uniform(0.5, 0.9)
    scene.grid(pose.at(0, 0.45, 0, pitch=np.pi / 2), (wide, 0.2, 0.02), made, (1.0, 4.0, 0.6))
    scene.grid(pose.at(0, 0.7, 0.22, pitch=-0.2), (wide, 0.2, 0.02), made, (1.0, 3.0, 0.6))
    for side in (-1, 1):
        scene.box(pose.at(side * wide * 0.8, 0.22, 0), (0.03, 0.22, 0.2), metal(rng))


def wheel(scene: Builder, pose: Pose, radius: float, made: Material) -> None:
    """A bicycle wheel in the plane z = 0: a rim of rods and some spokes."""
    angles = np.linspace(0, 2 * np.pi, 13)
    rim = [pose.at(radius * np.cos(a), radius * np.sin(a), 0).origin for a in angles]
    for i in range(12):
        scene.rod(rim[i], rim[i + 1], 0.018, made)
        if i % 3 == 0:
            scene.rod(pose.origin, rim[i], 0.004, made)


def bicycle(scene: Builder, rng: Random, pose: Pose) -> None:
    """A bicycle along x."""
    dark, paint = flat(0.02), flat(colour(rng), shine=0.5)
    back, front = pose.at(-0.52, 0.34, 0), pose.at(0.52, 0.34, 0)
    wheel(scene, back, 0.32, dark)
    wheel(scene, front, 0.32, dark)
    joints = {"crank": (-0.08, 0.3), "seat": (-0.2, 0.85), "head": (0.34, 0.82), "bar": (0.3, 1.0)}
    at = {name: pose.at(x, y, 0).origin for name, (x, y) in joints.items()}
    at |= {"back": back.origin, "front": front.origin}
    for a, b in (
        ("crank", "seat"),
        ("crank", "head"),
        ("seat", "head"),
        ("crank", "back"),
        ("seat", "back"),
        ("bar", "front"),
    ):
        scene.rod(at[a], at[b], 0.018, paint)
    scene.ball(pose.at(-0.22, 0.9, 0), (0.13, 0.04, 0.07), dark)
    scene.rod(pose.at(0.3, 1.0, -0.25).origin, pose.at(0.3, 1.0, 0.25).origin, 0.014, dark)


def building(scene: Builder, rng: Random, pose: Pose, half: tuple[float, float, float]) -> None:
    """A house whose front is at -z: windows (painted on, flat), perhaps a door, a sign, a roof, balconies."""
    base = colour(rng, 0.15)
    wall = surface(
        rng, "facade", "facade", "facade", "bricks", "cloud", "grain", base=base, spread=0.9, scale=0.2
    )
    scene.box(pose.at(0, half[1], 0), half, wall)
    front = pose.at(0, 0, -half[2])
    if rng.random() < 0.5:
        shop = picture(rng) if rng.random() < 0.4 else fitted(rng, "desktop", *_paints(rng))
        scene.box(front.at(0, 1.3, 0), (half[0] * 0.8, 1.2, 0.06), shop)
        scene.box(front.at(0, 2.8, 0), (half[0] * 0.8, 0.25, 0.3), fitted(rng, "letters", *_paints(rng)))
    if rng.random() < 0.5:
        scene.box(
            front.at(rng.uniform(-1, 1) * half[0], 1.1, 0),
            (0.6, 1.1, 0.05),
            fitted(rng, "door", *_paints(rng)),
        )
    if rng.random() < 0.3:
        for level in np.arange(3.0, 2 * half[1] - 1, 3.0):
            scene.box(front.at(0, level, -0.4), (half[0] * 0.5, 0.06, 0.5), flat(base))
            scene.grid(
                front.at(0, level + 0.5, -0.9), (half[0] * 0.5, 0.5, 0.02), metal(rng), (30.0, 1.0, 0.2)
            )
    if rng.random() < 0.4:
        roof = surface(rng, "tiles", "grain", "bricks", base=near(np.array([0.25, 0.08, 0.05]), rng, 0.7))
        lean = pose.at(0, 2 * half[1], 0)
        for side in (-1, 1):
            scene.box(
                lean.at(0, half[2] * 0.4, side * half[2] * 0.5, pitch=side * 0.75),
                (half[0], 0.1, half[2] * 0.8),
                roof,
            )


def stairs(scene: Builder, rng: Random, pose: Pose) -> None:
    """A flight of steps that rises towards +z, with a rail on some."""
    wide, rise, run = rng.uniform(0.5, 2.0), rng.uniform(0.14, 0.2), rng.uniform(0.24, 0.36)
    made, count = (
        surface(rng, "plain", "grain", "planks", "cloud", "tiles", scale=0.8),
        int(rng.integers(4, 14)),
    )
    for i in range(count):
        scene.box(pose.at(0, rise * (i + 1) / 2, run * (i + 0.5)), (wide, rise * (i + 1) / 2, run / 2), made)
    if rng.random() < 0.6:
        for side in (-1, 1):
            start, end = (pose.at(side * wide, rise * i + 0.9, run * i).origin for i in (0, count))
            scene.rod(start, end, 0.03, metal(rng))
            for i in range(0, count, 2):
                foot = pose.at(side * wide, rise * i + 0.45, run * (i + 0.5))
                scene.cone(foot, 0.015, 0.45, metal(rng))


def lattice(scene: Builder, rng: Random, pose: Pose) -> None:
    """A mast, a crane, a bridge or a track on struts: thin rods against the sky."""
    made, other = flat(colour(rng, 0.7), shine=0.3), flat(colour(rng, 0.7), shine=0.3)
    wide, thick = rng.uniform(0.5, 2.5), rng.uniform(0.04, 0.15)
    steps, bow = int(rng.integers(5, 11)), rng.uniform(-0.8, 0.8)
    rise = rng.choice([0.0, 0.4, 1.0, 3.0])
    line = [
        pose.at(wide * 1.5 * i, 2 + rise * i + bow * np.sin(i * 0.7) * 2, bow * i).origin
        for i in range(steps)
    ]
    side = pose.axes @ np.array([0, 0, wide])
    for i in range(steps - 1):
        scene.rod(line[i], line[i + 1], thick, made)
        scene.rod(line[i] + side, line[i + 1] + side, thick, made)
        scene.rod(line[i], line[i + 1] + side, thick * 0.5, other)
        if rng.random() < 0.7:
            foot = line[i] * np.array([1, 0, 1]) + side * rng.uniform(-0.5, 1.5)
            scene.rod(foot, line[i], thick * rng.uniform(0.5, 1.2), other)
            scene.rod(line[i] * np.array([1, 0, 1]), line[i + 1], thick * 0.5, other)


def stall(scene: Builder, rng: Random, pose: Pose) -> None:
    """An awning on four poles over a board, or a parasol."""
    made = cloth(rng)
    if rng.random() < 0.4:
        scene.cone(pose.at(0, 1.2, 0), 0.03, 1.2, metal(rng))
        scene.cone(pose.at(0, 2.3, 0), 1.3, 0.25, made, top=0.05)
        return
    for x in (-1, 1):
        for z in (-1, 1):
            scene.cone(pose.at(x, 1.1, z * 0.8), 0.025, 1.1, flat(0.5))
    scene.box(pose.at(0, 2.25, 0, pitch=0.15), (1.2, 0.04, 1.0), made)
    scene.box(pose.at(0, 0.45, 0), (1.0, 0.45, 0.5), anything(rng))


STREET: tuple[Piece, ...] = (post, post, post, tree, tree, bush, fence, bench, bicycle, bicycle, stall)
"""What stands beside a road."""

PARK: tuple[Piece, ...] = (tree, tree, tree, tree, bush, bush, fence, bench, post, stairs)
"""What stands in the green."""


def backdrop(scene: Builder, rng: Random, pose: Pose) -> None:
    """What a window looks out on: ground at the pose's origin, some houses and trees towards +z."""
    scene.box(pose.at(0, -0.5, 40), (60, 0.5, 40), surface(rng, "grain", "leaves", "cobbles"), casts=False)
    for _ in range(int(rng.integers(0, 4))):
        place = pose.at(rng.uniform(-12, 12), 0, rng.uniform(5, 30))
        (tree, bush, tree)[rng.integers(3)](scene, rng, place)
    if rng.random() < 0.5:
        building(
            scene,
            rng,
            pose.at(rng.uniform(-8, 8), 0, rng.uniform(15, 40)),
            (rng.uniform(4, 12), rng.uniform(3, 8), 4),
        )
