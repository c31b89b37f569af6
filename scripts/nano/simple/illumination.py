"""The light of a day or of a room."""

from __future__ import annotations

import numpy as np

from simple.materials import Random
from simple.scene import Lamp, Light


def sun_light(rng: Random) -> Light:
    """Sun, overcast, dusk or night, with some haze."""
    way = np.array([rng.normal(), rng.uniform(0.15, 1.5), rng.normal()])
    strength = float(rng.choice([0.0, rng.uniform(1.0, 5.0)], p=[0.3, 0.7]))
    sun = np.array([1.0, rng.uniform(0.8, 1.0), rng.uniform(0.55, 1.0)]) * strength
    key = Lamp(way / np.linalg.norm(way), False, sun, shadow=strength > 0 and bool(rng.random() < 0.75))
    blue = (
        np.array([0.2, 0.42, 0.9]) if strength and rng.random() < 0.7 else np.full(3, rng.uniform(0.5, 0.9))
    )
    zenith = blue * rng.uniform(0.4, 1.3)
    horizon = 0.5 * zenith + rng.uniform(0.2, 0.8)
    above = 0.6 * zenith + 0.1
    if rng.random() < 0.07:
        zenith, horizon, above = zenith * 0.02, horizon * 0.05, above * 0.2
        key = Lamp(
            np.array([rng.normal(0, 3), 4.5, rng.uniform(2, 9)]), True, np.array([9.0, 7, 4]), shadow=True
        )
    fog = float(rng.choice([0.0, 0.003, 0.01, 0.035], p=[0.5, 0.3, 0.15, 0.05]))
    fill = Lamp(np.array([0.0, 1.0, 0.0]), False, np.zeros(3))
    ground = above * rng.uniform(0.2, 0.5) + 0.1 * sun
    return Light(key, fill, above, ground, horizon, zenith, fog, float(rng.choice([0, 0.4, 0.7, 0.9])))


def room_light(rng: Random, half: float, ahead: float, high: float) -> Light:
    """Daylight from windows or a lamp, some of it thrown back by walls `half` metres aside and `ahead`."""
    tint = np.array([1.0, rng.uniform(0.75, 1.0), rng.uniform(0.5, 1.0)])
    place = np.array(
        [
            rng.uniform(-0.8, 0.8) * half,
            high * rng.uniform(0.6, 0.95),
            rng.uniform(-0.8, 0.7 * ahead),
        ]
    )
    lamp = Lamp(place, True, tint * rng.uniform(1, 7), shadow=bool(rng.random() < 0.8))
    way = np.array([rng.normal(), rng.uniform(0.2, 1.0), rng.normal()])
    bright = np.array([1.0, 0.95, 0.85]) * rng.uniform(1, 5)
    sun = Lamp(way / np.linalg.norm(way), False, bright, shadow=True)
    ambient = tint[::-1] * rng.uniform(0.15, 0.7)
    sky = np.array([0.6, 0.75, 1.0]) * rng.uniform(0.5, 5)
    if rng.random() < 0.3:
        return Light(sun, lamp, ambient, ambient * rng.uniform(0.4, 1.0), sky, sky)
    side = np.array([rng.normal(), rng.uniform(0, 0.5), -1.0])
    daylight = Lamp(side / np.linalg.norm(side), False, tint[::-1] * rng.uniform(0, 0.6))
    second = Lamp(np.array([rng.normal(0, 1), 1.5, 0.0]), True, tint * rng.uniform(0, 2), shadow=True)
    return Light(
        lamp, second if rng.random() < 0.4 else daylight, ambient, ambient * rng.uniform(0.3, 0.9), sky, sky
    )
