"""Rooms of every kind, furnished."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from traced import paints
from traced.corridors import furnish_corridor, furnish_stairwell
from traced.furnishing import choose
from traced.layout import Layout, Placed, add_person, sit_person
from traced.lights import Lights, Panel
from traced.scene import Place
from traced.shapes import box
from traced.shell import Room, build_room, open_walls
from traced.sky import OUTDOORS, sky
from traced.stage import Paint, Pose, Stage, plain

Random = np.random.Generator


def draw_room(rng: Random) -> Place:
    """A room of any kind with its furniture, people and light."""
    kind = str(rng.choice(list(KINDS), p=_SHARES))
    room = _size(kind, rng)
    stage = Stage()
    open_walls(room, rng)
    build_room(stage, room, rng, wet=kind in ("bathroom", "kitchen"))
    night = rng.random() < 0.22 or not room.panels
    layout = Layout(stage, room, rng, lamp_power=float(rng.uniform(0.15, 0.5) * (1 if night else 1.5)))
    layout.keep_clear()
    KINDS[kind](layout)
    for _ in range(int(rng.integers(0, 4))):
        layout.anywhere("clutter", square=False)
    for _ in range(int(rng.choice([0, 1, 2], p=[0.4, 0.4, 0.2]))):
        sit_person(layout)
    _people(layout, int(rng.choice([0, 1, 2, 3], p=[0.2, 0.4, 0.25, 0.15])))
    _pictures(layout)
    return Place(kind, stage, _light(layout, night), layout)


def _size(kind: str, rng: Random) -> Room:
    small = kind in ("bathroom", "kitchen")
    low, high = (1.9, 3.4) if small else (2.8, 6.5)
    width, depth = rng.uniform(low, high, 2).tolist()
    if kind == "corridor":
        width, depth = rng.permutation([rng.uniform(1.2, 2.4), rng.uniform(5, 14)]).tolist()
    return Room(width, depth, float(rng.uniform(2.35, 3.1)))


def _light(layout: Layout, night: bool) -> Lights:
    rng, room = layout.rng, layout.room
    name = "night" if night else str(rng.choice(list(OUTDOORS)))
    outside = sky(
        name, rng.random(), 0.01 if night else rng.uniform(0.7, 2.0), float(rng.choice([0.0, 0.6, 1.0]))
    )
    if (night or rng.random() < 0.4) and (not layout.lamps or rng.random() < 0.5):
        _ceiling_light(layout)
    glow = sum((float(lamp.power.mean()) for lamp in layout.lamps), 0.0)
    area = sum(float(np.linalg.norm(np.cross(p.right, p.up))) for p in room.panels if p.window)
    daylight = outside.mean * area
    surface = 2 * (room.width * room.depth + room.height * (room.width + room.depth))
    panels = sum(
        (
            float(p.radiance.mean() * np.linalg.norm(np.cross(p.right, p.up)))
            for p in room.panels
            if not p.window
        ),
        0.0,
    )
    # Radiance of the walls when light is spread evenly over them and 0.5 of it comes back, less what is followed.
    ambient = 0.35 * (daylight + panels + 4 * glow) / surface
    return Lights(
        outside,
        tuple(layout.lamps),
        tuple(room.panels),
        sun=bool(outside.sunlight.max() > 1e-3) and any(p.window for p in room.panels),
        ambient=np.asarray(ambient, np.float32),
    )


def _ceiling_light(layout: Layout) -> None:
    """Bright plates below the ceiling."""
    rng, room = layout.rng, layout.room
    count = int(rng.choice([1, 2, 4], p=[0.6, 0.25, 0.15]))
    width, depth = rng.uniform(0.15, 0.7), rng.uniform(0.15, 1.2)
    tint = np.array([1.0, rng.uniform(0.8, 1.0), rng.uniform(0.55, 1.05)])
    power = tint * layout.lamp_power * rng.uniform(6, 14) / (count * width * depth * 6)
    for index in range(count):
        x = room.width * ((index % 2) * 2 + 1) / 4 if count > 1 else room.width / 2
        z = room.depth * ((index // 2) * 2 + 1) / 4 if count == 4 else room.depth / 2
        corner = np.array([x - width / 2, room.height - 0.03, z - depth / 2])
        right, up = np.array([width, 0, 0]), np.array([0, 0, depth])
        mesh = box(width, 0.025, depth)
        layout.stage.add(
            "lamp",
            mesh,
            [plain((0.8, 0.8, 0.8), emission=tuple(power.tolist()))],
            Pose(corner + right / 2 + up / 2),
        )
        down = (corner - np.array([0, 0.002, 0])).astype(np.float32)
        room.panels.append(
            Panel(down, right.astype(np.float32), up.astype(np.float32), power.astype(np.float32))
        )


def _people(layout: Layout, count: int) -> None:
    rng, room = layout.rng, layout.room
    for _ in range(count):
        place = np.array([rng.uniform(0.3, room.width - 0.3), 0.0, rng.uniform(0.3, room.depth - 0.3)])
        add_person(layout, place, float(rng.uniform(0, 2 * np.pi)), tries=3)


def _pictures(layout: Layout) -> None:
    """Pictures, clocks and mirrors on the walls."""
    rng, room = layout.rng, layout.room
    taken = [[] for _ in range(4)]  # type: list[list[tuple[float, float]]]
    for _ in range(int(rng.integers(1, 8))):
        wall = room.walls[rng.integers(4)]
        width, height = np.exp(rng.uniform(np.log(0.2), np.log(1.5), 2))
        height = float(np.clip(height, width * 0.6, width * 1.6).clip(0.15, 1.3))
        left = rng.uniform(0.1, max(wall.length - width - 0.1, 0.11))
        low = float(np.clip(rng.normal(1.6, 0.15) - height / 2, 0.5, room.height - height - 0.15))
        free = room.clear(wall.number, left - 0.2, left + width + 0.2, room.height)
        if (
            not free
            or left + width > wall.length
            or any(left < b + 0.1 and left + width > a - 0.1 for a, b in taken[wall.number])
        ):
            continue
        taken[wall.number].append((left, left + width))
        thick, edge = rng.uniform(0.01, 0.04), rng.uniform(0.0, 0.06)
        mirror = rng.random() < 0.07
        paint = plain((0.02, 0.02, 0.02), gloss=0.92, rough=0.0) if mirror else paints.picture(rng)
        middle = wall.at(left + width / 2, low - edge, 0.001 + thick / 2)
        rim = box(width + 2 * edge, height + 2 * edge, thick)
        layout.stage.add("frame", rim, [paints.frame(rng)], Pose(middle, wall.angle))
        name = "mirror" if mirror else "picture"
        layout.stage.add_quad(
            name, wall.at(left, low, thick + 0.004), width * wall.along, height * np.array([0, 1.0, 0]), paint
        )


def _living(layout: Layout) -> None:
    rng = layout.rng
    if rng.random() < 0.7:
        layout.anywhere("rug", margin=1.2)
    for _ in range(int(rng.integers(1, 3))):
        sofa = layout.against_wall("sofa")
        if sofa and (table := layout.beside(sofa, "low table", rng.uniform(0.25, 0.45), rng.normal(0, 0.2))):
            layout.on_top(table, int(rng.integers(1, 6)))
            layout.beside(table, "armchair", rng.uniform(0.3, 0.7), rng.normal(0, 0.3), 0.0)
    stand = layout.against_wall("tv stand")
    if stand:
        layout.on_top(stand, 1, ("tv",) if rng.random() < 0.6 else ("table lamp", "plant", "small"))
    for purpose in ("bookcase", "cupboard", "plant", "floor lamp", "armchair", "cupboard"):
        if rng.random() < 0.6:
            _with_things(layout, layout.against_wall(purpose))
    layout.hang_lamp()


def _bedroom(layout: Layout) -> None:
    rng = layout.rng
    bed = layout.against_wall("bed")
    if bed:
        for side in (-1, 1):
            aside = side * (bed.entry.size[0] / 2 + 0.35)
            if table := layout.beside(bed, "bedside", -bed.entry.size[2], aside, 0.0):
                layout.on_top(table, 2, ("table lamp", "small"))
    for purpose in ("cupboard", "cupboard", "chair", "plant", "bookcase", "desk", "armchair"):
        if rng.random() < 0.55:
            _with_things(layout, layout.against_wall(purpose))
    layout.anywhere("rug")
    layout.hang_lamp()


def _dining(layout: Layout) -> None:
    table = layout.anywhere("table", margin=1.2, tries=20)
    if table:
        _seat(layout, table)
        layout.on_top(table, int(layout.rng.integers(2, 9)))
    for purpose in ("cupboard", "bookcase", "plant", "cupboard", "floor lamp"):
        if layout.rng.random() < 0.6:
            _with_things(layout, layout.against_wall(purpose))
    layout.hang_lamp()


def _seat(layout: Layout, table: Placed) -> None:
    """The same chair on all sides of a table, some pulled out."""
    rng = layout.rng
    entry = choose("chair", rng)
    width, _, depth = table.entry.size
    for side in range(4):
        long, deep = (width, depth) if side % 2 == 0 else (depth, width)
        angle = table.pose.angle + side * np.pi / 2
        front = np.array([np.sin(angle), 0, np.cos(angle)])
        right = np.array([front[2], 0, -front[0]])
        count = max(1, int(long / 0.7))
        for index in range(count):
            if rng.random() < 0.2:
                continue
            aside = (index - (count - 1) / 2) * 0.65
            away = deep / 2 + rng.uniform(-0.1, 0.35) + 0.1
            place = table.pose.place + front * (away + entry.size[2] / 2 - 0.1) + right * aside
            layout.put(entry, Pose(place, angle + np.pi + rng.normal(0, 0.15)), overlap=False)


def _office(layout: Layout) -> None:
    rng = layout.rng
    for _ in range(int(rng.integers(1, 5))):
        desk = layout.against_wall("desk") if rng.random() < 0.6 else layout.anywhere("desk", margin=0.8)
        if desk:
            layout.on_top(
                desk, int(rng.integers(2, 8)), ("computer", "small", "small", "table lamp", "plant")
            )
            layout.beside(desk, "chair", rng.uniform(-0.15, 0.3), rng.normal(0, 0.15), np.pi)
    for purpose in ("bookcase", "cupboard", "plant", "bookcase", "cupboard"):
        if rng.random() < 0.6:
            _with_things(layout, layout.against_wall(purpose))
    layout.hang_lamp()


def _kitchen(layout: Layout) -> None:
    rng, room = layout.rng, layout.room
    worktop = paints.floor(rng, wet=True)
    for side in rng.permutation(4)[: int(rng.integers(1, 3))]:
        _counter(layout, int(side), worktop)
    table = layout.anywhere("table", margin=0.7)
    if table:
        _seat(layout, table)
        layout.on_top(table, int(rng.integers(2, 9)))
    if room.width > 2.5:
        layout.against_wall("plant")
    layout.hang_lamp()


def _counter(layout: Layout, side: int, worktop: Paint) -> None:
    """Cupboards along a wall with a worktop, others above."""
    rng, wall = layout.rng, layout.room.walls[side]
    place = 0.02
    while place < wall.length - 0.4:
        tall = rng.random() < 0.15
        entry = choose("kitchen tall" if tall else "kitchen base", rng)
        middle = place + entry.size[0] / 2
        made = None
        if middle + entry.size[0] / 2 < wall.length and layout.room.clear(
            side, place, place + entry.size[0], entry.size[1] if tall else 0.8
        ):
            made = layout.put(entry, Pose(wall.at(middle, 0, entry.size[2] / 2 + 0.01), wall.angle))
        if made and not tall:
            if "sink" not in entry.title.lower() and entry.size[1] < 0.95:
                layout.on_top(made, int(rng.integers(0, 4)))
            if rng.random() < 0.6:
                upper = choose("kitchen upper", rng)
                if layout.room.clear(side, place, place + upper.size[0], 2.2):
                    layout.put(
                        upper,
                        Pose(wall.at(place + upper.size[0] / 2, 1.45, upper.size[2] / 2 + 0.01), wall.angle),
                    )
        place += entry.size[0] + 0.005


def _bathroom(layout: Layout) -> None:
    for purpose in (
        "bath",
        "washbasin",
        "toilet",
        "washbasin",
        "bath small",
        "bath small",
        "cupboard",
        "plant",
    ):
        if layout.rng.random() < 0.8:
            _with_things(layout, layout.against_wall(purpose, gap=0.01))


def _store(layout: Layout) -> None:
    for _ in range(int(layout.rng.integers(2, 5))):
        _with_things(layout, layout.against_wall(str(layout.rng.choice(["bookcase", "cupboard"]))))
    for _ in range(int(layout.rng.integers(4, 12))):
        layout.anywhere("clutter", square=False)


def _meeting(layout: Layout) -> None:
    for _ in range(int(layout.rng.integers(1, 4))):
        if table := layout.anywhere("table", margin=1.0):
            _seat(layout, table)
            layout.on_top(table, int(layout.rng.integers(1, 6)), ("small", "computer"))
    _people(layout, int(layout.rng.integers(0, 4)))
    layout.against_wall("plant")
    layout.hang_lamp()


def _with_things(layout: Layout, made: Placed | None) -> None:
    if made and made.block.high[1] < 1.5 and made.entry.size[1] > 0.3 and layout.rng.random() < 0.7:
        layout.on_top(made, int(layout.rng.integers(1, 4)), ("small", "table lamp", "plant", "small"))


KINDS: dict[str, Callable[[Layout], None]] = {
    "living": _living,
    "bedroom": _bedroom,
    "dining": _dining,
    "office": _office,
    "kitchen": _kitchen,
    "bathroom": _bathroom,
    "store": _store,
    "meeting": _meeting,
    "corridor": furnish_corridor,
    "stairs": furnish_stairwell,
}
"""How rooms are furnished."""
_SHARES = (0.22, 0.13, 0.11, 0.2, 0.1, 0.05, 0.04, 0.06, 0.06, 0.03)
