"""Rooms: floor, ceiling, walls with doors, windows and pictures, what stands along them, and the light."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simple.building import WORLD, Builder, Pose
from simple.furniture import AMIDST, AT_WALLS
from simple.materials import (
    Material,
    Random,
    Theme,
    anything,
    cloth,
    colour,
    fitted,
    flat,
    picture,
    surface,
)
from simple.outdoors import backdrop

_THICK = 0.08
"""Half of a wall, metres."""


@dataclass(frozen=True, eq=False)
class Wall:
    """A wall whose foot's middle is at `pose`, which looks into the room along -z."""

    pose: Pose
    half: float
    high: float


@dataclass(frozen=True)
class Plan:
    """A room from -`half` to +`half` along x and from `back` to `ahead` along z; metres."""

    half: float
    back: float
    ahead: float
    high: float

    @property
    def walls(self) -> tuple[Wall, ...]:
        """Ahead, left, right and behind."""
        deep, middle = (self.ahead - self.back) / 2, (self.ahead + self.back) / 2
        return (
            Wall(WORLD.at(0, 0, self.ahead), self.half, self.high),
            Wall(WORLD.at(-self.half, 0, middle, yaw=-np.pi / 2), deep, self.high),
            Wall(WORLD.at(self.half, 0, middle, yaw=np.pi / 2), deep, self.high),
            Wall(WORLD.at(0, 0, self.back, yaw=np.pi), self.half, self.high),
        )


def build(scene: Builder, rng: Random, plan: Plan, theme: Theme) -> None:
    """The empty room; `theme` gives walls and floor."""
    deep, middle = (plan.ahead - plan.back) / 2, (plan.ahead + plan.back) / 2
    scene.box(WORLD.at(0, -1, middle), (plan.half + 0.1, 1, deep + 0.1), theme.floor, casts=False)
    ceiling = surface(
        rng, "plain", "plain", "grain", "tiles", base=np.full(3, rng.uniform(0.4, 0.9)), spread=0.05
    )
    scene.box(WORLD.at(0, plan.high + 0.2, middle), (plan.half + 0.1, 0.2, deep + 0.1), ceiling)
    walls = plan.walls
    for wall in walls[:3]:
        _wall(scene, rng, wall, theme)
    behind = walls[3]
    scene.box(
        behind.pose.at(0, plan.high / 2, _THICK),
        (behind.half + _THICK, plan.high / 2 + 0.03, _THICK),
        theme.wall,
    )
    if rng.random() < 0.3:
        half = rng.uniform(0.4, 1.4, 2)
        scene.box(
            WORLD.at(rng.normal(0, 0.5), 0.006, middle + rng.normal(0, 1)),
            (half[0], 0.006, half[1]),
            cloth(rng),
        )
    if rng.random() < 0.15:
        _beams(scene, rng, plan, middle)
    if rng.random() < 0.4:
        _ceiling_lamp(scene, rng, WORLD.at(rng.normal(0, 0.5), plan.high, middle))


def _wall(scene: Builder, rng: Random, wall: Wall, theme: Theme) -> None:
    """A wall: closed, or with a window, an open door or a passage."""
    kind, size = rng.random(), (wall.half + _THICK, wall.high / 2 + 0.03, _THICK)
    middle = wall.pose.at(0, wall.high / 2, _THICK)
    x = rng.uniform(-1, 1) * max(0.0, wall.half - 0.9)
    if kind < 0.42 or wall.half < 1.0:
        scene.box(middle, size, theme.wall)
    elif kind < 0.72:
        hole = _window_hole(rng, wall, x)
        scene.frame(middle, size, theme.wall, hole)
        _window(scene, rng, middle, hole)
        backdrop(scene, rng, wall.pose.at(x, rng.uniform(-6, -0.3), 0.5))
    else:
        half = rng.uniform(0.38, 0.6) if rng.random() < 0.8 else wall.half * 0.7
        hole = (x - half, x + half, -wall.high, rng.uniform(1.95, 2.15) - wall.high / 2)
        scene.frame(middle, size, theme.wall, hole)
        _door(scene, rng, wall.pose.at(x, 0, 0), half, hole[3] + wall.high / 2)
        _annex(scene, rng, wall.pose.at(x, 0, 2 * _THICK), max(half + 0.2, rng.uniform(0.8, 2.0)), wall.high)
    _hangings(scene, rng, wall, x)


