"""Rooms, table tops, heaps, people in front of a webcam or in a car."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simple.animals import animal
from simple.building import WORLD, Builder, Pose, rotation
from simple.furniture import AMIDST, AT_WALLS, chair, desk, dining, table_of
from simple.illumination import room_light, sun_light
from simple.materials import Random, Theme, anything, cloth, flat, surface, theme
from simple.outdoors import backdrop, stairs
from simple.people import bust, hand_near_lens, seated, standing
from simple.rooms import Plan, build, furnish
from simple.scene import Camera, Scene
from simple.taking import effects, tangent
from simple.things import heap, strew


def _plan(rng: Random) -> Plan:
    size = np.exp(rng.uniform(-0.4, 0.35))
    return Plan(
        half=float(size * rng.uniform(1.4, 3.2)),
        back=-0.8,
        ahead=float(size * rng.uniform(2.0, 6.5)),
        high=float(rng.uniform(2.2, 3.3)),
    )


def _taken(
    rng: Random, scene: Builder, plan: Plan, eye: tuple[float, float, float], pitch: float, turn: float = 0.35
) -> Scene:
    """A picture of the room from `eye`, tilted down by `pitch` radians, give or take."""
    yaw = rng.normal(0, turn) - np.arctan2(eye[0], 0.5 * plan.ahead) * rng.uniform(0, 1)
    axes = rotation(yaw, rng.normal(pitch, 0.13), rng.normal(0, 0.05))
    place = np.array(eye)
    if rng.random() < 0.02:
        hand_near_lens(scene, rng, Pose(place, axes))
    return Scene(
        Camera(place, axes, tangent(rng)),
        room_light(rng, plan.half, plan.ahead, plan.high),
        effects(rng),
        scene.finish(place),
    )


def room(rng: Random) -> Scene:
    """A furnished room, sometimes with people."""
    scene, plan, style = Builder(), _plan(rng), theme(rng)
    build(scene, rng, plan, style)
    kinds = ("living", "living", "bedroom", "office", "office", "kitchen", "bathroom")
    furnish(scene, rng, plan, style, kinds[rng.integers(len(kinds))])
    for _ in range(int(rng.choice([0, 0, 0, 1, 2]))):
        _somebody(scene, rng, style, rng.uniform(-1, 1) * plan.half * 0.7, rng.uniform(1.0, plan.ahead))
    for _ in range(int(rng.choice([0, 1, 2], p=[0.4, 0.4, 0.2]))):
        _close(scene, rng, style)
    if rng.random() < 0.1:
        animal(
            scene, rng, WORLD.at(rng.normal(0, 0.6), 0, rng.uniform(1.0, plan.ahead), yaw=rng.uniform(0, 6.3))
        )
    aside = rng.uniform(-0.7, 0.7) * plan.half
    if rng.random() < 0.5:  # held in the hand of somebody who stands there
        return _taken(rng, scene, plan, (aside, float(rng.uniform(1.1, 1.7)), -0.2), 0.18, 0.4)
    return _taken(rng, scene, plan, (aside, float(rng.uniform(0.6, 1.8)), -0.2), 0.14, 0.65)


def _somebody(scene: Builder, rng: Random, style: Theme, x: float, z: float) -> None:
    place = WORLD.at(x, 0, z, yaw=rng.normal(0, 1.2))
    if rng.random() < 0.5:
        standing(scene, rng, place)
        return
    chair(scene, rng, place, style)
    seated(scene, rng, place)


def _close(scene: Builder, rng: Random, style: Theme) -> None:
    """One large thing close to the camera, half out of the picture: as often as not one to sit on or at."""
    pieces = (chair, dining) if rng.random() < 0.5 else (*AT_WALLS["living"], *AMIDST["living"])
    place = WORLD.at(
        rng.choice([-1, 1]) * rng.uniform(0.4, 1.3), 0, rng.uniform(0.5, 1.4), yaw=rng.uniform(0, 6.3)
    )
    pieces[rng.integers(len(pieces))](scene, rng, place, style)


def table(rng: Random) -> Scene:
    """A table or a desk from above, with the room behind."""
    scene, plan, style = Builder(), _plan(rng), theme(rng)
    build(scene, rng, plan, style)
    furnish(scene, rng, plan, style, "office" if rng.random() < 0.6 else "living")
    high, z = rng.uniform(0.68, 0.9), rng.uniform(0.3, 0.7)
    spot = WORLD.at(rng.normal(0, 0.15), 0, z, yaw=rng.normal(0, 0.2))
    kind = rng.random()
    if kind < 0.5:
        count = int(np.exp(rng.uniform(1.2, 3.5)))
        table_of(scene, rng, spot, style, (rng.uniform(0.5, 1.0), rng.uniform(0.3, 0.8)), high, count)
        if kind < 0.2:
            heap(
                scene,
                rng,
                spot.at(rng.normal(0, 0.2), high, 0),
                rng.uniform(0.15, 0.5),
                int(rng.integers(8, 35)),
            )
    else:
        desk(scene, rng, spot.at(0, 0, 0.2), style)
    if rng.random() < 0.12:
        hand_near_lens(scene, rng, WORLD.at(0, high + 0.35, z - 0.6, pitch=0.5))
    eye = (rng.normal(0, 0.2), float(high + np.exp(rng.uniform(-1.6, -0.2))), z - rng.uniform(0.35, 0.9))
    return _taken(rng, scene, plan, eye, rng.uniform(0.15, 0.9), 0.3)


def floor_heap(rng: Random) -> Scene:
    """A heap or many things on the floor, close."""
    scene, plan, style = Builder(), _plan(rng), theme(rng)
    build(scene, rng, plan, style)
    far = rng.uniform(0.5, 2.0)
    if rng.random() < 0.6:
        heap(
            scene, rng, WORLD.at(rng.normal(0, 0.3), 0, far), rng.uniform(0.3, 1.2), int(rng.integers(10, 45))
        )
    strew(scene, rng, WORLD.at(0, 0, far), (1.2, far), int(rng.integers(5, 35)))
    eye = (0.0, rng.uniform(0.25, 1.5), -0.2)
    return _taken(rng, scene, plan, eye, float(np.arctan2(eye[1], far)) * rng.uniform(0.5, 1.0))


def portrait(rng: Random) -> Scene:
    """One to three people in front of a webcam, at home or at work."""
    scene, plan, style = Builder(), _plan(rng), theme(rng)
    build(scene, rng, plan, style)
    if rng.random() < 0.8:
        furnish(scene, rng, plan, style, ("living", "office", "bedroom", "kitchen")[rng.integers(4)])
    level = rng.uniform(0.9, 1.6)
    for i in range(int(rng.choice([1, 1, 1, 1, 2, 3]))):
        x = rng.normal(0, 0.12) + (0, -0.5, 0.5)[i]
        away = rng.uniform(0.45, 1.3) + 0.3 * i
        chin = WORLD.at(x, level + rng.normal(-0.08, 0.06), away, yaw=rng.normal(0, 0.3))
        bust(scene, rng, chin)
        if rng.random() < 0.3:
            scene.box(chin.at(0, -0.2, 0.2), (0.24, rng.uniform(0.25, 0.45), 0.05), anything(rng))
    if rng.random() < 0.08:
        hand_near_lens(scene, rng, WORLD.at(0, level, 0))
    return _taken(rng, scene, plan, (0.0, float(level), 0.0), 0.0, 0.12)


def passenger(rng: Random) -> Scene:
    """Somebody in a car, a train or a cabin: window frames close behind, landscape beyond."""
    scene, style = Builder(), flat(rng.uniform(0.05, 0.6))
    backdrop(scene, rng, WORLD.at(0, -1.2, 1.5))
    for side in (-1, 1):
        frame = WORLD.at(side * rng.uniform(0.6, 0.9), 0.0, 0.9, yaw=np.pi / 2 + side * rng.normal(0, 0.15))
        scene.frame(frame, (1.3, 0.8, 0.04), style, (-0.9, 0.6, -0.1, rng.uniform(0.3, 0.5)))
        backdrop(scene, rng, WORLD.at(side * 3, -1.2, 1, yaw=side * np.pi / 2))
    rear = WORLD.at(0, 0.05, rng.uniform(1.5, 2.2), pitch=-0.3)
    scene.frame(rear, (0.95, 0.6, 0.04), style, (-0.7, 0.7, -0.1, 0.4))
    scene.box(WORLD.at(0, rng.uniform(0.45, 0.6), 1), (0.95, 0.04, 1.3), surface(rng, "grain", "plain"))
    for x in (-0.4, 0.4):
        seat = cloth(rng)
        scene.box(WORLD.at(x, -0.35, 1.35, pitch=-0.2), (0.3, 0.4, 0.1), seat)
        scene.box(WORLD.at(x, 0.16, 1.42), (0.14, 0.1, 0.06), seat)
    bust(
        scene,
        rng,
        WORLD.at(rng.normal(0, 0.15), rng.normal(-0.1, 0.05), rng.uniform(0.5, 1.0), yaw=rng.normal(0, 0.4)),
    )
    eye = np.zeros(3)
    axes = rotation(rng.normal(0, 0.25), rng.normal(0, 0.08), rng.normal(0, 0.05))
    light = sun_light(rng)
    light = replace(light, above=light.above * 0.6, fog=0.0)
    return Scene(Camera(eye, axes, tangent(rng)), light, effects(rng), scene.finish(eye))


def corridor(rng: Random) -> Scene:
    """A long narrow room, with stairs on some, perhaps with people."""
    scene, style = Builder(), theme(rng)
    plan = Plan(rng.uniform(0.8, 1.6), -0.8, rng.uniform(4, 16), rng.uniform(2.2, 3.2))
    build(scene, rng, plan, style)
    if rng.random() < 0.4:
        stairs(scene, rng, WORLD.at(rng.normal(0, 0.3), 0, rng.uniform(1.2, 3.0)))
    for _ in range(int(rng.integers(0, 4))):
        _somebody(scene, rng, style, rng.uniform(-1, 1) * plan.half * 0.7, rng.uniform(1.2, plan.ahead))
    pieces = AT_WALLS["office"]
    for _ in range(int(rng.integers(0, 4))):
        side = rng.choice([-1, 1])
        place = WORLD.at(side * (plan.half - 0.3), 0, rng.uniform(1.5, plan.ahead), yaw=side * np.pi / 2)
        pieces[rng.integers(len(pieces))](scene, rng, place, style)
    return _taken(rng, scene, plan, (rng.normal(0, 0.2), float(rng.uniform(0.8, 1.8)), 0.0), 0.05, 0.2)


def crowd(rng: Random) -> Scene:
    """Several people in a room, seated round a table or standing about."""
    scene, plan, style = Builder(), _plan(rng), theme(rng)
    build(scene, rng, plan, style)
    furnish(scene, rng, plan, style, "living")
    if rng.random() < 0.5:
        spot = WORLD.at(0, 0, rng.uniform(1.5, 2.2))
        table_of(scene, rng, spot, style, (0.8, 0.45), 0.74, 8)
        for x, z, yaw in (
            (-0.5, 0.75, 0.0),
            (0.4, 0.75, 0.0),
            (-1.1, 0.0, 1.5),
            (1.1, 0.0, -1.5),
            (0.3, -0.8, 3.1),
        ):
            if rng.random() < 0.7:
                place = spot.at(x, 0, z, yaw=-yaw + rng.normal(0, 0.3))
                chair(scene, rng, place, style)
                seated(scene, rng, place)
    for _ in range(int(rng.integers(1, 6))):
        _somebody(scene, rng, style, rng.uniform(-1, 1) * plan.half * 0.8, rng.uniform(0.9, plan.ahead))
    return _taken(rng, scene, plan, (rng.normal(0, 0.4), float(rng.uniform(0.9, 1.8)), -0.2), 0.08)
