"""Follows light through a scene, backwards from the camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyoidn
from numpy.typing import NDArray

from streamdepth.training.dataset import UNKNOWN
from traced.camera import Camera
from traced.lights import Lights, direct
from traced.vectors import dot, unit
from traced.world import FAR, Hits, Surfaces, World

Floats = NDArray[np.float32]
Random = np.random.Generator
_OFFSET = np.float32(1e-3)


@dataclass(frozen=True)
class Effort:
    """How much is computed for a picture."""

    rays: int = 2
    """Rays for each pixel."""
    bounces: int = 1
    """How often light is followed further after the first surface."""
    first_lights: int = 2
    """Lights that are tried at the first surface."""
    quality: str = "fast"
    """Of the denoiser."""


@dataclass(frozen=True, eq=False)
class Taken:
    """A picture before it is developed."""

    linear: Floats
    """(H, W, 3) radiance."""
    inverse: Floats
    """(H, W) 1 / metres along the axis, 0 in the sky, `UNKNOWN` behind glass and where an environment shows houses."""
    thing: NDArray[np.int32]
    """(H, W) number of the object, -1 for the sky."""


@dataclass
class _Sums:
    """What is added up for each pixel."""

    colour: Floats
    albedo: Floats
    normal: Floats


def measure(world: World, camera: Camera, height: int, width: int) -> tuple[Floats, NDArray[np.int32]]:
    """(H, W) exact inverse depth of the pixels' middles, and which object is there, -1 for the sky."""
    direction = camera.directions(height, width)
    hits = world.nearest(_origins(camera, len(direction)), direction)
    inverse = np.where(hits.found, 1 / np.maximum(hits.distance, 1e-6), 0).astype(np.float32)
    thing = np.where(hits.found, world.triangles.thing[np.maximum(hits.triangle, 0)], -1)
    return inverse.reshape(height, width), thing.reshape(height, width).astype(np.int32)


def take(
    world: World, lights: Lights, camera: Camera, size: tuple[int, int], rng: Random, effort: Effort
) -> Taken:
    """Take a picture of (height, width)."""
    height, width = size
    count = height * width
    sums = _Sums(*(np.zeros((count, 3), np.float32) for _ in range(3)))
    for _ in range(effort.rays):
        jitter = rng.random((count, 2), np.float32) - np.float32(0.5)
        _follow(world, lights, camera, camera.directions(height, width, jitter), sums, rng, effort)
    shape = (height, width, 3)
    colour, albedo, normal = (
        (array / np.float32(effort.rays)).reshape(shape).astype(np.float32)
        for array in (sums.colour, sums.albedo, sums.normal)
    )
    clean = pyoidn.denoise(colour, albedo.clip(0, 1), normal, hdr=True, quality=effort.quality)
    inverse, thing = measure(world, camera, height, width)
    inverse[_unsure(world, lights, camera, inverse)] = UNKNOWN
    return Taken(np.maximum(clean, 0), inverse, thing)


def _unsure(world: World, lights: Lights, camera: Camera, inverse: Floats) -> NDArray[np.bool_]:
    """(H, W) where depth is a matter of opinion: behind glass, and houses and trees in the picture of a sky."""
    direction = camera.directions(*inverse.shape)
    distance = np.where(inverse > 0, 1 / np.maximum(inverse, 1e-9), FAR).astype(np.float32).ravel()
    unsure = world.behind_glass(_origins(camera, len(direction)), direction, distance)
    if lights.open_air:
        unsure |= (inverse.ravel() == 0) & ~lights.sky.known(direction)
    return unsure.reshape(inverse.shape)


