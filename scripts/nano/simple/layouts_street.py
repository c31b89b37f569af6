"""Streets and pavements."""

from __future__ import annotations

import numpy as np

from simple.building import Builder, Pose
from simple.materials import Random, flat, surface
from simple.outdoors import (
    STREET,
    bicycle,
    building,
    bush,
    car,
    fence,
    post,
    stairs,
    tree,
    vehicle,
)
from simple.people import standing
from simple.scene import Scene
from simple.taking import ground_for, outdoors


def street(rng: Random) -> Scene:
    """A road between houses or hedges, with pavements, cars, trees, posts and people; walked or driven along."""
    scene, ground, lane = Builder(), ground_for(rng), rng.uniform(2, 6)
    grey = np.full(3, rng.uniform(0.05, 0.3))
    road = surface(rng, "grain", "grain", "cloud", "cobbles", "tiles", base=grey, spread=0.2)
    scene.box(ground.at(0, -1, 0), (300, 1, 300), road, casts=False)
    for side in (-1, 1):
        _roadside(scene, rng, ground, side, lane)
    _traffic(scene, rng, ground, lane)
    if rng.random() < 0.6:
        _markings(scene, ground)
    if rng.random() < 0.65:
        driver = ground.at(rng.uniform(-0.6, 0.6) * lane, 0, 0)
        return outdoors(rng, scene, driver, rng.uniform(1.2, 2.0), 0.02, 0.04)
    return outdoors(rng, scene, ground, rng.uniform(0.9, 2.6), 0.03)


def _roadside(scene: Builder, rng: Random, ground: Pose, side: int, lane: float) -> None:
    grey = np.full(3, rng.uniform(0.1, 0.5))
    pavement = surface(rng, "tiles", "grain", "cobbles", "cloud", base=grey, spread=0.2, scale=0.6)
    scene.box(ground.at(side * (lane + 3), 0.03, 30), (3, 0.09, 60), pavement)
    row = _green if rng.random() < 0.35 else _houses
    row(scene, rng, ground, side, lane + rng.uniform(1.5, 6))
    for z in np.arange(rng.uniform(1.5, 6), 45, rng.uniform(3, 12)):
        turn = rng.normal(0, 0.2) + side * np.pi / 2
        STREET[rng.integers(len(STREET))](
            scene, rng, ground.at(side * (lane + rng.uniform(0.2, 2)), 0.1, z, yaw=turn)
        )
        if rng.random() < 0.4:
            parked = ground.at(side * (lane - 1), 0, z + 3, yaw=rng.normal(0, 0.04) + (side > 0) * np.pi)
            vehicle(scene, rng, parked)


def _houses(scene: Builder, rng: Random, ground: Pose, side: int, gap: float) -> None:
    """Houses along one side of a road."""
    z = rng.uniform(-4, 4)
    while z < 60 and rng.random() < 0.93:
        half = (rng.uniform(2, 8), float(np.exp(rng.uniform(0.8, 2.3))), 4.0)
        if rng.random() < 0.85:
            away = gap + 4 + rng.choice([0, rng.uniform(0, 2)])
            building(scene, rng, ground.at(side * away, 0, z + half[0], yaw=side * np.pi / 2), half)
        z += 2 * half[0] + rng.choice([0.0, 0.0, rng.uniform(0, 8)])


def _green(scene: Builder, rng: Random, ground: Pose, side: int, gap: float) -> None:
    """Trees, bushes and fences along one side of a road."""
    for z in np.arange(rng.uniform(3, 6), 40, rng.uniform(2, 6)):
        piece = (tree, tree, bush, bush, fence)[rng.integers(5)]
        piece(
            scene, rng, ground.at(side * (gap + rng.uniform(0, 4)), 0, z + rng.normal(0, 0.5), yaw=np.pi / 2)
        )


def _traffic(scene: Builder, rng: Random, ground: Pose, lane: float) -> None:
    for _ in range(int(rng.integers(0, 4))):
        x, z = rng.choice([-0.5, 0.5]) * lane, np.exp(rng.uniform(1.5, 3.7))
        vehicle(scene, rng, ground.at(x, 0, z, yaw=(x < 0) * np.pi + rng.normal(0, 0.06)))
    for _ in range(int(rng.integers(0, 6))):
        x, z = rng.uniform(-1, 1) * (lane + 3), np.exp(rng.uniform(0.5, 3.0))
        standing(scene, rng, ground.at(x, 0.05, z, yaw=rng.uniform(0, 6.3)))


def _markings(scene: Builder, ground: Pose) -> None:
    white = flat(0.7)
    for z in range(0, 40, 4):
        scene.box(ground.at(0, 0.0, z), (0.07, 0.004, 1.0), white, casts=False)


def facade_close(rng: Random) -> Scene:
    """A pavement in front of a wall: passers-by, bicycles, posts, close."""
    scene, ground = Builder(), ground_for(rng)
    floor = surface(
        rng, "cobbles", "tiles", "grain", "bricks", base=np.full(3, rng.uniform(0.1, 0.5)), spread=0.3
    )
    scene.box(ground.at(0, -1, 0), (100, 1, 100), floor, casts=False)
    away, turn = rng.uniform(2, 7), rng.normal(0, 0.4)
    front = ground.at(0, 0, away, yaw=turn)
    for i in (-1, 0, 1):
        half = (rng.uniform(2, 5), rng.uniform(2, 6), 2.0)
        building(scene, rng, front.at(i * 5, 0, 2 + rng.uniform(0, 0.4)), half)
    for _ in range(int(rng.integers(1, 6))):
        pieces = (bicycle, bicycle, post, fence, bush, stairs)
        spot = front.at(rng.uniform(-3, 3), 0, -rng.uniform(0.3, away * 0.5), yaw=rng.normal(0, 0.2))
        pieces[rng.integers(len(pieces))](scene, rng, spot)
    for _ in range(int(rng.integers(0, 4))):
        spot = front.at(rng.uniform(-2, 2), 0, -rng.uniform(0.4, away * 0.7), yaw=rng.uniform(0, 6.3))
        standing(scene, rng, spot)
    if rng.random() < 0.3:
        car(scene, rng, front.at(rng.uniform(-3, 3), 0, -away * 0.6, yaw=np.pi / 2))
    return outdoors(rng, scene, ground, rng.uniform(0.5, 1.8), 0.08, 0.2)
