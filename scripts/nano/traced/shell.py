"""A room without furniture: floor, ceiling, walls with their windows and doors."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from traced import paints
from traced.furnishing import choose, colour, put
from traced.lights import Panel
from traced.shapes import box, curtain
from traced.stage import Paint, Pose, Stage, plain

Array = NDArray[np.float64]
Random = np.random.Generator
UP: Array = np.array([0.0, 1.0, 0.0])


@dataclass(frozen=True, eq=False)
class Wall:
    """One side of a room, seen from inside."""

    number: int
    start: Array
    """Its lower left end."""
    along: Array
    """Unit vector to the right."""
    inward: Array
    length: float
    angle: float
    """Of furniture that stands with its back to it."""

    def at(self, along: float, height: float = 0.0, away: float = 0.0) -> Array:
        """A place on it, `away` metres into the room."""
        return self.start + along * self.along + height * UP + away * self.inward


@dataclass(frozen=True)
class Opening:
    """A hole in a wall, metres from its lower left end."""

    wall: int
    left: float
    right: float
    low: float
    high: float
    window: bool = True


@dataclass(eq=False)
class Room:
    """An empty room from (0, 0, 0) to (width, height, depth)."""

    width: float
    depth: float
    height: float
    openings: list[Opening] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)

    @property
    def walls(self) -> tuple[Wall, ...]:
        """The four walls."""
        w, d, x, z = self.width, self.depth, np.array([1.0, 0, 0]), np.array([0, 0, 1.0])
        half = np.pi / 2
        return (
            Wall(0, np.zeros(3), x, z, w, 0.0),
            Wall(1, np.array([w, 0, 0]), z, -x, d, -half),
            Wall(2, np.array([w, 0, d]), -x, -z, w, 2 * half),
            Wall(3, np.array([0, 0, d]), -z, x, d, half),
        )

    def clear(self, wall: int, left: float, right: float, height: float) -> bool:
        """Whether something this high can stand or hang there without covering a window or a door."""
        return not any(
            hole.wall == wall and hole.left < right and hole.right > left and hole.low < height
            for hole in self.openings
        )


def build_room(stage: Stage, room: Room, rng: Random, *, wet: bool = False) -> None:
    """Put floor, ceiling, walls, windows and doors on the stage, and the windows' light into `room.panels`."""
    w, d, h = room.width, room.depth, room.height
    x, z = np.array([w, 0, 0]), np.array([0, 0, d])
    stage.add_quad("floor", z.copy(), x, -z, paints.floor(rng, wet))
    stage.add_quad("ceiling", h * UP, x, z, paints.ceiling(rng))
    common, accent = paints.wall(rng, wet), paints.wall(rng, wet)
    odd = int(rng.integers(4)) if rng.random() < 0.5 else -1
    edge = paints.frame(rng)
    for wall in room.walls:
        paint = accent if wall.number == odd else common
        holes = sorted((o for o in room.openings if o.wall == wall.number), key=lambda o: o.left)
        _build_wall(stage, wall, h, holes, paint)
        _skirting(stage, wall, holes, edge)
        for hole in holes:
            _fill(stage, room, wall, hole, paint, edge, rng)


def open_walls(room: Room, rng: Random) -> None:
    """Choose where windows and a door are."""
    sides = list(rng.permutation(4))
    count = int(rng.choice([0, 1, 2, 3], p=[0.12, 0.45, 0.3, 0.13]))
    for side in sides[:count]:
        wall = room.walls[side]
        number = 1 if wall.length < 3 or rng.random() < 0.6 else 2
        for index in range(number):
            share = wall.length / number
            width = min(rng.uniform(0.7, 2.6), share - 0.5)
            left = index * share + rng.uniform(0.2, share - width - 0.2)
            tall = rng.random() < 0.25
            low = 0.05 if tall else rng.uniform(0.6, 1.1)
            high = min(rng.uniform(1.9, 2.4), room.height - 0.12)
            room.openings.append(Opening(side, left, left + width, low, high))
    side = next(side for side in reversed(sides) if room.walls[side].length > 1.6)
    wall = room.walls[side]
    left = rng.uniform(0.2, wall.length - 1.2)
    room.openings.append(Opening(side, left, left + 0.95, 0.0, 2.08, window=False))


def _build_wall(stage: Stage, wall: Wall, height: float, holes: list[Opening], paint: Paint) -> None:
    """Rectangles around the holes."""

    def piece(left: float, right: float, low: float, high: float) -> None:
        if right - left > 1e-3 and high - low > 1e-3:
            stage.add_quad(
                f"wall {wall.number}",
                wall.at(left, low),
                (right - left) * wall.along,
                (high - low) * UP,
                paint,
            )

    done = 0.0
    for hole in (hole for hole in holes if hole.window):
        piece(done, hole.left, 0, height)
        piece(hole.left, hole.right, 0, hole.low)
        piece(hole.left, hole.right, hole.high, height)
        done = hole.right
    piece(done, wall.length, 0, height)


