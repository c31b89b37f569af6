"""What a hit point looks like: pattern, lamps, shadow, sky, fog. All in linear light.

Shapes: T tiles of P rays; vectors are (3, T, P), a scene's own numbers (T, 1) or (3, T, 1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from simple.atlas import Atlas
from simple.geometry import (
    Hits,
    Primitives,
    Rays,
    Shape,
    between,
    blocked,
    local_normal,
)
from simple.materials import Row
from simple.patterns import layers
from simple.scene import Lamp, Light, Scene

_FAR = 80.0
"""Metres: nothing further away throws or takes a shadow."""


@dataclass(frozen=True, eq=False)
class Surfaces:
    """What the rays met."""

    place: Tensor
    """(3, T, P) metres, in the world."""
    normal: Tensor
    """(3, T, P) unit vectors towards the camera."""
    view: Tensor
    """(3, T, P) unit vectors from the camera."""
    distance: Tensor
    """(T, P) metres along the ray; the sky is `_FAR` away."""
    albedo: Tensor
    """(3, T, P) linear RGB."""
    material: Tensor
    """(16, T, P), see `materials.Row`."""
    sky: Tensor
    """(T, P) bool."""


def surfaces(solids: Primitives, rays: Rays, hits: Hits, atlas: Atlas, pixel: Tensor) -> Surfaces:
    """Place, normal and colour of the hits; `pixel` (T, 1) is what a pixel covers at 1 m, in metres."""
    sky = hits.distance.isinf()
    stretch = rays.direction.square().sum(0).sqrt()
    view = rays.direction / stretch
    depth = torch.where(sky, _FAR, hits.distance)
    place = rays.origin + rays.direction * depth
    index = hits.solid
    turn = solids.turn[index].permute(2, 3, 0, 1)
    half = solids.half[index].permute(2, 0, 1)
    offset = place - solids.centre[index].permute(2, 0, 1)
    local = torch.stack([(row * offset).sum(0) for row in turn]) / half
    shape = solids.shape[index]
    facing = local_normal(shape, local, solids.extra[index].permute(2, 0, 1))
    normal = (turn * (facing / half)[:, None]).sum(0)
    normal = normal / normal.square().sum(0).sqrt().clamp(min=1e-9)
    toward = -(normal * view).sum(0)
    normal = normal * torch.where(toward < 0, -1.0, 1.0)
    material = solids.material[:, index]
    size = depth * pixel / toward.abs().clamp(min=0.2)
    anchor = (turn * solids.centre[index].permute(2, 0, 1)).sum(1)
    albedo = _albedo(atlas, material, shape, local, facing, half, size, anchor)
    return Surfaces(place, normal, view, (depth * stretch).clamp(max=_FAR), albedo, material, sky)


def shaded(solids: Primitives, scenes: Sequence[Scene], rays: Rays, seen: Surfaces, atlas: Atlas) -> Tensor:
    """(3, T, P) linear RGB, not yet exposed."""
    numbers = _Numbers([scene.light for scene in scenes], rays.scene)
    above, below = numbers.of(lambda light: light.above), numbers.of(lambda light: light.below)
    horizon = numbers.of(lambda light: light.horizon)
    up = 0.5 + 0.5 * seen.normal[1]
    total = seen.albedo * torch.lerp(below, above, up)
    gloss = torch.zeros_like(total)
    for choose in (lambda light: light.key, lambda light: light.fill):
        diffuse, highlight = _lit(solids, numbers, choose, rays.scene, seen)
        total = total + seen.albedo * diffuse
        gloss = gloss + highlight
    mirror = seen.view[1] - 2 * (seen.view * seen.normal).sum(0) * seen.normal[1]
    gloss = gloss + 0.3 * torch.lerp(below, above, (0.5 + mirror).clamp(0, 1))
    total = total + gloss * seen.material[Row.SHINE] + seen.albedo * seen.material[Row.GLOW]
    fog = numbers.of(lambda light: [light.fog])[0]
    total = torch.lerp(total, horizon.expand_as(total), 1 - (-fog * seen.distance).exp())
    if not bool(seen.sky.any()):
        return total
    return torch.where(seen.sky, _sky(numbers, seen.view, horizon, atlas), total)


class _Numbers:
    """Numbers of each scene's light, spread over the tiles of the scene."""

    def __init__(self, lights: Sequence[Light], scene: Tensor) -> None:
        self.lights = lights
        self._scene = scene

    def of(self, choose: Callable[[Light], Sequence[float] | NDArray[np.float64]]) -> Tensor:
        """(n, T, 1) float32."""
        rows = torch.tensor(np.array([choose(light) for light in self.lights]), dtype=torch.float32)
        return rows.to(self._scene.device)[self._scene].T[..., None]


def _albedo(
    atlas: Atlas,
    material: Tensor,
    shape: Tensor,
    local: Tensor,
    facing: Tensor,
    half: Tensor,
    size: Tensor,
    anchor: Tensor,
) -> Tensor:
    """(3, T, P): the pattern of the material, seen on the face that looks most this way."""
    fitted = material[Row.STRETCH] > 0
    u, v, u_half, v_half, u_anchor, v_anchor = _unfolded(shape, local, facing, half, anchor, fitted)
    scale = material[Row.SCALE]
    # Counted from the world's origin: the pieces of one wall join, two things of one material differ.
    u = torch.where(fitted, (u + 1) / 2, (u * u_half + u_anchor) * scale)
    v = torch.where(fitted, (v + 1) / 2, (v * v_half + v_anchor) * scale)
    footprint = size * torch.where(fitted, 0.5 / torch.minimum(u_half, v_half), scale)
    share = atlas.sample(material[Row.LAYER], u, v, footprint)
    colours = material[:9].reshape(3, 3, *share.shape[1:])
    albedo = (share[:, None] * colours).sum(0)
    slow = torch.where(fitted, 0.3, 0.4 / scale)
    cloud = atlas.sample(torch.full_like(u, layers("cloud").start), u * slow, v * slow, size * 0.4)
    return (albedo * (1 + material[Row.MOTTLE] * (cloud[1] - 0.5))).clamp(0, 1)


