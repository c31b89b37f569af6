"""Roads as a camera behind a windscreen sees them: towns, suburbs, motorways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simple.building import Builder, Pose
from simple.materials import Random, anything, flat, foliage, metal, surface
from simple.outdoors import (
    STREET,
    building,
    bush,
    fence,
    lattice,
    post,
    tree,
    truck,
    vehicle,
)
from simple.people import standing
from simple.scene import Scene
from simple.taking import ground_for, outdoors

LANE = 3.3
"""Metres."""
FAR = 90.0
"""Metres ahead to which a road is furnished."""


@dataclass(frozen=True)
class _Road:
    """Lanes on the left and right of the camera's own, and what stands on the right of all, mirrored on the left."""

    left: int
    right: int
    kind: str

    def edge(self, side: int) -> float:
        """Metres from the camera's lane to the kerb on that side."""
        return (0.5 + (self.right if side > 0 else self.left)) * LANE


def road(rng: Random) -> Scene:
    """A road that is driven along, in traffic, between houses, gardens, woods, walls or guard rails."""
    kind = ("town", "suburb", "country", "motorway")[rng.choice(4, p=[0.35, 0.3, 0.2, 0.15])]
    ways = (1, 4) if kind == "motorway" else (0, 2)
    way = _Road(int(rng.integers(*ways)), int(rng.integers(*ways)), kind)
    scene, ground = Builder(), ground_for(rng)
    _surfaces(scene, rng, ground, way)
    for side in (-1, 1):
        {"town": _town, "suburb": _suburb, "country": _country, "motorway": _motorway}[kind](
            scene, rng, ground, side, way.edge(side)
        )
    if rng.random() < 0.8:
        _lines(scene, rng, ground, way)
    _traffic(scene, rng, ground, way)
    if rng.random() < 0.7:
        _skyline(scene, rng, ground)
    driver = ground.at(rng.normal(0, 0.4), 0, 0)
    turn = 0.25 if rng.random() < 0.2 else 0.05
    return outdoors(rng, scene, driver, rng.uniform(1.1, 2.1), 0.02, turn, tilt=0.04)


def _surfaces(scene: Builder, rng: Random, ground: Pose, way: _Road) -> None:
    """Asphalt, and what lies beside it."""
    grey = np.full(3, rng.uniform(0.04, 0.35))
    asphalt = surface(rng, "grain", "grain", "cloud", "plain", base=grey, spread=0.2)
    green = way.kind != "town" or rng.random() < 0.2
    soil = foliage(rng).colours[0] if green else np.full(3, rng.uniform(0.1, 0.5))
    beside = surface(rng, "grain", "leaves", "cloud", "tiles", base=soil, spread=0.25)
    scene.box(ground.at(0, -1.0, 0), (300, 1, 300), beside, casts=False)
    middle, half = (way.edge(1) - way.edge(-1)) / 2, (way.edge(1) + way.edge(-1)) / 2
    scene.box(ground.at(middle, -0.98, 0), (half, 1.0, 300), asphalt, casts=False)
    if way.kind in ("town", "suburb"):
        paved = surface(rng, "tiles", "grain", "cobbles", base=np.full(3, rng.uniform(0.1, 0.5)), scale=0.6)
        for side in (-1, 1):
            scene.box(ground.at(side * (way.edge(side) + 1.2), -0.88, 0), (1.2, 1.0, 200), paved, casts=False)


def _lines(scene: Builder, rng: Random, ground: Pose, way: _Road) -> None:
    """Dashes between lanes, and lines along the edges."""
    paint = flat(rng.uniform(0.4, 0.9) * np.array([1, 1, rng.choice([1.0, 0.4])]))
    for lane in range(-way.left, way.right):
        for z in np.arange(rng.uniform(0, 8), 70, rng.choice([6.0, 9.0, 12.0])):
            scene.box(ground.at((lane + 0.5) * LANE, 0.02, z), (0.07, 0.006, 1.5), paint, casts=False)
    if rng.random() < 0.6:
        for side in (-1, 1):
            edge = ground.at(side * (way.edge(side) - 0.25), 0.02, 0)
            scene.box(edge, (0.07, 0.006, 200), paint, casts=False)


