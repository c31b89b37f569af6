"""Passages with doors, and stairs."""

from __future__ import annotations

import numpy as np

from traced import paints
from traced.furnishing import choose, colour, put
from traced.layout import Block, Layout
from traced.shapes import beam, box
from traced.stage import Pose, plain


def add_corridor_doors(layout: Layout) -> None:
    """Doors along the long walls, some with a light over them."""
    rng, room = layout.rng, layout.room
    entry = choose("door", rng)
    for wall in room.walls:
        place = rng.uniform(0.8, 2.0)
        while place < wall.length - 0.8:
            if room.clear(wall.number, place - 0.55, place + 0.55, 2.1) and rng.random() < 0.75:
                put(layout.stage, entry, Pose(wall.at(place, 0, -0.03), wall.angle), rng)
                ends = np.array([wall.at(place - 0.5), wall.at(place + 0.5, 2, 0.35)])
                layout.blocks.append(Block(tuple(ends.min(0)), tuple(ends.max(0))))
            place += rng.uniform(1.4, 3.5)


def add_stairs(layout: Layout) -> None:
    """A flight of stairs along a wall, with a railing."""
    rng, room = layout.rng, layout.room
    rise, tread, width = rng.uniform(0.16, 0.2), rng.uniform(0.25, 0.32), rng.uniform(0.8, 1.2)
    wall = room.walls[rng.integers(4)]
    count = int(min(room.height / rise, (wall.length - 0.3) / tread))
    start = rng.uniform(0, max(wall.length - count * tread, 0.01))
    ends = np.array([wall.at(start), wall.at(start + count * tread, room.height, width)])
    block = Block(tuple(ends.min(0)), tuple(ends.max(0)))
    if count < 6 or not room.clear(wall.number, start, start + count * tread, room.height):
        return
    if any(block.meets(other) for other in layout.blocks):
        return
    layout.blocks.append(block)
    upward = rng.random() < 0.5
    paint, rail = paints.floor(rng), paints.frame(rng)
    closed = rng.random() < 0.6
    rails = [
        wall.at(start + (at if upward else count - at) * tread, (at + 0.5) * rise + 0.9, width - 0.03)
        for at in (0, count)
    ]
    layout.stage.add("railing", beam(rails[0], rails[1], 0.05), [rail], Pose(np.zeros(3)))
    for step in range(count):
        along = start + (step + 0.5 if upward else count - step - 0.5) * tread
        top = (step + 1) * rise
        high = top if closed else 0.05
        place = wall.at(along, top - high, width / 2)
        layout.stage.add(
            "stairs", box(tread if closed else tread + 0.03, high, width), [paint], Pose(place, wall.angle)
        )
        post = wall.at(along, top, width - 0.03)
        layout.stage.add("railing", box(0.025, 0.9, 0.025), [rail], Pose(post, wall.angle))


def furnish_corridor(layout: Layout) -> None:
    """Little furniture, many doors, somebody who passes."""
    rng = layout.rng
    add_corridor_doors(layout)
    if rng.random() < 0.35:
        add_stairs(layout)
    for purpose in ("cupboard", "plant", "chair", "bookcase", "radiator", "clutter", "plant"):
        if rng.random() < 0.55:
            made = layout.against_wall(purpose)
            if made and made.block.high[1] < 1.3:
                layout.on_top(made, 2)
    if rng.random() < 0.3:
        runner = plain(colour(rng))
        width, length = (
            min(layout.room.width, layout.room.depth) * 0.5,
            max(layout.room.width, layout.room.depth) * 0.8,
        )
        turned = layout.room.width > layout.room.depth
        mesh = box(length if turned else width, 0.012, width if turned else length)
        layout.stage.add(
            "carpet", mesh, [runner], Pose(np.array([layout.room.width / 2, 0, layout.room.depth / 2]))
        )


def furnish_stairwell(layout: Layout) -> None:
    """A hall with stairs."""
    for _ in range(2):
        add_stairs(layout)
    furnish_corridor(layout)
