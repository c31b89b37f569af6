"""Furniture. Each piece stands on its pose's origin, in the middle of its footprint, and looks to -z."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simple.building import Builder, Pose
from simple.materials import (
    Material,
    Random,
    Theme,
    anything,
    cloth,
    colour,
    fitted,
    flat,
    near,
    printed,
    screen,
)
from simple.things import LOW, SMALL, keyboard, lamp, laptop, monitor, plant, strew

Piece = Callable[[Builder, Random, Pose, Theme], None]


def legs(
    scene: Builder, rng: Random, pose: Pose, half: tuple[float, float], high: float, made: Material
) -> None:
    """Four legs, or one pedestal, or two side panels."""
    kind = rng.random()
    if kind < 0.12:
        scene.cone(pose.at(0, high / 2, 0), rng.uniform(0.03, 0.12), high / 2, made)
        scene.cone(pose.at(0, 0.02, 0), min(half) * 0.6, 0.02, made)
        return
    if kind < 0.25:
        for side in (-1, 1):
            scene.box(pose.at(side * half[0] * 0.9, high / 2, 0), (0.02, high / 2, half[1] * 0.9), made)
        return
    thick, round_ = rng.uniform(0.012, 0.04), rng.random() < 0.4
    for x, z in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
        foot = pose.at(x * (half[0] - thick), high / 2, z * (half[1] - thick))
        if round_:
            scene.cone(foot, thick * 0.7, high / 2, made, top=1.4)
        else:
            scene.box(foot, (thick, high / 2, thick), made)


def table_of(
    scene: Builder, rng: Random, pose: Pose, theme: Theme, half: tuple[float, float], high: float, count: int
) -> None:
    """A table of this size with `count` things on it."""
    made, thick = theme.woody(rng), rng.uniform(0.01, 0.03)
    if rng.random() < 0.2:
        scene.cone(pose.at(0, high - thick, 0), max(half), thick, made)
    else:
        scene.box(pose.at(0, high - thick, 0), (half[0], thick, half[1]), made)
    legs(scene, rng, pose, (half[0] * 0.92, half[1] * 0.92), high - 2 * thick, made)
    if rng.random() < 0.25:
        cover = cloth(rng)
        scene.box(pose.at(0, high + 0.003, 0), (half[0] * rng.uniform(0.2, 1), 0.003, half[1] * 0.5), cover)
    strew(scene, rng, pose.at(0, high + 0.006, 0), (half[0] * 0.85, half[1] * 0.8), count)


def chair(scene: Builder, rng: Random, pose: Pose, theme: Theme) -> None:
    """A chair with bars, slats, a lattice, a board or a cushion for a back; or one on castors."""
    made, seat = theme.woody(rng), rng.uniform(0.42, 0.48)
    wide, deep = rng.uniform(0.19, 0.25), rng.uniform(0.19, 0.24)
    pad = theme.soft(rng) if rng.random() < 0.6 else made
    scene.box(pose.at(0, seat - 0.02, 0), (wide, rng.uniform(0.012, 0.04), deep), pad)
    if rng.random() < 0.2:
        scene.cone(pose.at(0, seat / 2, 0), 0.03, seat / 2 - 0.02, flat(0.02))
        for turn in range(5):
            spoke = pose.at(0, 0.06, 0, yaw=turn * 1.2566)
            scene.box(spoke.at(0.14, 0, 0), (0.14, 0.02, 0.02), flat(0.02))
    else:
        legs(scene, rng, pose, (wide, deep), seat - 0.03, made)
    _back(scene, rng, pose.at(0, seat, deep, pitch=-rng.uniform(0, 0.2)), wide, pad, made)
    if rng.random() < 0.3:
        for side in (-1, 1):
            scene.box(pose.at(side * wide, seat + 0.2, 0), (0.02, 0.015, deep), made)
            scene.box(pose.at(side * wide, seat + 0.1, -deep * 0.8), (0.015, 0.1, 0.015), made)


def _back(scene: Builder, rng: Random, pose: Pose, wide: float, pad: Material, made: Material) -> None:
    high, kind = rng.uniform(0.2, 0.33), rng.random()
    if kind < 0.3:
        scene.box(pose.at(0, high + 0.06, 0), (wide, high, rng.uniform(0.01, 0.05)), pad)
        return
    if kind < 0.7:
        columns, rows = (
            (1.0, rng.integers(2, 6)) if rng.random() < 0.4 else (rng.integers(2, 8), rng.integers(1, 3))
        )
        scene.grid(pose.at(0, high, 0), (wide, high, 0.014), made, (float(columns), float(rows), 0.22))
        return
    edge = rng.uniform(0.03, 0.06)
    hole = (-wide + edge, wide - edge, -high * rng.uniform(0.1, 1.2), high - edge)
    scene.frame(pose.at(0, high, 0), (wide, high, 0.015), made, hole)
    if rng.random() < 0.6:
        scene.box(pose.at(0, high, 0), (edge, high, 0.008), made)


def stool(scene: Builder, rng: Random, pose: Pose, theme: Theme) -> None:
    """A stool or a pouffe."""
    high, wide = rng.uniform(0.3, 0.75), rng.uniform(0.15, 0.25)
    scene.cone(pose.at(0, high - 0.03, 0), wide, 0.03, theme.soft(rng))
    legs(scene, rng, pose, (wide * 0.7, wide * 0.7), high - 0.06, theme.metal)


def dining(scene: Builder, rng: Random, pose: Pose, theme: Theme) -> None:
    """A table with chairs all round."""
    half, high = (rng.uniform(0.4, 1.1), rng.uniform(0.35, 0.55)), rng.uniform(0.7, 0.78)
    table_of(scene, rng, pose, theme, half, high, int(rng.integers(0, 9)))
    for side in (-1, 1):
        for x in np.arange(-half[0] + 0.3, half[0], 0.6):
            if rng.random() < 0.8:
                place = pose.at(x, 0, side * (half[1] + rng.uniform(0.0, 0.3)), yaw=(side < 0) * np.pi)
                chair(scene, rng, place.at(0, 0, 0, yaw=rng.normal(0, 0.15)), theme)


def coffee_table(scene: Builder, rng: Random, pose: Pose, theme: Theme) -> None:
    """A low table with a few things."""
    table_of(
        scene, rng, pose, theme, (rng.uniform(0.3, 0.6), rng.uniform(0.25, 0.4)), rng.uniform(0.3, 0.5), 4
    )


def desk(scene: Builder, rng: Random, pose: Pose, theme: Theme) -> None:
    """A desk with a computer; whoever sits at it is at -z."""
    half, high = (rng.uniform(0.5, 0.9), rng.uniform(0.3, 0.45)), rng.uniform(0.7, 0.78)
    table_of(scene, rng, pose, theme, half, high, int(rng.integers(2, 10)))
    top = pose.at(rng.uniform(-0.3, 0.3), high, 0)
    for x in ((0.0,), (0.0,), (-0.3, 0.35))[rng.integers(3)]:
        monitor(scene, rng, top.at(x, 0, 0.12, yaw=rng.normal(0, 0.2)))
    keyboard(scene, rng, top.at(0, 0, -0.15, yaw=rng.normal(0, 0.1)))
    if rng.random() < 0.3:
        laptop(scene, rng, top.at(0.35, 0, -0.05, yaw=rng.normal(0, 0.4)))
    if rng.random() < 0.5:
        cabinet_of(
            scene, rng, pose.at(half[0] - 0.22, 0, 0), theme, (0.2, (high - 0.06) / 2, half[1] * 0.9), 0
        )
    if rng.random() < 0.8:
        chair(
            scene, rng, pose.at(rng.normal(0, 0.2), 0, -half[1] - 0.2, yaw=np.pi + rng.normal(0, 0.5)), theme
        )


def sofa(scene: Builder, rng: Random, pose: Pose, theme: Theme) -> None:
    """An armchair or a sofa of two or three seats, some with cushions."""
    made, seats = theme.soft(rng), int(rng.integers(1, 4))
    wide, deep, seat = 0.32 * seats + 0.02, rng.uniform(0.35, 0.45), rng.uniform(0.34, 0.44)
    scene.box(pose.at(0, seat / 2 + 0.04, 0), (wide, seat / 2 - 0.06, deep), made)
    for i in range(seats):
        pad = pose.at((i - (seats - 1) / 2) * 0.63, seat, -0.02)
        scene.box(pad, (0.3, 0.07, deep * 0.9), made)
        if rng.random() < 0.4:
            scene.ball(pad.at(rng.normal(0, 0.08), 0.22, 0.12, pitch=-0.3), (0.2, 0.18, 0.07), cloth(rng))
    high = rng.uniform(0.2, 0.4)
    scene.box(pose.at(0, seat + high, deep - 0.08, pitch=-0.12), (wide, high, 0.09), made)
    for side in (-1, 1):
        arm = pose.at(side * (wide + 0.06), seat / 2 + 0.13, 0)
        scene.box(arm, (0.07, seat / 2 + 0.09, deep), made)
        if rng.random() < 0.4:
            scene.box(arm.at(0, high + 0.1, deep * 0.7), (0.05, high, deep * 0.3), made)


def bed(scene: Builder, rng: Random, pose: Pose, theme: Theme) -> None:
    """A bed with head board (at +z), blanket, pillows, and a bedside table."""
    wide, high, linen = rng.uniform(0.45, 0.9), rng.uniform(0.3, 0.6), cloth(rng)
    scene.box(pose.at(0, high / 2, 0), (wide, high / 2, 1.0), theme.woody(rng))
    scene.box(pose.at(0, high + 0.05, 0), (wide * 0.98, 0.1, 0.98), linen)
    cover = cloth(rng)
    scene.box(pose.at(0, high + 0.06, -0.3), (wide + 0.03, 0.12, 0.72), cover)
    for _ in range(int(rng.integers(0, 5))):
        lump = pose.at(
            rng.uniform(-wide, wide) * 0.7, high + 0.14, rng.uniform(-0.9, 0.3), yaw=rng.uniform(0, 6)
        )
        scene.ball(lump, (rng.uniform(0.1, 0.4), rng.uniform(0.04, 0.12), 0.15), cover)
    for side in (-1, 1) if wide > 0.6 else (0,):
        scene.ball(pose.at(side * wide / 2, high + 0.2, 0.75, pitch=-0.4), (0.3, 0.09, 0.2), linen)
    board = rng.uniform(0.3, 0.6)
    scene.box(pose.at(0, high + board - 0.1, 1.03), (wide, board, 0.03), theme.woody(rng))
    stand = pose.at(rng.choice([-1, 1]) * (wide + 0.28), 0, 0.8)
    cabinet_of(scene, rng, stand, theme, (0.22, 0.26, 0.2), 1)
    lamp(scene, rng, stand.at(0, 0.53, 0), 0.25)


def cabinet_of(
    scene: Builder, rng: Random, pose: Pose, theme: Theme, half: tuple[float, float, float], count: int
) -> None:
    """A cupboard of this size; its front shows doors or drawers; things stand on it."""
    made = theme.woody(rng)
    front = fitted(rng, "drawers", made.colours[0], made.colours[0] * 0.35, near(made.colours[0], rng, 1.0))
    scene.box(pose.at(0, half[1], 0), half, made)
    scene.box(pose.at(0, half[1], -half[2] - 0.004), (half[0] * 0.97, half[1] * 0.94, 0.008), front)
    strew(scene, rng, pose.at(0, 2 * half[1], 0), (half[0] * 0.85, half[2] * 0.7), count)


def cabinet(scene: Builder, rng: Random, pose: Pose, theme: Theme) -> None:
    """A chest, a sideboard or a wardrobe."""
    half = (rng.uniform(0.25, 0.9), float(rng.choice([rng.uniform(0.25, 0.6), 1.0])), rng.uniform(0.18, 0.3))
    cabinet_of(scene, rng, pose, theme, half, int(rng.integers(0, 7)) if half[1] < 0.7 else 0)


def shelf(scene: Builder, rng: Random, pose: Pose, theme: Theme) -> None:
    """An open shelf: boards, and on them books, boxes and things."""
    wide, high, deep = rng.uniform(0.3, 0.7), rng.uniform(0.4, 1.1), rng.uniform(0.12, 0.2)
    made, floors = theme.woody(rng), int(rng.integers(2, 6))
    scene.frame(
        pose.at(0, high, 0),
        (wide, high, deep),
        made,
        (-wide + 0.025, wide - 0.025, -high + 0.025, high - 0.025),
    )
    if rng.random() < 0.7:
        scene.box(pose.at(0, high, deep - 0.006), (wide, high, 0.006), made)
    for level in range(floors):
        bottom = 0.03 + level * (2 * high - 0.05) / floors
        scene.box(pose.at(0, bottom, 0), (wide * 0.97, 0.012, deep * 0.97), made)
        room = (2 * high - 0.05) / floors - 0.05
        _fill(scene, rng, pose.at(0, bottom + 0.012, 0), wide * 0.93, deep, room)


def _fill(scene: Builder, rng: Random, pose: Pose, wide: float, deep: float, room: float) -> None:
    kind = rng.random()
    if kind < 0.3:
        tall = min(room / 2, 0.14)
        row = fitted(rng, "books", colour(rng), colour(rng), colour(rng) * 0.3)
        scene.box(pose.at(0, tall, 0.02), (wide, tall, deep * 0.7), row)
    elif kind < 0.85:
        x, paints = -wide, [printed(rng) for _ in range(4)]
        while x < wide * rng.uniform(0.3, 1.0) - 0.04:
            half = np.array(
                [rng.uniform(0.01, 0.05), min(room / 2, rng.uniform(0.06, 0.16)), rng.uniform(0.6, 1) * deep]
            )
            lean = rng.normal(0, 0.04) * (rng.random() < 0.3)
            x += float(half[0])
            scene.box(pose.at(x, half[1], deep - half[2] - 0.02, roll=lean), half, paints[rng.integers(4)])
            x += float(half[0]) + rng.choice([0.0, 0.0, 0.1])
    elif kind < 0.95:
        strew(scene, rng, pose, (wide * 0.9, deep * 0.4), 3)


def floor_lamp(scene: Builder, rng: Random, pose: Pose, _: Theme) -> None:
    """A tall lamp."""
    lamp(scene, rng, pose, rng.uniform(1.2, 1.7))


def floor_plant(scene: Builder, rng: Random, pose: Pose, _: Theme) -> None:
    """A large plant, on the floor or on a stand."""
    lift = rng.choice([0.0, 0.5])
    if lift:
        scene.cone(pose.at(0, lift / 2, 0), 0.15, lift / 2, anything(rng), top=0.7)
    plant(scene, rng, pose.at(0, lift, 0))


def appliance(scene: Builder, rng: Random, pose: Pose, _: Theme) -> None:
    """A fridge, an oven, a washing machine, a radiator, a television on a board."""
    shade = flat(rng.choice([0.02, 0.3, 0.8]), shine=0.4)
    kind = rng.random()
    if kind < 0.4:
        half = (rng.uniform(0.28, 0.4), rng.choice([0.42, 0.9]), 0.3)
        scene.box(pose.at(0, half[1], 0), half, shade)
        scene.box(pose.at(half[0] * 0.8, half[1] * 1.2, -0.32), (0.012, half[1] * 0.3, 0.012), flat(0.5))
        round_ = pose.at(0, half[1], -0.3, pitch=np.pi / 2)
        if half[1] < 0.5:
            scene.cone(round_, 0.17, 0.015, flat(0.03, shine=0.6))
    elif kind < 0.65:
        scene.grid(
            pose.at(0, 0.4, 0.15),
            (rng.uniform(0.3, 0.8), 0.3, 0.04),
            shade,
            (float(rng.integers(8, 24)), 2, 0.6),
        )
    else:
        wide = rng.uniform(0.35, 0.7)
        scene.box(pose.at(0, 0.22, 0.05), (wide * 1.1, 0.22, 0.2), shade)
        scene.box(pose.at(0, 0.5 + wide * 0.56, 0.1), (wide, wide * 0.56, 0.03), flat(0.02))
        scene.box(pose.at(0, 0.5 + wide * 0.56, 0.066), (wide * 0.97, wide * 0.53, 0.005), screen(rng))


def counter(scene: Builder, rng: Random, pose: Pose, theme: Theme) -> None:
    """A kitchen counter with cupboards above and below and things on it."""
    wide = rng.uniform(0.6, 1.6)
    cabinet_of(scene, rng, pose, theme, (wide, 0.43, 0.3), 0)
    scene.box(pose.at(0, 0.88, -0.02), (wide + 0.02, 0.02, 0.33), anything(rng))
    strew(scene, rng, pose.at(0, 0.9, 0), (wide * 0.9, 0.22), int(rng.integers(2, 12)), SMALL)
    if rng.random() < 0.7:
        cabinet_of(scene, rng, pose.at(0, 1.45, 0.12), theme, (wide, 0.35, 0.17), 0)


def washroom(scene: Builder, rng: Random, pose: Pose, _: Theme) -> None:
    """A basin, a toilet or a bath, mostly white."""
    white, kind = flat(rng.uniform(0.6, 0.9), shine=0.6, sharp=60), rng.random()
    if kind < 0.35:
        scene.cone(pose.at(0, 0.35, 0), 0.08, 0.35, white)
        scene.ball(pose.at(0, 0.8, 0), (0.28, 0.13, 0.22), white)
        scene.rod(pose.at(0, 0.9, 0.15).origin, pose.at(0, 1.0, 0.0).origin, 0.015, flat(0.4, shine=1.0))
    elif kind < 0.7:
        scene.cone(pose.at(0, 0.2, -0.05), 0.13, 0.2, white, top=1.4)
        scene.ball(pose.at(0, 0.4, -0.08), (0.19, 0.04, 0.24), white)
        scene.box(pose.at(0, 0.6, 0.18), (0.2, 0.2, 0.09), white)
    else:
        scene.box(pose.at(0, 0.1, 0), (0.8, 0.1, 0.35), white)
        for z in (-0.33, 0.33):
            scene.box(pose.at(0, 0.3, z), (0.8, 0.28, 0.03), white)
        for x in (-0.78, 0.78):
            scene.box(pose.at(x, 0.3, 0), (0.03, 0.28, 0.35), white)


def litter(scene: Builder, rng: Random, pose: Pose, _: Theme) -> None:
    """Things on the floor."""
    strew(scene, rng, pose, (0.5, 0.5), int(rng.integers(1, 8)), (*LOW, *SMALL[4:8]))


AT_WALLS: dict[str, tuple[Piece, ...]] = {
    "living": (sofa, sofa, cabinet, shelf, shelf, floor_lamp, floor_plant, appliance, desk, cabinet, chair),
    "bedroom": (bed, bed, cabinet, cabinet, shelf, desk, floor_lamp, chair, floor_plant),
    "office": (desk, desk, desk, shelf, shelf, cabinet, chair, floor_plant, appliance),
    "kitchen": (counter, counter, counter, appliance, cabinet, shelf, floor_plant),
    "bathroom": (washroom, washroom, washroom, cabinet, appliance, stool),
}
"""What stands along the walls of each kind of room."""

AMIDST: dict[str, tuple[Piece, ...]] = {
    "living": (dining, coffee_table, coffee_table, sofa, chair, stool, litter, dining),
    "bedroom": (chair, stool, litter, litter, bed, coffee_table),
    "office": (desk, desk, chair, chair, dining, litter),
    "kitchen": (dining, dining, chair, stool, counter),
    "bathroom": (stool, litter, litter),
}
"""What stands in the middle."""