def _traffic(scene: Builder, rng: Random, ground: Pose, way: _Road) -> None:
    """Vehicles in the lanes: one's own way on the right, towards the camera on the left."""
    for lane in range(-way.left, way.right + 1):
        z, towards = np.exp(rng.uniform(1.9, 4.4)), lane < 0 and way.kind != "motorway"
        while z < FAR and rng.random() < 0.65:
            turn = (0.0 if towards else np.pi) + rng.normal(0, 0.04)
            vehicle(scene, rng, ground.at(lane * LANE + rng.normal(0, 0.3), 0.02, z, yaw=turn))
            z += rng.uniform(7, 40)


def _parked(scene: Builder, rng: Random, ground: Pose, side: int, edge: float) -> None:
    """A row of parked cars, in part on the pavement."""
    often, spot = rng.uniform(0.2, 0.95), edge - rng.uniform(-0.8, 0.6)
    for z in np.arange(rng.uniform(2, 8), 70, rng.uniform(5.5, 7.5)):
        if rng.random() < often:
            turn = (0.0 if rng.random() < 0.3 else np.pi) + rng.normal(0, 0.04)
            vehicle(scene, rng, ground.at(side * spot, 0.05, z, yaw=turn))


def _along(scene: Builder, rng: Random, ground: Pose, side: int, edge: float) -> None:
    """Posts, trees, bicycles and people on the pavement."""
    for z in np.arange(rng.uniform(3, 12), FAR, rng.uniform(6, 25)):
        spot = ground.at(side * (edge + rng.uniform(0.3, 1.6)), 0.1, z, yaw=side * np.pi / 2)
        STREET[rng.integers(len(STREET))](scene, rng, spot)
    for _ in range(int(rng.integers(0, 4))):
        x, z = side * (edge + rng.uniform(0, 2.2)), np.exp(rng.uniform(1.6, 3.8))
        standing(scene, rng, ground.at(x, 0.1, z, yaw=rng.uniform(0, 6.3)))


def _town(scene: Builder, rng: Random, ground: Pose, side: int, edge: float) -> None:
    """Houses wall to wall, or with gaps, behind parked cars and a pavement."""
    if rng.random() < 0.7:
        _parked(scene, rng, ground, side, edge)
    _along(scene, rng, ground, side, edge)
    gap, z = edge + rng.uniform(2.5, 6), rng.uniform(-6, 6)
    while z < FAR:
        half = (rng.uniform(3, 12), float(np.exp(rng.uniform(1.0, 2.3))), 5.0)
        if rng.random() < 0.9:
            place = ground.at(side * (gap + 5 + rng.uniform(0, 1)), 0, z + half[0], yaw=side * np.pi / 2)
            building(scene, rng, place, half)
        z += 2 * half[0] + rng.choice([0.0, 0.0, rng.uniform(2, 14)])


def _suburb(scene: Builder, rng: Random, ground: Pose, side: int, edge: float) -> None:
    """Hedges and fences, trees, a house now and then."""
    if rng.random() < 0.5:
        _parked(scene, rng, ground, side, edge)
    _along(scene, rng, ground, side, edge)
    for z in np.arange(rng.uniform(3, 8), 75, rng.uniform(4, 10)):
        piece = (tree, tree, bush, bush, fence)[rng.integers(5)]
        piece(scene, rng, ground.at(side * (edge + rng.uniform(2.6, 6)), 0, z, yaw=np.pi / 2))
    for z in np.arange(rng.uniform(2, 15), FAR, rng.uniform(14, 24)):
        half = (rng.uniform(3, 6), rng.uniform(2.4, 4.5), 4.0)
        building(scene, rng, ground.at(side * (edge + rng.uniform(9, 14)), 0, z, yaw=side * np.pi / 2), half)


