"""Puts furniture into a room so that it stands on something and in nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from traced.catalogue import Entry
from traced.furnishing import choose, put
from traced.lights import Lamp
from traced.shell import Room
from traced.stage import Pose, Stage

Array = NDArray[np.float64]
Random = np.random.Generator


@dataclass(frozen=True)
class Block:
    """A box that is taken, metres."""

    low: tuple[float, float, float]
    high: tuple[float, float, float]

    def meets(self, other: Block) -> bool:
        """Whether the two share more than a touch."""
        return all(
            self.low[k] < other.high[k] - 0.005 and other.low[k] < self.high[k] - 0.005 for k in range(3)
        )


@dataclass(frozen=True, eq=False)
class Placed:
    """A model that was put somewhere."""

    entry: Entry
    pose: Pose
    block: Block

    @property
    def top(self) -> float | None:
        """Height on which things can stand, None where nothing can."""
        return (
            None if self.entry.top is None else float(self.pose.place[1]) + self.entry.top * self.pose.scale
        )

    @property
    def front(self) -> Array:
        """Unit vector to where it looks."""
        return np.array([np.sin(self.pose.angle), 0, np.cos(self.pose.angle)])


@dataclass(eq=False)
class Layout:
    """A room that is being furnished."""

    stage: Stage
    room: Room
    rng: Random
    blocks: list[Block] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
    people: list[Placed] = field(default_factory=list)
    lamps: list[Lamp] = field(default_factory=list)
    lamp_power: float = 0.3

    def keep_clear(self) -> None:
        """Leave room to open the doors."""
        for hole in (hole for hole in self.room.openings if not hole.window):
            wall = self.room.walls[hole.wall]
            ends = np.array([wall.at(hole.left), wall.at(hole.right, 2, 0.8)])
            self.blocks.append(Block(tuple(ends.min(0)), tuple(ends.max(0))))

    def against_wall(self, purpose: str, tries: int = 12, gap: float = 0.03) -> Placed | None:
        """Something with its back to a wall."""
        entry = choose(purpose, self.rng)
        for _ in range(tries):
            wall = self.room.walls[self.rng.integers(4)]
            half = entry.size[0] / 2
            if wall.length < 2 * half + 0.1:
                continue
            along = self.rng.uniform(half + 0.02, wall.length - half - 0.02)
            if not self.room.clear(wall.number, along - half, along + half, entry.size[1]):
                continue
            away = entry.size[2] / 2 + gap + self.rng.exponential(0.02)
            angle = wall.angle + self.rng.normal(0, 0.015)
            if made := self.put(entry, Pose(wall.at(along, entry.elevation, away), angle)):
                return made
        return None

    def anywhere(
        self, purpose: str, tries: int = 12, margin: float = 0.3, square: bool = True
    ) -> Placed | None:
        """Something on the floor."""
        entry = choose(purpose, self.rng)
        for _ in range(tries):
            x = self.rng.uniform(margin, max(self.room.width - margin, margin + 0.01))
            z = self.rng.uniform(margin, max(self.room.depth - margin, margin + 0.01))
            turned = self.rng.integers(4) * np.pi / 2 + self.rng.normal(0, 0.06)
            angle = float(turned if square else self.rng.uniform(0, 2 * np.pi))
            if made := self.put(entry, Pose(np.array([x, 0.0, z]), angle)):
                return made
        return None

    def beside(
        self, other: Placed, purpose: str, ahead: float, aside: float, angle: float = np.pi
    ) -> Placed | None:
        """Something `ahead` metres before another thing, from edge to edge, and `aside` to its right."""
        entry = choose(purpose, self.rng)
        front = other.front
        right = np.array([front[2], 0, -front[0]])
        turned = abs(np.sin(angle)) > 0.7
        own = entry.size[0] if turned else entry.size[2]
        forward = other.entry.size[2] / 2 + own / 2 + ahead if ahead > -1 else 0.0
        place = other.pose.place * np.array([1, 0, 1]) + front * forward + right * aside
        return self.put(entry, Pose(place, other.pose.angle + angle + self.rng.normal(0, 0.1)))

    def put(
        self, entry: Entry, pose: Pose, *, person: bool = False, overlap: bool = False, free: bool = False
    ) -> Placed | None:
        """Place a model where there is space for it; `overlap` asks for none, `free` not even to be inside."""
        block = footprint(entry, pose)
        inside = block.low[0] > -0.01 and block.low[2] > -0.01 and block.high[1] < self.room.height
        inside &= block.high[0] < self.room.width + 0.01 and block.high[2] < self.room.depth + 0.01
        crowded = not (overlap or free) and any(block.meets(other) for other in self.blocks)
        if crowded or not (inside or free):
            return None
        glow = None
        if entry.light is not None:
            glow = self._shine(entry, pose)
        put(self.stage, entry, pose, self.rng, glow)
        made = Placed(entry, pose, block)
        (self.people if person else self.placed).append(made)
        self.blocks.append(_trunk(block) if free else block)
        return made

    def on_top(self, table: Placed, count: int, purposes: tuple[str, ...] = ("small",)) -> None:
        """Things on a table or a shelf."""
        if table.top is None:
            return
        taken: list[Block] = []
        width, _, depth = (side * table.pose.scale for side in table.entry.size)
        matrix = Pose(np.zeros(3), table.pose.angle).matrix
        for _ in range(2 * count):
            if len(taken) >= count:
                break
            entry = choose(purposes[self.rng.integers(len(purposes))], self.rng)
            half = max(entry.size[0], entry.size[2]) / 2
            if half > min(width, depth) / 2 or table.top + entry.size[1] > self.room.height - 0.05:
                continue
            local = np.array(
                [
                    (self.rng.random() - 0.5) * (width - 2 * half),
                    0,
                    (self.rng.random() - 0.5) * (depth - 2 * half),
                ]
            )
            place = matrix @ local + table.pose.place * np.array([1, 0, 1]) + np.array([0, table.top, 0])
            pose = Pose(place, table.pose.angle + self.rng.normal(0, 0.5))
            block = footprint(entry, pose)
            if any(block.meets(other) for other in taken):
                continue
            taken.append(block)
            glow = self._shine(entry, pose) if entry.light is not None else None
            put(self.stage, entry, pose, self.rng, glow)
            self.placed.append(Placed(entry, pose, block))

    def hang_lamp(self) -> None:
        """A lamp below the ceiling."""
        entry = choose("hanging lamp", self.rng)
        x = self.rng.uniform(0.35, 0.65) * self.room.width
        z = self.rng.uniform(0.35, 0.65) * self.room.depth
        low = self.room.height - entry.size[1] - 0.005
        if low < 1.7:
            return
        self.put(entry, Pose(np.array([x, low, z]), float(self.rng.uniform(0, 6.3))), overlap=True)

    def _shine(self, entry: Entry, pose: Pose) -> Array | None:
        if self.rng.random() < 0.25:
            return None
        assert entry.light is not None
        warm = self.rng.uniform(0, 1)
        tint = np.array([1.0, 0.85 - 0.25 * warm, 0.7 - 0.45 * warm])
        power = tint * self.lamp_power * np.exp(self.rng.normal(0, 0.4))
        place = pose.matrix @ np.array(entry.light) + pose.place
        self.lamps.append(
            Lamp(
                place.astype(np.float32),
                power.astype(np.float32),
                0.06,
                0.15 + max(entry.size[0], entry.size[2]) / 2,
            )
        )
        return np.asarray(power * 4)


def _trunk(block: Block) -> Block:
    """What a tree or a post takes away near the ground."""
    low, high = np.array(block.low), np.array(block.high)
    middle, half = (low + high) / 2, np.minimum((high - low) / 2, 0.25)
    return Block(
        (middle[0] - half[0], low[1], middle[2] - half[2]),
        (middle[0] + half[0], high[1], middle[2] + half[2]),
    )


def footprint(entry: Entry, pose: Pose) -> Block:
    """The box around a model."""
    c, s = abs(np.cos(pose.angle)), abs(np.sin(pose.angle))
    width, height, depth = (side * pose.scale for side in entry.size)
    half = np.array([c * width + s * depth, 0, s * width + c * depth]) / 2
    low, high = pose.place - half, pose.place + half
    return Block((low[0], low[1], low[2]), (high[0], low[1] + height, high[2]))


def add_person(layout: Layout, place: Array, angle: float, tries: int = 1) -> Placed | None:
    """Somebody who stands, or sits on the ground, at `place` and looks along `angle`."""
    for _ in range(tries):
        entry = choose("standing" if layout.rng.random() < 0.85 else "on the ground", layout.rng)
        pose = Pose(place, angle, float(layout.rng.uniform(0.93, 1.06)), bool(layout.rng.random() < 0.5))
        if made := layout.put(entry, pose, person=True):
            return made
    return None


def sit_person(layout: Layout, tries: int = 4) -> Placed | None:
    """Somebody on one of the chairs."""
    rng = layout.rng
    seats = [
        made
        for made in layout.placed
        if "chair" in made.entry.title.lower() or "sofa" in made.entry.title.lower()
    ]
    for _ in range(tries if seats else 0):
        seat = seats[rng.integers(len(seats))]
        entry = choose("seated", rng)
        aside = rng.uniform(-0.5, 0.5) * max(seat.entry.size[0] - 0.7, 0)
        right = np.array([seat.front[2], 0, -seat.front[0]])
        place = seat.pose.place + seat.front * (seat.entry.size[2] / 2 - 0.12) + right * aside
        pose = Pose(place, seat.pose.angle + rng.normal(0, 0.1), mirrored=bool(rng.random() < 0.5))
        block = footprint(entry, pose)
        others = [b for b in layout.blocks if b is not seat.block and b.high[1] > 1.0]
        if not any(block.meets(other) for other in others):
            return layout.put(entry, pose, person=True, overlap=True)
    return None
