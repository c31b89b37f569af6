"""Animals of ellipsoids and rods. Each stands on its pose's origin and looks to -z."""

from __future__ import annotations

import numpy as np

from simple.building import Builder, Pose
from simple.materials import Material, Random, colour, flat, surface


def coat(rng: Random) -> Material:
    """Fur, plain or spotted."""
    base = colour(rng, 0.15)
    return surface(rng, "grain", "cloud", "blotch", "plain", base=base, spread=0.5, scale=2.5)


def quadruped(scene: Builder, rng: Random, pose: Pose) -> None:
    """A cat, a dog, a sheep, a horse, a cow."""
    size, fur = float(np.exp(rng.uniform(-1.4, 0.3))), coat(rng)
    long, high, thick = (
        size * rng.uniform(0.4, 0.6),
        size * rng.uniform(0.3, 0.8),
        size * rng.uniform(0.15, 0.28),
    )
    scene.ball(pose.at(0, high + thick, 0), (thick, thick * 1.1, long), fur)
    for x in (-1, 1):
        for z in (-1, 1):
            hip = pose.at(x * thick * 0.6, high + thick * 0.7, z * long * 0.7).origin
            foot = pose.at(x * thick * 0.6, 0, z * long * 0.7 + rng.normal(0, 0.08) * size).origin
            scene.rod(foot, hip, thick * 0.22, fur, top=1.8)
    neck = pose.at(0, high + thick * 1.4, -long * 0.8).origin
    front = pose.at(
        rng.normal(0, 0.1) * size, high + thick * rng.uniform(1.5, 3.5), -long * rng.uniform(1.0, 1.4)
    )
    scene.rod(neck, front.origin, thick * 0.5, fur, top=0.8)
    _muzzle(scene, rng, front, thick, fur)
    tail = pose.at(0, high + thick * rng.uniform(0, 3), long * rng.uniform(1.1, 1.6)).origin
    scene.rod(pose.at(0, high + thick * 1.3, long * 0.9).origin, tail, thick * 0.15, fur, top=0.6)


def _muzzle(scene: Builder, rng: Random, pose: Pose, size: float, fur: Material) -> None:
    face = pose.at(0, 0, 0, yaw=rng.normal(0, 0.5))
    scene.ball(face, (size * 0.55, size * 0.55, size * 0.7), fur)
    scene.ball(face.at(0, -size * 0.15, -size * 0.7), (size * 0.3, size * 0.27, size * 0.4), fur)
    scene.ball(face.at(0, -size * 0.05, -size * 1.08), (size * 0.1, size * 0.08, size * 0.06), flat(0.01))
    tall = size * rng.uniform(0.2, 0.8)
    for side in (-1, 1):
        scene.ball(
            face.at(side * size * 0.35, size * 0.45 + tall * 0.6, 0.1 * size),
            (size * 0.16, tall, size * 0.1),
            fur,
        )
        scene.ball(
            face.at(side * size * 0.27, size * 0.2, -size * 0.55), (size * 0.09,) * 3, flat(0.01, shine=1.0)
        )


def upright(scene: Builder, rng: Random, pose: Pose) -> None:
    """A round creature on two legs, as of a cartoon or a toy shelf."""
    size, fur, belly = float(np.exp(rng.uniform(-2.2, 0.2))), coat(rng), coat(rng)
    scene.ball(pose.at(0, size * 0.6, 0), (size * 0.4, size * 0.5, size * 0.36), fur)
    scene.ball(pose.at(0, size * 0.55, -size * 0.12), (size * 0.3, size * 0.38, size * 0.28), belly)
    _muzzle(scene, rng, pose.at(0, size * 1.25, -size * 0.05), size * 0.5, fur)
    for side in (-1, 1):
        scene.ball(
            pose.at(side * size * 0.2, size * 0.08, -size * 0.12),
            (size * 0.14, size * 0.09, size * 0.26),
            fur,
        )
        hand = pose.at(side * size * rng.uniform(0.4, 0.7), size * rng.uniform(0.3, 1.1), -size * 0.3).origin
        scene.rod(pose.at(side * size * 0.33, size * 0.85, 0).origin, hand, size * 0.1, fur, top=0.8)


def animal(scene: Builder, rng: Random, pose: Pose) -> None:
    """Any animal."""
    (quadruped if rng.random() < 0.7 else upright)(scene, rng, pose)
