"""How a picture is taken: from where, with which lens, and what camera and codec do to it."""

from __future__ import annotations

import numpy as np

from simple.building import WORLD, Builder, Pose
from simple.illumination import sun_light
from simple.materials import Random
from simple.scene import Camera, Effects, Scene


def tangent(rng: Random) -> float:
    """Of half a field of view between 40 and 90 degrees."""
    return float(np.tan(np.radians(rng.uniform(40, 90)) / 2))


def effects(rng: Random) -> Effects:
    """Mostly a decent camera; now and then one that is out of focus, shaken, too dark, too bright or grey."""
    dark = rng.random() < 0.07
    sensor = float(rng.choice([0.002, 0.006, 0.015]))
    return Effects(
        exposure=float(np.exp(rng.normal(-2.8 if dark else -1.35, 0.45))),
        gamma=float(rng.uniform(1.9, 2.4)),
        contrast=float(np.exp(rng.normal(0.15, 0.15))),
        saturation=float(
            rng.choice([0.0, rng.uniform(0.2, 0.7), 1.0, rng.uniform(0.8, 1.4)], p=[0.05, 0.15, 0.4, 0.4])
        ),
        gains=tuple(np.exp(rng.normal(0, 0.08, 3)).tolist()),
        vignette=float(rng.choice([0.0, 0.0, rng.uniform(0, 0.6)])),
        blur=float(rng.choice([0.0, 0.35, 0.6, 0.9, 1.6], p=[0.3, 0.4, 0.18, 0.08, 0.04])),
        defocus=float(rng.choice([0.0, rng.uniform(0.8, 2.5)], p=[0.9, 0.1])),
        focus=float(rng.random()),
        shake=_shake(rng),
        noise=sensor * (2.0 if dark else 1.0),
        grain=float(rng.choice([0.0, 1.0])),
        quantised=float(rng.choice([0.0, np.exp(rng.uniform(-4.5, -2.2))])),
        sharpened=float(rng.choice([0.0, rng.uniform(0.2, 1.0)])),
    )


def _shake(rng: Random) -> tuple[float, float]:
    if rng.random() < 0.88:
        return 0.0, 0.0
    x, y = rng.normal(0, 3.0, 2)
    return float(x), float(y)


def ground_for(rng: Random) -> Pose:
    """Level, or a slope."""
    return (
        WORLD.at(0, 0, 0, pitch=rng.normal(0, 0.05), roll=rng.normal(0, 0.03))
        if rng.random() < 0.4
        else WORLD
    )


def outdoors(
    rng: Random,
    scene: Builder,
    ground: Pose,
    high: float,
    pitch: float,
    turn: float = 0.25,
    *,
    tilt: float = 0.1,
) -> Scene:
    """A picture from `high` metres above the ground, tilted down by `pitch` radians, give or take `tilt`.

    `turn` is the standard deviation of where it looks to the side, `tilt` that of up and down, radians.
    """
    eye = ground.at(0, high, 0, rng.normal(0, turn), rng.normal(pitch, tilt), rng.normal(0, tilt / 2))
    camera = Camera(eye.origin, eye.axes, tangent(rng))
    return Scene(camera, sun_light(rng), effects(rng), scene.finish(eye.origin))