def _window_hole(rng: Random, wall: Wall, x: float) -> tuple[float, float, float, float]:
    half = rng.uniform(0.3, 0.9)
    low, high = rng.uniform(0.1, 1.1), rng.uniform(1.8, wall.high - 0.1)
    return x - half, x + half, low - wall.high / 2, high - wall.high / 2


def _window(scene: Builder, rng: Random, middle: Pose, hole: tuple[float, float, float, float]) -> None:
    """Bars, perhaps curtains or a bright blind."""
    x, y = (hole[0] + hole[1]) / 2, (hole[2] + hole[3]) / 2
    half = ((hole[1] - hole[0]) / 2, (hole[3] - hole[2]) / 2)
    white = flat(rng.uniform(0.3, 0.9))
    scene.grid(
        middle.at(x, y, 0.02),
        (*half, 0.02),
        white,
        (float(rng.integers(1, 4)), float(rng.integers(1, 4)), 0.07),
    )
    kind = rng.random()
    if kind < 0.15:
        blind = surface(rng, "stripes", "plain", base=np.full(3, 0.8), spread=0.2, scale=0.5)
        scene.box(middle.at(x, y, 0.0), (*half, 0.01), replace(blind, glow=rng.uniform(0.5, 2.5)))
    elif kind < 0.25:
        scene.grid(middle.at(x, y, -0.1), (*half, 0.01), white, (1.0, float(rng.integers(8, 20)), 0.5))
    elif kind < 0.7:
        made = cloth(rng)
        for side in (-1, 1):
            _curtain(scene, rng, middle.at(x + side * half[0], y, -0.16), half[1] + 0.15, made)


def _curtain(scene: Builder, rng: Random, pose: Pose, high: float, made: Material) -> None:
    """Folds of cloth, as a row of pillars."""
    folds, radius = int(rng.integers(3, 8)), rng.uniform(0.03, 0.06)
    for i in range(folds):
        scene.cone(pose.at((i - folds / 2) * radius * 1.6, 0, rng.normal(0, 0.01)), radius, high, made)


def _door(scene: Builder, rng: Random, foot: Pose, half: float, high: float) -> None:
    """A frame round the opening and, mostly, a leaf: shut, ajar or open."""
    paint = anything(rng) if rng.random() < 0.3 else flat(rng.uniform(0.2, 0.85), shine=0.2)
    edge = foot.at(0, high / 2 + 0.03, _THICK)
    scene.frame(
        edge, (half + 0.07, high / 2 + 0.04, _THICK + 0.02), paint, (-half, half, -high, high / 2 - 0.03)
    )
    if half > 0.61 or rng.random() < 0.3:
        return
    base = paint.colours[0]
    panel = fitted(rng, "door", base, base * 0.6, np.full(3, 0.3), shine=0.2)
    swing = float(rng.choice([0.0, 0.0, rng.uniform(0.1, 2.2)])) * rng.choice([-1, 1])
    hinge = foot.at(-half, 0, _THICK, yaw=swing)
    scene.box(hinge.at(half, high / 2, 0), (half, high / 2, 0.02), panel)


def _annex(scene: Builder, rng: Random, foot: Pose, half: float, high: float) -> None:
    """The next room behind an opening: often darker, now and then furnished."""
    deep = rng.uniform(0.5, 2.5)
    made = surface(rng, "plain", "cloud", "stripes", spread=0.15)
    scene.box(
        foot.at(0, -0.5, deep), (half, 0.5, deep), surface(rng, "planks", "tiles", "grain"), casts=False
    )
    scene.box(foot.at(0, high + 0.1, deep), (half, 0.1, deep), made)
    scene.box(foot.at(0, high / 2, 2 * deep + 0.05), (half, high / 2, 0.05), made)
    for side in (-1, 1):
        scene.box(foot.at(side * half, high / 2, deep), (0.03, high / 2, deep), made)
    kinds = AT_WALLS["living"]
    kinds[rng.integers(len(kinds))](
        scene, rng, foot.at(rng.uniform(-0.5, 0.5), 0, 2 * deep - 0.4), _plain_theme(rng)
    )


def _plain_theme(rng: Random) -> Theme:
    made = anything(rng)
    return Theme(made, made, made, cloth(rng), made)