def _country(scene: Builder, rng: Random, ground: Pose, side: int, edge: float) -> None:
    """Meadows or a wood that stands close, posts, a wall or a rail here and there."""
    wood, back = rng.random() < 0.5, edge + rng.uniform(1.5, 6)
    for z in np.arange(rng.uniform(3, 8), 85, rng.uniform(3, 6) if wood else rng.uniform(8, 25)):
        piece = (tree, tree, bush)[rng.integers(3)]
        piece(scene, rng, ground.at(side * (back + rng.uniform(0, 6)), 0, z, yaw=np.pi / 2))
    for z in np.arange(rng.uniform(4, 30), FAR, rng.uniform(12, 30)):
        post(scene, rng, ground.at(side * (edge + 0.8), 0, z))
    if rng.random() < 0.3:
        _rail(scene, rng, ground, side, edge + 0.6)


def _motorway(scene: Builder, rng: Random, ground: Pose, side: int, edge: float) -> None:
    """Guard rails, then a noise wall, an embankment or trees; a bridge ahead on some."""
    _rail(scene, rng, ground, side, edge + rng.uniform(0.5, 2.5))
    if rng.random() < 0.3:
        wall = surface(rng, "stripes", "cloud", "tiles", "planks", scale=0.5)
        scene.box(ground.at(side * (edge + 4), 1.5, 40), (0.2, rng.uniform(1, 2.2), 60), wall)
    elif rng.random() < 0.5:
        bank = surface(rng, "grain", "leaves", base=foliage(rng).colours[0], spread=0.25)
        scene.box(ground.at(side * (edge + 12), 0, 60, roll=side * rng.uniform(0.2, 0.5)), (8, 1, 90), bank)
    for z in np.arange(rng.uniform(5, 20), FAR, rng.uniform(5, 15)):
        piece = (tree, tree, bush, post)[rng.integers(4)]
        piece(scene, rng, ground.at(side * (edge + rng.uniform(5, 15)), 0, z))
    if side > 0 and rng.random() < 0.3:
        deck = surface(rng, "cloud", "grain", "plain", base=np.full(3, rng.uniform(0.2, 0.6)))
        scene.box(ground.at(0, 5.8, rng.uniform(20, 90)), (40, 0.7, rng.uniform(2, 6)), deck)


def _rail(scene: Builder, rng: Random, ground: Pose, side: int, away: float) -> None:
    """A guard rail on posts, or a low wall."""
    made = metal(rng)
    if rng.random() < 0.25:
        scene.box(ground.at(side * away, 0.4, 45), (0.15, 0.4, 50), flat(rng.uniform(0.2, 0.6)))
        return
    scene.box(ground.at(side * away, 0.62, 45), (0.03, 0.15, 50), made)
    for z in np.arange(1, 40, 4.0):
        scene.box(ground.at(side * (away + 0.08), 0.3, z), (0.04, 0.32, 0.06), made)


def _skyline(scene: Builder, rng: Random, ground: Pose) -> None:
    """What closes the view: houses, trees, hills, a crane or a truck across."""
    far = rng.uniform(45, 160)
    for x in np.arange(-far, far, rng.uniform(6, 20)):
        spot = ground.at(x + rng.normal(0, 2), 0, far + rng.normal(0, 8), yaw=rng.normal(0, 0.3))
        kind = rng.random()
        if kind < 0.4:
            tree(scene, rng, spot)
        elif kind < 0.7:
            building(scene, rng, spot, (rng.uniform(4, 10), float(np.exp(rng.uniform(1, 2.6))), 5))
        elif kind < 0.72:
            lattice(scene, rng, spot)
    if rng.random() < 0.5:
        half = far * rng.uniform((0.6, 0.05, 0.3), (2, 0.25, 0.6))
        scene.ball(ground.at(rng.uniform(-1, 1) * far, 0, far * 1.3 + half[2]), half, anything(rng))
    if rng.random() < 0.06:
        truck(scene, rng, ground.at(rng.uniform(-5, 5), 0, rng.uniform(9, 30), yaw=np.pi / 2))