@dataclass
class _Paths:
    """Paths that still go on; all arrays have their length."""

    pixel: NDArray[np.int64]
    origin: Floats
    direction: Floats
    weight: Floats
    """(K, 3) how much of the light that comes from there reaches the pixel."""
    cone: Floats
    """Width of the path 1 m further, metres: how blurred it sees textures."""
    straight: NDArray[np.bool_]
    """Whether it comes from the camera or a mirror, so that lamps and the sky are seen themselves."""

    def kept(self, rows: NDArray[np.bool_]) -> _Paths:
        """Those of `rows`."""
        return _Paths(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def _follow(
    world: World, lights: Lights, camera: Camera, direction: Floats, sums: _Sums, rng: Random, effort: Effort
) -> None:
    """Add one path for each pixel to `sums`."""
    count = len(direction)
    paths = _Paths(
        np.arange(count),
        _origins(camera, count),
        direction,
        np.ones((count, 3), np.float32),
        np.full(count, 2 * camera.tangent / np.sqrt(count), np.float32),
        np.ones(count, bool),
    )
    for bounce in range(effort.bounces + 1):
        paths, hits = _past_the_sky(world, lights, paths, sums, rng)
        if not len(paths.pixel):
            return
        place = paths.origin + paths.direction * hits.distance[:, None]
        ahead = unit(paths.direction)
        jitter = rng.random((len(place), 2), np.float32) - np.float32(0.5)
        what = world.surfaces(hits, ahead, paths.cone * hits.distance, jitter)
        if bounce == 0:
            sums.albedo[paths.pixel] += what.albedo
            sums.normal[paths.pixel] += what.normal
        tries = effort.first_lights if bounce == 0 else 1
        light = np.zeros_like(place)
        for _ in range(tries):
            light += direct(world, lights, place, what.normal, what.flat, rng) / np.float32(tries)
        if bounce == effort.bounces:
            light += np.float32(np.pi) * lights.ambient
        onward = _onward(what, ahead, rng)
        diffuse = what.albedo * (1 - onward.gloss)[:, None] * light / np.float32(np.pi)
        glow = what.emission * paths.straight[:, None]
        sums.colour[paths.pixel] += paths.weight * glow + _calm(
            np.asarray(diffuse * paths.weight, np.float32), bounce, lights
        )
        paths.weight = paths.weight * onward.weight
        paths.origin, paths.direction = place + what.flat * _OFFSET, onward.direction
        paths.straight, paths.cone = onward.shine, np.where(onward.shine, paths.cone, np.float32(0.2))


def _past_the_sky(
    world: World, lights: Lights, paths: _Paths, sums: _Sums, rng: Random
) -> tuple[_Paths, Hits]:
    """The paths that hit something, and where; those that do not end in the sky."""
    hits = world.nearest(paths.origin, paths.direction, rng.random(len(paths.pixel), np.float32))
    sky = paths.kept(~hits.found & paths.straight)
    sums.colour[sky.pixel] += sky.weight * lights.sky.seen(sky.direction)
    sums.albedo[sky.pixel] += sky.weight
    return paths.kept(hits.found), _kept(hits, hits.found)


@dataclass(frozen=True, eq=False)
class _Onward:
    """Where light is followed after a surface."""

    direction: Floats
    shine: NDArray[np.bool_]
    """Whether as in a mirror."""
    gloss: Floats
    """(K,) share of light that is thrown back so."""
    weight: Floats
    """(K, 3) of what comes from there."""


def _onward(what: Surfaces, direction: Floats, rng: Random) -> _Onward:
    """Chooses between mirror and matt by what they probably give."""
    slant = np.abs(dot(what.normal, direction)).clip(0, 1)
    gloss = np.where(what.gloss > 0, what.gloss + (1 - what.gloss) * (1 - slant) ** 5, 0).astype(np.float32)
    matt = (1 - gloss) * what.albedo.max(1)
    share = np.where(gloss > 0, (gloss / (gloss + 0.5 * matt + 1e-6)).clip(0.1, 1), 0)
    shine = rng.random(len(slant), np.float32) < share
    ball = unit(rng.normal(size=direction.shape).astype(np.float32))
    mirror = direction - 2 * dot(direction, what.normal)[:, None] * what.normal
    mirror = mirror + ball * (what.rough**2)[:, None]
    outgoing = np.where(shine[:, None], mirror, what.normal + ball * np.float32(0.999))
    below = dot(outgoing, what.flat)
    outgoing = outgoing + np.maximum(0.01 - below, 0)[:, None] * what.flat
    weight = np.where(shine, gloss / np.maximum(share, 1e-6), (1 - gloss) / np.maximum(1 - share, 1e-6))
    tint = np.where(shine[:, None], np.float32(1), what.albedo) * weight[:, None]
    return _Onward(unit(outgoing), shine, gloss, np.asarray(tint, np.float32))


def _calm(light: Floats, bounce: int, lights: Lights) -> Floats:
    """Caps what comes by way of other surfaces, so that no single path makes a bright dot."""
    if bounce == 0:
        return light
    limit = 4 * float(lights.sky.mean.mean()) + sum(float(lamp.power.mean()) for lamp in lights.lamps)
    peak = light.max(1, keepdims=True)
    return np.asarray(light * np.minimum(1, limit / np.maximum(peak, 1e-9)))


def _kept(hits: Hits, rows: NDArray[np.bool_]) -> Hits:
    return Hits(hits.distance[rows], hits.triangle[rows], hits.u[rows], hits.v[rows])


def _origins(camera: Camera, count: int) -> Floats:
    return np.broadcast_to(camera.eye.astype(np.float32), (count, 3)).copy()
