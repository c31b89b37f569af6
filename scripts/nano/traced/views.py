"""Where pictures are taken from, and which of them are worth taking."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from traced.camera import Camera, looking
from traced.scene import Place
from traced.tracer import measure
from traced.world import World

Array = NDArray[np.float64]
Random = np.random.Generator
_TRIES = 40
_BARE = ("wall", "floor", "ceiling", "reveal")


def find_view(place: Place, world: World, rng: Random, size: tuple[int, int]) -> Camera | None:
    """A camera that sees something; None where none was found."""
    shares = SHARES.get(place.kind, SHARES["room"])
    if size[1] > 2 * size[0] and place.kind == "street":
        shares = {"dash": 0.75, "phone": 0.25}
    for _ in range(_TRIES):
        kind = str(rng.choice(list(shares), p=list(shares.values())))
        camera = KINDS[kind](place, rng)
        if camera is not None and _in_the_open(world, camera) and _worth_it(world, camera, size, rng):
            return camera
    return None


def _worth_it(world: World, camera: Camera, size: tuple[int, int], rng: Random) -> bool:
    """Not mostly bare wall, not stuck to something."""
    scale = 40 / max(size)
    inverse, thing = measure(world, camera, max(8, round(size[0] * scale)), max(8, round(size[1] * scale)))
    names = np.array([*world.names, "sky"])[thing.ravel()]
    bare = np.array([name.split(" ")[0] in _BARE for name in names])
    walls = np.array([name.startswith("wall") or name == "ceiling" for name in names])
    largest = max((float((names == name).mean()) for name in set(names[walls])), default=0.0)
    things = len(set(names[~bare]) - {"sky", "sash", "rod", "frame"})
    near = float((inverse > 1 / 0.25).mean())
    sky = float((inverse == 0).mean())
    bare_limit = rng.choice([0.5, 0.65, 0.75])
    if (inverse == 0).mean() > 0.15 and not walls.any():
        bare_limit = 0.85
    return bool(bare.mean() < bare_limit and largest < 0.45 and things >= 2 and near < 0.15 and sky < 0.5)


def _in_the_open(world: World, camera: Camera) -> bool:
    """Nothing is closer than 12 cm, and the camera is in no piece of furniture."""
    rng = np.random.default_rng(0)
    direction = rng.normal(size=(64, 3)).astype(np.float32)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    origin = np.broadcast_to(camera.eye.astype(np.float32), direction.shape).copy()
    hits = world.nearest(origin, direction)
    return bool(hits.distance.min() > 0.12)


def _free_spot(place: Place, rng: Random, height: float, margin: float = 0.25) -> Array | None:
    room = place.layout.room
    for _ in range(10):
        x, z = rng.uniform(margin, room.width - margin), rng.uniform(margin, room.depth - margin)
        blocks = place.layout.blocks
        inside = any(
            b.low[0] - 0.1 < x < b.high[0] + 0.1
            and b.low[2] - 0.1 < z < b.high[2] + 0.1
            and b.low[1] < height < b.high[1] + 0.15
            for b in blocks
        )
        if not inside:
            return np.array([x, height, z])
    return None


def _target(place: Place, rng: Random) -> Array:
    """The middle of something that stands there."""
    things = [*place.layout.placed, *place.layout.people, *place.layout.people]
    if not things:
        room = place.layout.room
        return np.array([room.width / 2, 1.0, room.depth / 2])
    block = things[rng.integers(len(things))].block
    return np.array([rng.uniform(low, high) for low, high in zip(block.low, block.high, strict=True)])


def _tangent(rng: Random, low: float, high: float) -> float:
    return float(np.tan(np.radians(rng.uniform(low, high)) / 2))


def _phone(place: Place, rng: Random) -> Camera | None:
    eye = _free_spot(place, rng, float(rng.uniform(1.05, 1.75)))
    if eye is None:
        return None
    target = _target(place, rng) * [1, 0, 1] + [0, rng.uniform(0.4, 1.5), 0]
    if np.linalg.norm((target - eye)[[0, 2]]) < 0.7:
        return None
    return looking(eye, target, rng.normal(0, 0.05), _tangent(rng, 48, 80), "phone")


def _corner(place: Place, rng: Random) -> Camera | None:
    room = place.layout.room
    side = rng.integers(0, 2, 2)
    inset = rng.uniform(0.1, 0.35, 2)
    x = inset[0] if side[0] else room.width - inset[0]
    z = inset[1] if side[1] else room.depth - inset[1]
    eye = np.array([x, room.height - rng.uniform(0.08, 0.35), z])
    target = np.array(
        [room.width * rng.uniform(0.35, 0.65), rng.uniform(0, 0.9), room.depth * rng.uniform(0.35, 0.65)]
    )
    return looking(eye, target, rng.normal(0, 0.03), _tangent(rng, 65, 100), "corner")


def _robot(place: Place, rng: Random) -> Camera | None:
    height = float(rng.uniform(0.08, 0.45))
    eye = _free_spot(place, rng, height, 0.15)
    if eye is None:
        return None
    target = _target(place, rng) * [1, 0, 1] + [0, height + rng.normal(0.05, 0.15), 0]
    if np.linalg.norm((target - eye)[[0, 2]]) < 0.5:
        return None
    return looking(eye, target, rng.normal(0, 0.02), _tangent(rng, 55, 95), "robot")


def _webcam(place: Place, rng: Random) -> Camera | None:
    """Somebody close to the camera, who looks at it."""
    if not place.layout.people:
        return None
    person = place.layout.people[rng.integers(len(place.layout.people))]
    tall = person.block.high[1]
    face = person.pose.place * [1, 0, 1] + [0, tall - rng.uniform(0.1, 0.25), 0]
    angle = person.pose.angle + rng.normal(0, 0.35)
    distance = rng.uniform(0.45, 1.6)
    ahead = np.array([np.sin(angle), 0, np.cos(angle)])
    eye = face + ahead * distance + [0, rng.normal(-0.05, 0.12), 0]
    room = place.layout.room
    if not (0.08 < eye[0] < room.width - 0.08 and 0.08 < eye[2] < room.depth - 0.08):
        return None
    aside = np.array([ahead[2], 0, -ahead[0]])
    target = face + aside * rng.normal(0, 0.15) * distance + [0, rng.normal(-0.08, 0.1) * distance, 0]
    return looking(eye, target, rng.normal(0, 0.04), _tangent(rng, 55, 82), "webcam")


def _close(place: Place, rng: Random) -> Camera | None:
    """Things on a table, from near by."""
    low = [thing for thing in place.layout.placed if 0.35 < thing.block.low[1] < 1.2]
    if not low:
        return None
    thing = low[rng.integers(len(low))]
    target = (np.array(thing.block.low) + np.array(thing.block.high)) / 2
    angle, distance = rng.uniform(0, 2 * np.pi), rng.uniform(0.35, 1.1)
    lift = rng.uniform(0.1, 0.9)
    eye = target + distance * np.array(
        [np.sin(angle) * np.cos(lift), np.sin(lift), np.cos(angle) * np.cos(lift)]
    )
    room = place.layout.room
    if not (
        0.1 < eye[0] < room.width - 0.1 and 0.1 < eye[2] < room.depth - 0.1 and eye[1] < room.height - 0.1
    ):
        return None
    target = target + rng.normal(0, 0.15, 3)
    return looking(eye, target, rng.normal(0, 0.06), _tangent(rng, 45, 75), "close")


def _dash(place: Place, rng: Random) -> Camera | None:
    """From a car, along the street."""
    room = place.layout.room
    ahead = rng.choice([-1, 1])
    x = room.width / 2 - ahead * rng.uniform(1.0, 2.0)
    eye = np.array([x, rng.uniform(1.1, 1.7), rng.uniform(0.1, 0.9) * room.depth])
    target = eye + np.array([rng.normal(0, 2.0), rng.normal(-0.6, 0.8), ahead * 20])
    return looking(eye, target, rng.normal(0, 0.015), _tangent(rng, 50, 95), "dash")


def _mast(place: Place, rng: Random) -> Camera | None:
    """From above, as cameras hang on houses and posts."""
    room = place.layout.room
    eye = np.array([rng.uniform(0, 1) * room.width, rng.uniform(2.5, 6), rng.uniform(0, 1) * room.depth])
    target = _target(place, rng)
    if np.linalg.norm(target - eye) < 3:
        return None
    return looking(eye, target, rng.normal(0, 0.03), _tangent(rng, 45, 95), "mast")


KINDS: dict[str, Callable[[Place, Random], Camera | None]] = {
    "phone": _phone,
    "webcam": _webcam,
    "corner": _corner,
    "robot": _robot,
    "close": _close,
    "dash": _dash,
    "mast": _mast,
}
"""How cameras are held."""
SHARES: dict[str, dict[str, float]] = {
    "room": {"phone": 0.26, "webcam": 0.5, "corner": 0.06, "robot": 0.08, "close": 0.1},
    "street": {"phone": 0.3, "webcam": 0.25, "dash": 0.25, "robot": 0.08, "mast": 0.12},
    "garden": {"phone": 0.35, "webcam": 0.4, "robot": 0.1, "mast": 0.07, "close": 0.08},
}
"""How often each is, by the kind of place."""
