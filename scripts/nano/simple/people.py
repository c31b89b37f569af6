"""People: limbs of tapered rods, heads with faces; standing, seated, close to the lens."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simple.building import Builder, Pose, Vector
from simple.materials import (
    Colour,
    Material,
    Random,
    anything,
    cloth,
    fitted,
    flat,
    hair,
    skin,
    surface,
)

Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Looks:
    """Skin, hair and clothes of one person."""

    tone: Colour
    flesh: Material
    hair: Material
    shirt: Material
    trousers: Material
    shoes: Material
    sleeves: bool

    @property
    def sleeve(self) -> Material:
        """What covers the forearms."""
        return self.shirt if self.sleeves else self.flesh


def looks(rng: Random) -> Looks:
    """Somebody."""
    tone = skin(rng)
    flesh = surface(rng, "cloud", base=tone, spread=0.08, scale=5.0)
    shirt = anything(rng) if rng.random() < 0.4 else cloth(rng)
    return Looks(
        tone, replace(flesh, shine=0.1), hair(rng), shirt, cloth(rng), cloth(rng), bool(rng.random() < 0.6)
    )


def head(scene: Builder, rng: Random, pose: Pose, who: Looks) -> None:
    """Head with face, hair, ears, nose; the chin is at the pose's origin and the face looks to -z."""
    features = fitted(rng, "face", who.tone, who.hair.colours[0], who.tone * np.array([0.75, 0.4, 0.4]))
    wide, tall = rng.uniform(0.068, 0.08), rng.uniform(0.11, 0.125)
    scene.ball(pose.at(0, tall, 0), (wide, tall, 0.095), features)
    scene.ball(pose.at(0, tall * 0.75, -0.098), (0.013, 0.022, 0.016), who.flesh)
    for side in (-1, 1):
        scene.ball(pose.at(side * wide, tall * 0.95, 0.01), (0.012, 0.03, 0.02), who.flesh)
    style = rng.random()
    if style < 0.85:
        top = rng.uniform(0.085, 0.11)
        scene.ball(pose.at(0, tall * 1.3, 0.025), (wide * 1.14, top, 0.097), who.hair)
        if style < 0.25:
            scene.ball(pose.at(0, tall * 0.5, 0.05), (wide * 1.3, 0.2, 0.06), who.hair)
        elif style < 0.4:
            scene.leaves(
                pose.at(0, tall * 1.35, 0.02), (wide * 1.4, top * 1.25, 0.12), who.hair, (9.0, 0.45, style)
            )
    elif style < 0.93:
        scene.cone(pose.at(0, tall * 1.75, 0), wide * 1.15, 0.045, who.shirt, top=0.85)
        scene.cone(pose.at(0, tall * 1.5, -0.05), wide * 1.3, 0.008, who.shirt)


def torso(scene: Builder, rng: Random, pose: Pose, who: Looks) -> float:
    """Neck, chest and belly under a chin at the pose's origin; returns half the width of the shoulders."""
    wide = float(rng.uniform(0.17, 0.22))
    head(scene, rng, pose.at(0, 0, -0.02, *rng.normal(0, (0.4, 0.15, 0.12))), who)
    scene.cone(pose.at(0, -0.03, 0.01), 0.055, 0.07, who.flesh, top=0.9)
    scene.ball(pose.at(0, -0.14, 0.02), (wide * 0.95, 0.1, 0.085), who.shirt)
    scene.cone(pose.at(0, -0.34, 0.02), wide * 0.83, 0.22, who.shirt, top=1.15, flat=0.52)
    scene.ball(pose.at(0, -0.4, 0.01), (wide * 0.88, 0.2, rng.uniform(0.09, 0.15)), who.shirt)
    if rng.random() < 0.35:
        _front(scene, rng, pose, wide)
    return wide


def _front(scene: Builder, rng: Random, pose: Pose, wide: float) -> None:
    """What an open jacket shows: a light shirt and perhaps a tie."""
    scene.ball(pose.at(0, -0.22, -0.035), (wide * 0.4, 0.17, 0.08), flat(rng.uniform(0.3, 0.9)))
    if rng.random() < 0.6:
        scene.ball(pose.at(0, -0.24, -0.09), (0.025, 0.17, 0.03), cloth(rng))


def limb(
    scene: Builder, points: list[Vector], radii: tuple[float, float, float], cover: list[Material]
) -> None:
    """Two tapered rods with round joints; three points, three radii, a material for each rod."""
    for i in (0, 1):
        scene.rod(points[i], points[i + 1], radii[i], cover[i], top=radii[i + 1] / radii[i])
        scene.ball(Pose(points[i]), (radii[i],) * 3, cover[i])


def hand(scene: Builder, rng: Random, wrist: Vector, toward: Vector, flesh: Material) -> None:
    """A palm and, on most, fingers along `toward` (a unit vector)."""
    palm = wrist + toward * 0.05
    scene.rod(wrist, palm + toward * 0.04, 0.032, flesh, top=1.2)
    across = np.cross(toward, [0.2, 0.3, 1.0])
    across /= np.linalg.norm(across)
    for finger in range(4):
        start = palm + toward * 0.03 + across * (finger - 1.5) * 0.019
        scene.rod(start, start + toward * rng.uniform(0.03, 0.08), 0.01, flesh, top=0.8)


