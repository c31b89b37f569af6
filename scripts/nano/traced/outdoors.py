"""Streets, yards and gardens under the sky, by day and by night."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from traced import paints
from traced.furnishing import choose, colour, wood_colour
from traced.layout import Layout, add_person, footprint, sit_person
from traced.lights import Lights
from traced.scene import Place
from traced.shapes import box
from traced.shell import Room
from traced.sky import OUTDOORS, sky
from traced.stage import Paint, Pose, Stage, plain

Array = NDArray[np.float64]
Random = np.random.Generator
_FAR = 150.0
"""Metres to where the ground ends."""


def draw_outdoors(rng: Random, kinds: tuple[str, ...] = ()) -> Place:
    """A place in the open, of `KINDS` or of those that are named."""
    names = list(kinds or KINDS)
    kind = str(names[rng.integers(len(names))])
    stage = Stage()
    size = rng.uniform(8, 16, 2) if kind == "garden" else (rng.uniform(11, 17), rng.uniform(35, 60))
    layout = Layout(stage, Room(float(size[0]), float(size[1]), 40.0), rng)
    night = rng.random() < 0.15
    layout.lamp_power = float(rng.uniform(2, 6) if night else 1e-3)
    KINDS[kind](layout)
    name = "night" if night else str(rng.choice(list(OUTDOORS)))
    brightness = 0.02 if night else rng.uniform(0.7, 1.5)
    above = sky(name, rng.random(), brightness, float(rng.choice([0.0, 0.5, 1.0], p=[0.3, 0.2, 0.5])))
    lamps = tuple(layout.lamps) if night else ()
    sun = bool(above.sunlight.max() > 1e-3)
    ambient = np.asarray(0.1 * above.mean + 0.0005 * len(lamps), np.float32)
    return Place(kind, stage, Lights(above, lamps, sun=sun, open_air=True, ambient=ambient), layout)


def _ground(layout: Layout, paint: Paint) -> None:
    room = layout.room
    low = np.array([-_FAR, -0.01, room.depth + _FAR])
    right, up = np.array([room.width + 2 * _FAR, 0, 0]), np.array([0, 0, -room.depth - 2 * _FAR])
    layout.stage.add_quad("floor", low, right, up, paint)


def _grass(rng: Random) -> Paint:
    green = np.array([rng.uniform(0.05, 0.2), rng.uniform(0.14, 0.28), rng.uniform(0.02, 0.07)])
    name = str(rng.choice(["leaves", "grain", "leaves"]))
    return paints.patterned(
        name, paints.shades(green, rng, rng.uniform(0.2, 0.6)), rng.uniform(0.4, 1.5), int(rng.integers(9))
    )


def _paving(rng: Random) -> Paint:
    grey = np.full(3, rng.uniform(0.1, 0.45)) * (1 + rng.normal(0, 0.05, 3))
    name = str(rng.choice(["tiles", "cobbles", "bricks", "grain", "cloud"]))
    return paints.patterned(name, paints.shades(grey, rng, 0.3), rng.uniform(0.8, 2.5), int(rng.integers(9)))


def _asphalt(rng: Random) -> Paint:
    grey = np.full(3, rng.uniform(0.03, 0.16))
    wet = rng.random() < 0.15
    return paints.patterned(
        "grain", paints.shades(grey, rng, 0.35), rng.uniform(1, 3), gloss=0.04 * wet, rough=0.25
    )


def _strip(layout: Layout, name: str, left: float, right: float, height: float, paint: Paint) -> None:
    """A flat stripe along the street that goes on to the horizon."""
    length = layout.room.depth + 2 * _FAR
    mesh = box(right - left, height + 0.5, length)
    layout.stage.add(name, mesh, [paint], Pose(np.array([(left + right) / 2, -0.5, layout.room.depth / 2])))


def _street(layout: Layout) -> None:
    """A road between pavements and houses, with what stands and drives there."""
    rng, room = layout.rng, layout.room
    walk = rng.uniform(1.8, 3.2)
    _ground(layout, _grass(rng) if rng.random() < 0.5 else _paving(rng))
    _strip(layout, "floor", walk, room.width - walk, 0.0, _asphalt(rng))
    paving = _paving(rng)
    _strip(layout, "floor", -0.5, walk, 0.13, paving)
    _strip(layout, "floor", room.width - walk, room.width + 0.5, 0.13, paving)
    _markings(layout, walk)
    for side in (-1, 1):
        _row_of_houses(layout, side)
        _parked(layout, side, walk)
        _furniture(layout, side, walk)
    _traffic(layout, walk)
    _end(layout)


def _markings(layout: Layout, walk: float) -> None:
    rng, room = layout.rng, layout.room
    white = plain(np.full(3, rng.uniform(0.45, 0.75)))
    step = rng.uniform(4, 9)
    if rng.random() < 0.8:
        for z in np.arange(-60, room.depth + 60, step):
            mark = box(0.12, 0.004, step * 0.4)
            layout.stage.add("floor", mark, [white], Pose(np.array([room.width / 2, 0.001, z])))
    if rng.random() < 0.3:
        z = rng.uniform(8, room.depth - 8)
        for x in np.arange(walk + 0.3, room.width - walk - 0.5, 1.0):
            layout.stage.add("floor", box(0.5, 0.004, 3.5), [white], Pose(np.array([x + 0.25, 0.001, z])))


def _row_of_houses(layout: Layout, side: int) -> None:
    """House beside house, now and then a gap with a wall or a hedge."""
    rng, room = layout.rng, layout.room
    back = rng.uniform(0.3, 5) if rng.random() < 0.5 else 0.3
    z = -40.0
    while z < room.depth + 40:
        width = rng.uniform(6, 16)
        if rng.random() < 0.15:
            z += rng.uniform(3, 8)
            continue
        deep = rng.uniform(7, 12)
        x = -back - deep / 2 - 0.5 if side < 0 else room.width + 0.5 + back + deep / 2
        house(layout, np.array([x, 0, z + width / 2]), (deep, float(rng.uniform(4, 15)), width), side)
        z += width + (0 if rng.random() < 0.7 else rng.uniform(0.5, 3))


def house(layout: Layout, place: Array, size: tuple[float, float, float], side: int) -> None:
    """A block with windows and a door on the side that looks at the street: +x for side -1, -x for 1."""
    rng, stage = layout.rng, layout.stage
    deep, height, width = size
    stage.add("house", box(deep, height, width), [_facade(rng)], Pose(place))
    if rng.random() < 0.6:
        roof = plain(colour(rng) * 0.5)
        over = rng.uniform(0.1, 0.5)
        mesh = box(deep + over, rng.uniform(0.15, 0.5), width + 0.02)
        stage.add("house", mesh, [roof], Pose(place + np.array([0, height, 0])))
    front = place[0] - side * deep / 2
    floor_height, across = rng.uniform(2.6, 3.3), rng.uniform(1.6, 3.0)
    frame, glass = paints.frame(rng), plain((0.02, 0.025, 0.03), gloss=0.12, rough=0.0)
    lit = plain((0.3, 0.3, 0.25), emission=tuple((np.array([1.0, 0.75, 0.45]) * 0.15).tolist()))
    wide, high = rng.uniform(0.7, across - 0.6), rng.uniform(1.0, 1.9)
    night = layout.lamp_power > 0.1
    for level in range(int((height - 0.4) / floor_height)):
        for z in np.arange(-width / 2 + across / 2, width / 2 - across / 2 + 0.01, across):
            low = level * floor_height + (floor_height - high) * 0.55
            if level == 0 and rng.random() < 0.25:
                _front_door(layout, np.array([front, 0, place[2] + z]))
                continue
            spot = np.array([front - side * 0.02, low, place[2] + z])
            stage.add(
                "house", box(0.08, high + 0.14, wide + 0.14), [frame], Pose(spot - np.array([0, 0.07, 0]))
            )
            pane = lit if night and rng.random() < 0.4 else glass
            stage.add("house", box(0.09, high, wide), [pane], Pose(spot))
            stage.add("house", box(0.1, high, 0.05), [frame], Pose(spot))


def _front_door(layout: Layout, place: Array) -> None:
    paint = plain(colour(layout.rng) * 0.7, gloss=0.03)
    layout.stage.add("house", box(0.1, 2.15, 1.0), [paint], Pose(place))


def _facade(rng: Random) -> Paint:
    kind = str(rng.choice(["grain", "bricks", "cloud", "planks", "cobbles"], p=[0.4, 0.25, 0.2, 0.1, 0.05]))
    base = paints.wall_colour(rng) * rng.uniform(0.4, 1)
    if kind == "bricks":
        base = np.array([0.3, 0.13, 0.08]) * rng.uniform(0.6, 1.6)
    return paints.patterned(
        kind, paints.shades(base, rng, rng.uniform(0.1, 0.4)), rng.uniform(0.8, 2.5), int(rng.integers(9))
    )


def _parked(layout: Layout, side: int, walk: float) -> None:
    rng, room = layout.rng, layout.room
    if rng.random() < 0.25:
        return
    z = rng.uniform(0, 4)
    while z < room.depth - 3:
        entry = choose("car", rng)
        if rng.random() < 0.65:
            x = walk + 1.05 if side < 0 else room.width - walk - 1.05
            angle = (0 if rng.random() < 0.5 else np.pi) + rng.normal(0, 0.03)
            layout.put(entry, Pose(np.array([x, 0, z + entry.size[2] / 2]), float(angle)))
        z += entry.size[2] + rng.uniform(0.5, 2.5)


def _traffic(layout: Layout, walk: float) -> None:
    rng, room = layout.rng, layout.room
    for _ in range(int(rng.integers(0, 5))):
        entry = choose("vehicle" if rng.random() < 0.3 else "car", rng)
        side = rng.choice([-1, 1])
        x = room.width / 2 + side * rng.uniform(1.3, 1.8)
        layout.put(entry, Pose(np.array([x, 0, rng.uniform(0, room.depth)]), 0.0 if side < 0 else np.pi))
    for _ in range(int(rng.integers(0, 3))):
        place = np.array([rng.uniform(walk, room.width - walk), 0, rng.uniform(2, room.depth - 2)])
        add_person(layout, place, float(rng.uniform(0, 6.3)))


def _furniture(layout: Layout, side: int, walk: float) -> None:
    """Trees, lamps, bins, bicycles and people on the pavement."""
    rng, room = layout.rng, layout.room

    def spot(edge: bool) -> Array:
        away = walk - 0.5 if edge else rng.uniform(0.3, walk - 0.4)
        x = away if side < 0 else room.width - away
        return np.array([x, 0.13, rng.uniform(1, room.depth - 1)])

    tree = choose("tree", rng) if rng.random() < 0.6 else None
    if tree and footprint(tree, Pose(np.zeros(3))).high[1] < 13:
        for z in np.arange(rng.uniform(1, 6), room.depth, rng.uniform(9, 16))[:3]:
            place = np.array([0.5 if side < 0 else room.width - 0.5, 0.13, z])
            layout.put(tree, Pose(place, float(rng.uniform(0, 6.3)), float(rng.uniform(0.8, 1.1))), free=True)
    lamp = choose("street lamp", rng)
    for z in np.arange(rng.uniform(2, 9), room.depth, rng.uniform(12, 22)):
        layout.put(
            lamp, Pose(np.array([spot(True)[0], 0.13, z]), np.pi / 2 if side < 0 else -np.pi / 2), free=True
        )
    for _ in range(int(rng.integers(2, 9))):
        entry = choose("street thing", rng)
        layout.put(
            entry, Pose(spot(rng.random() < 0.5), float(rng.integers(4) * np.pi / 2 + rng.normal(0, 0.1)))
        )
    for _ in range(int(rng.integers(1, 6))):
        add_person(layout, spot(False), float(rng.uniform(0, 6.3)))


def _end(layout: Layout) -> None:
    """Houses or trees where the street ends, on most streets."""
    rng, room = layout.rng, layout.room
    for z in (-45.0, room.depth + 45.0):
        if rng.random() < 0.7:
            height, width = rng.uniform(5, 14), room.width + rng.uniform(5, 30)
            layout.stage.add(
                "house", box(width, height, 8), [_facade(rng)], Pose(np.array([room.width / 2, 0, z]))
            )


def _garden(layout: Layout) -> None:
    """Grass between hedges and a house, with what people do there."""
    rng, room = layout.rng, layout.room
    _ground(layout, _grass(rng))
    if rng.random() < 0.7:
        width, deep = rng.uniform(2, 5), room.depth * rng.uniform(0.5, 1)
        mesh = box(width, 0.03, deep)
        layout.stage.add(
            "floor", mesh, [_paving(rng)], Pose(np.array([rng.uniform(0, room.width), -0.005, deep / 2]))
        )
    house(layout, np.array([-4.2, 0, room.depth / 2]), (8.0, float(rng.uniform(3.2, 8)), room.depth + 4), -1)
    _fence(layout)
    for _ in range(int(rng.integers(1, 4))):
        entry = choose("tree", rng)
        x, z = rng.uniform(1, room.width + 2), rng.uniform(-2, room.depth + 2)
        layout.put(
            entry,
            Pose(np.array([x, 0, z]), float(rng.uniform(0, 6.3)), float(rng.uniform(0.6, 1))),
            free=True,
        )
    for purpose in (
        "garden seat",
        "garden seat",
        "garden thing",
        "garden thing",
        "bush",
        "bush",
        "garden table",
        "garden thing",
    ):
        if rng.random() < 0.75:
            made = layout.anywhere(purpose, margin=0.6, square=False)
            if made and purpose == "garden table":
                layout.on_top(made, int(rng.integers(1, 6)))
                layout.beside(made, "garden seat", 0.2, 0.0)
    for _ in range(int(rng.integers(1, 5))):
        x, z = rng.uniform(0.5, room.width - 0.5), rng.uniform(0.5, room.depth - 0.5)
        add_person(layout, np.array([x, 0, z]), float(rng.uniform(0, 6.3)), tries=2)
    layout.anywhere("animal", square=False)
    sit_person(layout)


def _fence(layout: Layout) -> None:
    """Hedges, boards or a wall around."""
    rng, room = layout.rng, layout.room
    kind = str(rng.choice(["hedge", "boards", "wall", "open"], p=[0.4, 0.25, 0.2, 0.15]))
    ends = (((0.0, 0.0), (room.width, 0.0)), ((room.width, 0.0), (room.width, room.depth)),
            ((0.0, room.depth), (room.width, room.depth)))  # fmt: skip
    wood = wood_colour(rng)
    board = paints.patterned("planks", np.stack([wood, wood * 0.7, wood * 0.2]), rng.uniform(0.8, 1.4))
    paint, height = (
        (board, rng.uniform(1.2, 1.9)) if kind == "boards" else (_facade(rng), rng.uniform(0.8, 2.2))
    )
    for (x0, z0), (x1, z1) in ends if kind != "open" else ():
        along = np.array([x1 - x0, 0, z1 - z0])
        length = float(np.linalg.norm(along))
        angle = 0.0 if z0 == z1 else np.pi / 2
        if kind == "hedge":
            entry = choose("hedge", rng)
            for place in np.arange(0.7, length, entry.size[0] * 0.95):
                layout.put(entry, Pose(np.array([x0, 0, z0]) + along * place / length, angle), free=True)
        else:
            middle = np.array([(x0 + x1) / 2, 0, (z0 + z1) / 2])
            layout.stage.add("fence", box(length, height, 0.08), [paint], Pose(middle, angle))


KINDS: dict[str, Callable[[Layout], None]] = {"street": _street, "garden": _garden}
"""What there is outdoors."""
