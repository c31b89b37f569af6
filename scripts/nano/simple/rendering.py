"""From planned scenes to pictures with their exact inverse depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d, max_pool2d

from simple.atlas import Atlas
from simple.camera_effects import developed
from simple.geometry import Primitives, Rays, seen_by, trace
from simple.light import shaded, surfaces
from simple.scene import Scene

_TILE = 16
_CORNERS = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0])] * 3)


@dataclass(frozen=True, eq=False)
class SceneBatch:
    """N drawn scenes."""

    colour: Tensor
    """(N, 3, H, W) uint8, RGB."""
    inverse_depth: Tensor
    """(N, H, W) float32, 1 / metres along the optical axis; the sky is 0."""


def render(scenes: Sequence[Scene], seeds: Sequence[int], size: tuple[int, int], atlas: Atlas) -> SceneBatch:
    """Draw planned scenes at (height, width); the noise of each follows from its seed."""
    device = atlas.texels.device
    with torch.no_grad():
        solids = stacked(scenes, device)
        rays, bounds, pixel = camera_rays(scenes, *size, device)
        hits = trace(solids, rays, seen_by(solids, corners(scenes, solids), bounds, rays.scene))
        inverse = 1 / _untiled(hits.distance[None], len(scenes), *size)[:, 0]
        seen = surfaces(solids, rays, hits, atlas, pixel)
        linear = _untiled(shaded(solids, scenes, rays, seen, atlas), len(scenes), *size)
        linear = linear * creases(inverse, max(size) / 160)[:, None]
        return SceneBatch(developed(linear, inverse, [scene.effects for scene in scenes], seeds), inverse)


def creases(inverse: Tensor, scale: float) -> Tensor:
    """How much of the light from everywhere reaches a place: (N, H, W), 1 on open ground, less in corners.

    Inverse depth is linear over a plane in perspective, so a place whose inverse depth is under the mean of its
    surroundings lies in a hollow, and a plane never darkens itself. Where something much nearer is about, that is
    the edge of another object, and no dark rim may betray it.
    """
    light = torch.ones_like(inverse)
    bottom = inverse.clamp(min=1e-4)
    for reach in (2, 6):
        half = max(1, round(reach * scale))
        rows = avg_pool2d(inverse[:, None], (2 * half + 1, 1), 1, (half, 0), count_include_pad=False)
        around = avg_pool2d(rows, (1, 2 * half + 1), 1, (0, half), count_include_pad=False)[:, 0]
        rows = max_pool2d(inverse[:, None], (2 * half + 1, 1), 1, (half, 0))
        nearest = max_pool2d(rows, (1, 2 * half + 1), 1, (0, half))[:, 0]
        hollow = ((around - inverse) / bottom * 20).clamp(0, 1)
        light = light * (1 - 0.4 * hollow * (1.6 - 4 * (nearest / bottom - 1)).clamp(0, 1))
    return light


def camera_rays(
    scenes: Sequence[Scene], height: int, width: int, device: torch.device
) -> tuple[Rays, Tensor, Tensor]:
    """Rays of all pixels with depth 1 each, the tiles' bounds at z = 1 (4, T), and a pixel's size there (T, 1)."""
    rows, columns = -(-height // _TILE), -(-width // _TILE)
    middle = (
        torch.tensor([columns * _TILE, rows * _TILE]) / 2
        - torch.tensor([columns * _TILE - width, rows * _TILE - height]) / 2
    )
    x = (torch.arange(columns * _TILE) + 0.5 - middle[0]).view(1, columns, 1, _TILE)
    y = (middle[1] - torch.arange(rows * _TILE) - 0.5).view(rows, 1, _TILE, 1)
    grid = torch.stack([x + 0 * y, y + 0 * x]).reshape(2, rows * columns, -1).to(device)
    unit = torch.tensor([s.camera.tangent * 2 / max(height, width) for s in scenes], device=device)
    flat = (grid[:, None] * unit[None, :, None, None]).flatten(1, 2)
    scene = torch.arange(len(scenes), device=device).repeat_interleave(rows * columns)
    axes = _tensor([s.camera.axes for s in scenes], device)[scene].permute(1, 2, 0)[..., None]
    direction = axes[:, 0] * flat[0] + axes[:, 1] * flat[1] + axes[:, 2]
    origin = _tensor([s.camera.eye for s in scenes], device)[scene].T[..., None]
    bounds = torch.stack([flat[0].amin(1), flat[0].amax(1), flat[1].amin(1), flat[1].amax(1)])
    return Rays(origin, direction, scene), bounds, unit[scene][:, None]


def corners(scenes: Sequence[Scene], solids: Primitives) -> Tensor:
    """(8, M, 3): the corners of the boxes around the solids, in camera coordinates."""
    device = solids.half.device
    local = _CORNERS.to(device)[:, None] * solids.half
    axes = _tensor([s.camera.axes for s in scenes], device)[solids.scene]
    eye = _tensor([s.camera.eye for s in scenes], device)[solids.scene]
    world = (local[..., None] * solids.turn).sum(-2) + solids.centre - eye
    return (world[..., None] * axes).sum(-2)


def stacked(scenes: Sequence[Scene], device: torch.device) -> Primitives:
    """The solids of all scenes, one after the other."""
    parts = [scene.solids for scene in scenes]

    def joined(name: str, axis: int = 0) -> Tensor:
        return _tensor(np.concatenate([getattr(part, name) for part in parts], axis=axis), device)

    count = torch.tensor([len(part.shape) for part in parts], device=device)
    return Primitives(
        shape=joined("shape").long(),
        scene=torch.arange(len(scenes), device=device).repeat_interleave(count),
        centre=joined("centre"),
        half=joined("half"),
        turn=joined("turn"),
        extra=joined("extra"),
        material=joined("material", axis=1),
        casts=joined("casts").bool(),
    )


def _tensor(values: NDArray[np.float64] | Sequence[NDArray[np.float64]], device: torch.device) -> Tensor:
    return torch.from_numpy(np.asarray(values, np.float32)).to(device)


def _untiled(tiles: Tensor, count: int, height: int, width: int) -> Tensor:
    """(N, C, H, W) of (C, T, P)."""
    rows, columns = -(-height // _TILE), -(-width // _TILE)
    split = tiles.reshape(len(tiles), count, rows, columns, _TILE, _TILE)
    picture = split.permute(1, 0, 2, 4, 3, 5).reshape(count, len(tiles), rows * _TILE, columns * _TILE)
    return picture[..., :height, :width].contiguous()