def arms(scene: Builder, rng: Random, pose: Pose, wide: float, who: Looks) -> None:
    """Both arms of a torso whose chin is at the pose's origin: hanging, folded, pointing or raised."""
    for side in (-1, 1):
        bend = rng.choice(["hang", "fold", "reach", "raise"], p=[0.4, 0.3, 0.2, 0.1])
        upper, lower = _bends(rng, side)[bend]
        shoulder = pose.at(side * wide, -0.13, 0.02).origin
        elbow = shoulder + pose.axes @ (upper / np.linalg.norm(upper) * 0.28)
        along = pose.axes @ (lower / np.linalg.norm(lower))
        limb(scene, [shoulder, elbow, elbow + along * 0.24], (0.058, 0.045, 0.033), [who.shirt, who.sleeve])
        hand(scene, rng, elbow + along * 0.24, along, who.flesh)


def _bends(rng: Random, side: int) -> dict[str, tuple[Vector, Vector]]:
    """Directions of upper arm and forearm, in the body's axes."""
    stray = rng.normal(0, 0.15, (2, 3))
    ways = {
        "hang": ((side * 0.15, -1, 0), (side * 0.05, -1, -0.2)),
        "fold": ((side * 0.2, -1, 0.05), (-side * 0.7, 0.2, -0.8)),
        "reach": ((side * 0.1, -0.7, -0.6), (0, 0.1, -1)),
        "raise": ((side * 0.7, -0.6, -0.3), (side * 0.1, 1, -0.4)),
    }
    return {name: (np.array(a) + stray[0], np.array(b) + stray[1]) for name, (a, b) in ways.items()}


def bust(scene: Builder, rng: Random, pose: Pose) -> None:
    """Upper body of somebody whose chin is at the pose's origin, facing -z."""
    who = looks(rng)
    arms(scene, rng, pose, torso(scene, rng, pose, who), who)


def standing(scene: Builder, rng: Random, pose: Pose) -> None:
    """A standing or walking person whose feet are at the pose's origin; now and then a child."""
    who, tall = looks(rng), float(rng.uniform(0.92, 1.1))
    chin = pose.at(0, 1.5 * tall, 0)
    arms(scene, rng, chin, torso(scene, rng, chin, who), who)
    stride, hips = rng.normal(0, 0.2), 0.92 * tall
    if rng.random() < 0.15:
        scene.cone(pose.at(0, 0.72 * tall, 0.02), 0.26, 0.25 * tall, who.trousers, top=0.55)
    scene.ball(pose.at(0, 0.97 * tall, 0.02), (0.17, 0.14, 0.12), who.trousers)
    for side in (-1, 1):
        _leg(
            scene,
            who,
            pose,
            [(0.09, hips, 0.02), (0.1, 0.48 * tall, side * stride * 0.4 - 0.03)],
            side,
            stride,
        )


def _leg(
    scene: Builder, who: Looks, pose: Pose, joints: list[tuple[float, float, float]], side: int, z: float
) -> None:
    points = [pose.at(side * x, y, depth).origin for x, y, depth in joints]
    ankle = pose.at(side * 0.1, 0.08, side * z)
    limb(scene, [*points, ankle.origin], (0.088, 0.064, 0.045), [who.trousers, who.trousers])
    scene.ball(ankle.at(0, -0.03, -0.07), (0.045, 0.05, 0.13), who.shoes)


def seated(scene: Builder, rng: Random, pose: Pose, seat: float = 0.45) -> None:
    """A person on a seat of this height, whose middle is above the pose's origin; the feet are towards -z."""
    who = looks(rng)
    chin = pose.at(0, seat + 0.66, 0.08, pitch=rng.normal(0.05, 0.08))
    arms(scene, rng, chin, torso(scene, rng, chin, who), who)
    scene.ball(pose.at(0, seat + 0.1, 0.08), (0.18, 0.13, 0.15), who.trousers)
    for side in (-1, 1):
        joints = [(0.09, seat + 0.08, 0.05), (0.11, seat + 0.09, -0.38)]
        _leg(scene, who, pose, joints, side, side * rng.uniform(-0.5, -0.25))


def hand_near_lens(scene: Builder, rng: Random, eye: Pose) -> None:
    """A hand (and forearm) that reaches into the picture in front of the camera pose `eye`."""
    flesh = looks(rng).flesh
    side = rng.choice([-1, 1])
    wrist = eye.at(side * rng.uniform(0.03, 0.25), rng.uniform(-0.2, 0.02), rng.uniform(0.22, 0.5)).origin
    elbow = eye.at(side * rng.uniform(0.2, 0.5), -0.45, rng.uniform(0.0, 0.5)).origin
    along = (wrist - elbow) / np.linalg.norm(wrist - elbow)
    scene.rod(elbow, wrist, 0.045, looks(rng).sleeve, top=0.75)
    hand(scene, rng, wrist, along, flesh)