def _unfolded(
    shape: Tensor, local: Tensor, facing: Tensor, half: Tensor, anchor: Tensor, fitted: Tensor
) -> tuple[Tensor, ...]:
    """Two of the three coordinates, -1..1 over the face, and the half extents and anchors that go with them."""
    size = facing.abs()
    sideways = (size[0] > size[1]) & (size[0] > size[2])
    upward = (size[1] >= size[0]) & (size[1] > size[2])
    ball = (shape == Shape.ELLIPSOID) | (shape == Shape.LEAVES)
    sideways, upward = sideways & ~(ball & fitted), upward & ~(ball & fitted)
    u, u_half, u_anchor = (torch.where(sideways, part[2], part[0]) for part in (local, half, anchor))
    v, v_half, v_anchor = (torch.where(upward, part[2], part[1]) for part in (local, half, anchor))
    around = (shape == Shape.CONE) & ~upward
    angle = torch.atan2(local[0], -local[2])
    u = torch.where(around, torch.where(fitted, angle / torch.pi, angle), u)
    return u, v, u_half, v_half, u_anchor, v_anchor


def _lit(
    solids: Primitives, numbers: _Numbers, choose: Callable[[Light], Lamp], scene: Tensor, seen: Surfaces
) -> tuple[Tensor, Tensor]:
    """(3, T, P) light of one lamp on the surfaces, and its highlight on something shiny."""
    place = numbers.of(lambda light: choose(light).place)
    near = numbers.of(lambda light: [choose(light).near])[0]
    colour = numbers.of(lambda light: choose(light).colour)
    way = place - near * seen.place
    length = way.square().sum(0).sqrt().clamp(min=1e-3)
    toward = way / length
    cosine = (seen.normal * toward).sum(0).clamp(min=0)
    power = 1 / (near * (0.1 + length * length) + 1 - near)
    middle = toward - seen.view
    middle = middle / middle.square().sum(0).sqrt().clamp(min=1e-6)
    shine = (seen.normal * middle).sum(0).clamp(min=0) ** seen.material[Row.SHARP]
    shadows = torch.tensor([choose(light).shadow for light in numbers.lights], device=scene.device)[scene]
    if bool(shadows.any()):
        power = power * ~_shadow(solids, way * (near + _FAR * (1 - near)), scene, seen, shadows, cosine > 0)
    return colour * (cosine * power), colour * (shine * power)


def _shadow(
    solids: Primitives, way: Tensor, scene: Tensor, seen: Surfaces, wanted: Tensor, facing: Tensor
) -> Tensor:
    """(T, P) bool: something stands between the place and the lamp at the end of `way` (3, T, P).

    Every other pixel of every other row is asked: a shadow's edge may be two pixels wide, at a quarter of the cost.
    """
    start = _thinned(seen.place + seen.normal * (2e-3 + 2e-3 * seen.distance))
    way, useful = _thinned(way.expand_as(seen.place)), _thinned((facing & ~seen.sky)[None])
    count = useful.sum(-1).clamp(min=1)
    middle = (start * useful).sum(-1) / count
    offset = (start - middle[..., None]) * useful
    radius = offset.square().sum(0).amax(-1).sqrt()
    mean_way = (way * useful).sum(-1) / count
    meets = between(solids, middle.T, radius, mean_way.T, scene)
    meets = meets & (wanted & useful[0].any(-1))[:, None]
    dark = blocked(solids, Rays(start, way, scene), meets, 1.0)
    side = int(dark.shape[1] ** 0.5)
    return dark.reshape(-1, side, side).repeat_interleave(2, 1).repeat_interleave(2, 2).flatten(1)


def _thinned(tiles: Tensor) -> Tensor:
    """(C, T, P / 4): one of four neighbours in square tiles (C, T, P)."""
    side = int(tiles.shape[2] ** 0.5)
    return tiles.reshape(*tiles.shape[:2], side, side)[:, :, ::2, ::2].flatten(2)


def _sky(numbers: _Numbers, view: Tensor, horizon: Tensor, atlas: Atlas) -> Tensor:
    """(3, T, P): horizon to zenith, clouds on a flat ceiling, a glow about the sun."""
    above = numbers.of(lambda light: light.zenith)
    height = view[1].clamp(min=0.02)
    sky = torch.lerp(horizon.expand_as(view), above.expand_as(view), height.sqrt())
    cover = numbers.of(lambda light: [light.clouds])[0]
    layer = torch.full_like(height, layers("cloud").start + 1)
    spread = 0.15 / (height + 0.1)
    cloud = atlas.sample(layer, view[0] * spread, view[2] * spread, spread * 0.02)[1]
    sky = torch.lerp(sky, above.mean(0) * 1.6 + 0 * sky, ((cloud + cover - 1) * 4).clamp(0, 1) * cover.sign())
    sun = numbers.of(lambda light: light.key.place)
    far = numbers.of(lambda light: [not light.key.near])[0]
    colour = numbers.of(lambda light: light.key.colour)
    glow = (view * sun).sum(0).clamp(0, 1) ** 60
    return sky + 0.4 * colour * glow * far
