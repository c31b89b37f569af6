"""Parks and hills, masts against the sky, and jumbles of solids."""

from __future__ import annotations

import numpy as np

from simple.animals import animal
from simple.building import WORLD, Builder, Pose, Vector, rotation
from simple.illumination import sun_light
from simple.materials import Material, Random, anything, flat, foliage, surface
from simple.outdoors import PARK, bench, bush, lattice, post, tree
from simple.people import seated, standing
from simple.scene import Camera, Scene
from simple.taking import effects, ground_for, outdoors, tangent


def park(rng: Random) -> Scene:
    """Grass, paths, trees, water, hills, people."""
    scene, ground = Builder(), ground_for(rng)
    grass = surface(rng, "grain", "leaves", "cloud", base=foliage(rng).colours[0], spread=0.25, scale=1.0)
    if rng.random() < 0.3:
        grass = surface(rng, "grain", "cloud", base=np.array([0.4, 0.3, 0.2]), spread=0.3)
    scene.box(ground.at(0, -1, 0), (300, 1, 300), grass, casts=False)
    if rng.random() < 0.5:
        path = surface(rng, "grain", "cobbles", "cloud", base=np.full(3, rng.uniform(0.1, 0.5)))
        scene.box(
            ground.at(rng.normal(0, 1.5), 0, 20, yaw=rng.normal(0, 0.3)),
            (rng.uniform(0.6, 2), 0.01, 30),
            path,
        )
    if rng.random() < 0.25:
        water = flat(np.array([0.03, 0.07, 0.09]), shine=1.0, sharp=80)
        scene.box(ground.at(rng.normal(0, 8), 0, rng.uniform(8, 40)), (rng.uniform(3, 30), 0.02, 5), water)
    _hills(scene, rng, ground, grass)
    for _ in range(int(rng.integers(4, 16))):
        far = np.exp(rng.uniform(0.7, 3.9))
        place = ground.at(rng.uniform(-0.9, 0.9) * far, 0, far, yaw=rng.uniform(0, 6.3))
        PARK[rng.integers(len(PARK))](scene, rng, place)
    for _ in range(int(rng.integers(0, 4))):
        far = np.exp(rng.uniform(0.3, 2.6))
        place = ground.at(rng.uniform(-0.5, 0.5) * far, 0, far, yaw=rng.uniform(0, 6.3))
        if rng.random() < 0.2:
            bench(scene, rng, place)
            seated(scene, rng, place)
        else:
            (standing if rng.random() < 0.6 else animal)(scene, rng, place)
    for _ in range(int(rng.integers(0, 6))):
        far, size = np.exp(rng.uniform(0.3, 2.6)), np.exp(rng.uniform(-2.5, 0, 3))
        scene.ball(
            ground.at(rng.uniform(-0.6, 0.6) * far, size[1] * 0.3, far), size, surface(rng, "grain", "cloud")
        )
    return outdoors(rng, scene, ground, float(np.exp(rng.uniform(-1, 0.9))), 0.03)


def _hills(scene: Builder, rng: Random, ground: Pose, grass: Material) -> None:
    for _ in range(int(rng.choice([0, 1, 3, 5]))):
        far = np.exp(rng.uniform(2.2, 4.6))
        half = far * rng.uniform((0.3, 0.08, 0.3), (1.2, 0.4, 0.6))
        made = grass if rng.random() < 0.5 else surface(rng, "leaves", "cloud", "grain", scale=0.3)
        scene.ball(ground.at(rng.uniform(-1, 1) * far, -0.1 * half[1], far + half[2]), half, made)


def mast(rng: Random) -> Scene:
    """Thin structures against the sky, looked up at."""
    scene, ground = Builder(), WORLD
    scene.box(ground.at(0, -1, 0), (300, 1, 300), surface(rng, "grain", "leaves", "cloud"), casts=False)
    for _ in range(int(rng.integers(1, 4))):
        far = rng.uniform(4, 25)
        lattice(scene, rng, ground.at(rng.uniform(-1, 0.2) * far, 0, far, yaw=rng.normal(0, 0.8)))
    for _ in range(int(rng.integers(0, 5))):
        far = rng.uniform(5, 30)
        (tree, post, bush)[rng.integers(3)](scene, rng, ground.at(rng.uniform(-0.7, 0.7) * far, 0, far))
    return outdoors(rng, scene, ground, rng.uniform(0.8, 2), -0.25)


def jumble(rng: Random) -> Scene:
    """Solids of any kind, size and place before a wall, a floor or the sky: no habit of the other scenes helps."""
    scene = Builder()
    if rng.random() < 0.7:
        scene.box(WORLD.at(0, -1, 0, pitch=rng.normal(0, 0.2)), (60, 1, 60), anything(rng), casts=False)
    if rng.random() < 0.6:
        scene.box(
            WORLD.at(0, 0, rng.uniform(2, 12), yaw=rng.normal(0, 0.6), roll=rng.normal(0, 0.3)),
            (30, 30, 0.1),
            anything(rng),
        )
    for _ in range(int(np.exp(rng.uniform(1.5, 4.2)))):
        far = np.exp(rng.uniform(-0.7, 2.2))
        half = far * np.exp(rng.uniform(-3.5, -0.9, 3))
        place = WORLD.at(
            rng.uniform(-0.8, 0.8) * far, 1 + rng.uniform(-0.7, 0.7) * far, far, *rng.uniform(0, 6.3, 3)
        )
        _any_solid(scene, rng, place, half)
    eye = np.array([0.0, 1.0, 0.0])
    camera = Camera(eye, rotation(rng.normal(0, 0.2), rng.normal(0, 0.2), rng.normal(0, 0.2)), tangent(rng))
    return Scene(camera, sun_light(rng), effects(rng), scene.finish(eye))


def _any_solid(scene: Builder, rng: Random, place: Pose, half: Vector) -> None:
    made, kind = anything(rng), rng.integers(6)
    if kind == 0:
        scene.ball(place, half, made)
    elif kind == 1:
        scene.cone(place, half[0], half[1], made, top=rng.uniform(0, 1.5))
    elif kind == 2:
        scene.grid(place, half, made, (*rng.integers(1, 8, 2).astype(float), rng.uniform(0.1, 0.5)))
    elif kind == 3:
        scene.leaves(place, half, made, (rng.uniform(3, 9), rng.uniform(0.3, 0.6), rng.uniform(0, 6)))
    elif kind == 4:
        edge = rng.uniform(0.3, 0.9, 4) * np.repeat(half[:2], 2) * [-1, 1, -1, 1]
        scene.frame(place, half, made, tuple(edge))
    else:
        scene.box(place, half, made)