def _skirting(stage: Stage, wall: Wall, holes: list[Opening], paint: Paint) -> None:
    done = 0.0
    gaps = [(hole.left, hole.right) for hole in holes if hole.low < 0.08]
    for left, right in [*gaps, (wall.length, wall.length)]:
        if left - done > 0.02:
            middle = wall.at((done + left) / 2, 0, 0.006)
            stage.add(f"wall {wall.number}", box(left - done, 0.08, 0.012), [paint], Pose(middle, wall.angle))
        done = right


def _fill(
    stage: Stage, room: Room, wall: Wall, hole: Opening, paint: Paint, edge: Paint, rng: Random
) -> None:
    """A window with its light, or a door."""
    if not hole.window:
        entry = choose("door", rng)
        put(stage, entry, Pose(wall.at((hole.left + hole.right) / 2, 0, -0.03), wall.angle), rng)
        return
    deep = rng.uniform(0.1, 0.3)
    width, height = hole.right - hole.left, hole.high - hole.low
    out = -deep * wall.inward
    low_left, high_left = wall.at(hole.left, hole.low), wall.at(hole.left, hole.high)
    low_right = wall.at(hole.right, hole.low)
    sill = plain(np.full(3, 0.7), gloss=0.03)
    stage.add_quad("sill", low_left, width * wall.along, out, sill)
    stage.add_quad("reveal", high_left + out, width * wall.along, -out, paint)
    stage.add_quad("reveal", low_left + out, -out, height * UP, paint)
    stage.add_quad("reveal", low_right, out, height * UP, paint)
    _sash(stage, wall, hole, deep, edge, rng)
    room.panels.append(
        Panel(
            (low_left + out).astype(np.float32),
            (width * wall.along).astype(np.float32),
            (height * UP).astype(np.float32),
            np.full(3, 0.9, np.float32),
            window=True,
        )
    )
    if rng.random() < 0.55:
        _curtains(stage, wall, hole, rng)


def _sash(stage: Stage, wall: Wall, hole: Opening, deep: float, paint: Paint, rng: Random) -> None:
    """Frame and bars."""
    width, height = hole.right - hole.left, hole.high - hole.low
    thick = rng.uniform(0.03, 0.07)
    columns = max(1, round(width / rng.uniform(0.5, 1.2)))
    rows = int(rng.choice([1, 1, 2, 3]))
    away = -deep * rng.uniform(0.5, 0.9)
    for index in range(columns + 1):
        place = wall.at(hole.left + width * index / columns, hole.low, away)
        stage.add("sash", box(thick, height, 0.05), [paint], Pose(place, wall.angle))
    for index in range(rows + 1):
        place = wall.at(hole.left + width / 2, hole.low + height * index / rows - thick / 2, away)
        stage.add("sash", box(width, thick, 0.05), [paint], Pose(place, wall.angle))


def _curtains(stage: Stage, wall: Wall, hole: Opening, rng: Random) -> None:
    """Two pieces of cloth at the sides, or a net before the whole window."""
    low = 0.03 if rng.random() < 0.6 else max(hole.low - 0.15, 0.03)
    high = hole.high + rng.uniform(0.05, 0.12)
    net = rng.random() < 0.2
    base = np.full(3, 0.75) if net else colour(rng)
    name = str(rng.choice(["plain", "stripes", "dots", "plaid", "grain"]))
    cloth = paints.patterned(name, paints.shades(base, rng, rng.uniform(0, 0.4)), rng.uniform(0.3, 0.9))
    wide = hole.right - hole.left
    pieces = [(hole.left - 0.1, wide + 0.2)] if net else []
    part = rng.uniform(0.12, 0.35) * wide + 0.12
    pieces += [(hole.left - 0.18, part), (hole.right + 0.18 - part, part)] if not net else []
    if net:
        cloth = plain(base, alpha=float(rng.uniform(0.25, 0.6)))
    for left, length in pieces:
        left = max(0.02, min(left, wall.length - length - 0.02))
        mesh = curtain(length, high - low, folds=max(2.0, length * rng.uniform(6, 11)), depth=0.035)
        stage.add("curtain", mesh, [cloth], Pose(wall.at(left, low, 0.09), wall.angle))
    rod = box(min(wide + 0.5, wall.length - 0.02), 0.025, 0.025)
    middle = float(np.clip((hole.left + hole.right) / 2, (wide + 0.5) / 2, wall.length - (wide + 0.5) / 2))
    stage.add("rod", rod, [paints.frame(rng)], Pose(wall.at(middle, high, 0.09), wall.angle))