def _hangings(scene: Builder, rng: Random, wall: Wall, taken: float) -> None:
    """Pictures, posters, a screen, a mirror, a clock, a switch: all flat."""
    for _ in range(int(rng.integers(0, 5))):
        x, y = rng.uniform(-1, 1) * wall.half * 0.9, rng.uniform(1.2, 1.9)
        if abs(x - taken) < 1.0:
            continue
        wide, high = np.exp(rng.uniform(-2.0, -0.4, 2))
        spot = wall.pose.at(x, y, 0)
        if rng.random() < 0.12:
            scene.cone(wall.pose.at(x, y, -0.02, pitch=np.pi / 2), wide * 0.6, 0.02, anything(rng))
            continue
        if rng.random() < 0.6:
            scene.box(spot, (wide + 0.03, high + 0.03, 0.02), anything(rng))
        shown = (
            picture(rng)
            if rng.random() < 0.7
            else fitted(rng, "letters", colour(rng), colour(rng), colour(rng))
        )
        scene.box(spot, (wide, high, 0.022), shown)


def _beams(scene: Builder, rng: Random, plan: Plan, middle: float) -> None:
    """A sloping ceiling, beams, or pillars."""
    made, kind = surface(rng, "plain", "wood", "grain"), rng.random()
    if kind < 0.35:
        for side in (-1, 1) if rng.random() < 0.5 else (1,):
            slope = WORLD.at(side * plan.half, plan.high - 0.6, middle, roll=-side * rng.uniform(0.5, 0.9))
            scene.box(slope, (plan.half, 0.03, plan.ahead), made)
    elif kind < 0.7:
        for z in np.arange(0.3, plan.ahead, rng.uniform(0.7, 1.5)):
            scene.box(WORLD.at(0, plan.high, z), (plan.half, rng.uniform(0.08, 0.2), 0.08), made)
    else:
        for x in (-0.6, 0.6):
            z = rng.uniform(1.0, plan.ahead)
            scene.cone(
                WORLD.at(x * plan.half, plan.high / 2, z), rng.uniform(0.08, 0.25), plan.high / 2, made
            )


def _ceiling_lamp(scene: Builder, rng: Random, pose: Pose) -> None:
    """A lamp on a cable, a lit panel, or a fan."""
    kind = rng.random()
    if kind < 0.4:
        drop = rng.uniform(0.1, 0.7)
        scene.cone(pose.at(0, -drop / 2, 0), 0.006, drop / 2, flat(0.02))
        scene.ball(
            pose.at(0, -drop, 0), (0.15, rng.uniform(0.06, 0.15), 0.15), flat(0.9, glow=rng.uniform(0, 4))
        )
    elif kind < 0.8:
        scene.box(pose, (0.3, 0.02, rng.uniform(0.1, 0.6)), flat(0.9, glow=rng.uniform(0, 5)))
    else:
        scene.cone(pose.at(0, -0.2, 0), 0.07, 0.15, flat(0.2))
        for turn in range(5):
            scene.box(
                pose.at(0, -0.25, 0, yaw=turn * 1.2566 + 0.3).at(0.4, 0, 0), (0.3, 0.006, 0.07), flat(0.1)
            )


def furnish(scene: Builder, rng: Random, plan: Plan, theme: Theme, kind: str) -> None:
    """Pieces along the walls and in the middle, without much regard for doors: real rooms are crammed too."""
    along, amidst = AT_WALLS[kind], AMIDST[kind]
    for wall in plan.walls[:3]:
        x = -wall.half + rng.uniform(0.4, 1.0)
        while x < wall.half - 0.3:
            if rng.random() < 0.75:
                piece = along[rng.integers(len(along))]
                piece(scene, rng, wall.pose.at(x, 0, -rng.uniform(0.35, 0.6), yaw=rng.normal(0, 0.03)), theme)
            x += rng.uniform(0.7, 1.6)
    for _ in range(int(rng.integers(1, 6))):
        place = WORLD.at(
            rng.uniform(-1, 1) * (plan.half - 0.6), 0, rng.uniform(0.8, max(1.2, plan.ahead - 1))
        )
        amidst[rng.integers(len(amidst))](
            scene, rng, place.at(0, 0, 0, yaw=rng.integers(4) * np.pi / 2 + rng.normal(0, 0.2)), theme
        )
