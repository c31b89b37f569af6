"""Ray-cast of a few simple solids: which is nearest along each ray, and what lies between a point and a light.

Every solid is a unit solid (cube, ball, upright frustum) moved by an affine map, so rays are taken into the solid's
own coordinates; lengths along a ray survive the map. Rays come in tiles of neighbours, and a tile is tested only
against the solids that it can meet: a scene of some hundred solids costs little more than one of ten.

Shapes: M solids, T tiles, P rays to a tile, K pairs of a tile and a solid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import torch
from torch import Tensor

_PIECE = 1 << 16
"""Rays in one go on a CPU: some ten arrays of them stay in its cache."""

NEAREST = 1e-5
"""Hits nearer than this many lengths of the ray's direction do not count."""


class Shape(IntEnum):
    """The unit solid that a primitive was made from."""

    BOX = 0
    """The cube |x|, |y|, |z| <= 1."""
    ELLIPSOID = 1
    """The ball of radius 1."""
    CONE = 2
    """Upright, |y| <= 1, radius 1 at the bottom and `extra[0]` at the top."""
    GRID = 3
    """The cube with see-through holes: `extra` = bars along x, along y, and how wide they are (0..1 of the pitch)."""
    LEAVES = 4
    """The ball with ragged holes: `extra` = how fine they are, how much is hole (0..1), a phase."""
    FRAME = 5
    """The cube with a hole along z: `extra` = its least and largest x and y."""


@dataclass(frozen=True, eq=False)
class Primitives:
    """The solids of one or more scenes."""

    shape: Tensor
    """(M,) int64, of `Shape`."""
    scene: Tensor
    """(M,) int64: index of the scene."""
    centre: Tensor
    """(M, 3) float32, metres."""
    half: Tensor
    """(M, 3) float32: half extents in metres."""
    turn: Tensor
    """(M, 3, 3) float32: the rows are the solid's own axes in the world."""
    extra: Tensor
    """(M, 4) float32, see `Shape`."""
    material: Tensor
    """(F, M) float32, see `materials`."""
    casts: Tensor
    """(M,) bool: throws a shadow."""

    @property
    def reach(self) -> Tensor:
        """(M,) metres: the radius of a ball around the solid."""
        radius: Tensor = self.half.norm(dim=1)
        return radius


@dataclass(frozen=True, eq=False)
class Rays:
    """Rays in tiles: `origin` (3, T, P or 1) and `direction` (3, T, P), float32; `scene` (T,) int64."""

    origin: Tensor
    direction: Tensor
    scene: Tensor


@dataclass(frozen=True, eq=False)
class Hits:
    """`distance` (T, P) float32 in lengths of the direction, inf for a miss; `solid` (T, P) int64, 0 for a miss."""

    distance: Tensor
    solid: Tensor


def trace(solids: Primitives, rays: Rays, meets: Tensor) -> Hits:
    """The nearest solid along each ray; `meets` (T, M) bool says which solids a tile can meet."""
    pieces = list(_crossings(solids, rays, meets))
    distance = torch.full_like(rays.direction[0], torch.inf)
    nearest = torch.zeros_like(distance, dtype=torch.int64)
    if not pieces:
        return Hits(distance, nearest)
    tile, solid, found = (torch.cat(part) for part in zip(*pieces, strict=True))
    for layer in _layers(tile, len(meets)):
        where, old = tile[layer], distance[tile[layer]]
        new = found[layer]
        distance[where] = torch.minimum(new, old)
        nearest[where] = torch.where(new < old, solid[layer, None], nearest[where])
    return Hits(distance, nearest)


def blocked(solids: Primitives, rays: Rays, meets: Tensor, reach: float) -> Tensor:
    """(T, P) bool: something stands within `reach` lengths of the ray's direction."""
    count = torch.zeros_like(rays.direction[0])
    for tile, _, found in _crossings(solids, rays, meets):
        count.index_add_(0, tile, (found < reach).to(count.dtype))
    return count > 0


def seen_by(solids: Primitives, corners: Tensor, bounds: Tensor, scene: Tensor) -> Tensor:
    """(T, M) bool: the solid's picture can touch the tile.

    `corners` (8, M, 3) are the corners of each solid in camera coordinates (z forward), `bounds` (4, T) the tile's
    least and largest x and y on the plane z = 1.
    """
    depth = corners[..., 2]
    flat = corners[..., :2] / depth.clamp(min=1e-3)[..., None]
    least, most = flat.amin(0), flat.amax(0)
    left, right, low, high = bounds[..., None]
    touches = (least[:, 0] <= right) & (most[:, 0] >= left) & (least[:, 1] <= high) & (most[:, 1] >= low)
    straddles = depth.amin(0) < 2e-3
    meets: Tensor = (touches | straddles) & (depth.amax(0) > 0) & (scene[:, None] == solids.scene)
    return meets


def between(solids: Primitives, start: Tensor, radius: Tensor, way: Tensor, scene: Tensor) -> Tensor:
    """(T, M) bool: the solid can stand in the way of rays from within `radius` (T,) of `start` (T, 3) along `way`.

    `way` (T, 3) ends at the light, in metres; solids and rays are taken as a ball and a capsule.
    """
    offset = solids.centre - start[:, None]
    length = way.norm(dim=1, keepdim=True).clamp(min=1e-6)
    axis = way / length
    along = torch.minimum((offset * axis[:, None]).sum(-1).clamp(min=0.0), length)
    away = (offset - along[..., None] * axis[:, None]).norm(dim=-1)
    meets: Tensor = (away <= solids.reach + radius[:, None]) & solids.casts & (scene[:, None] == solids.scene)
    return meets


def local_rays(solids: Primitives, index: Tensor, rays: Rays, tile: Tensor) -> tuple[Tensor, Tensor]:
    """Origin and direction, (3, K, P or 1) and (3, K, P), in the unit solid's coordinates."""
    turn = solids.turn[index] / solids.half[index][:, :, None]
    origin = rays.origin[:, tile] - solids.centre[index].T[:, :, None]
    return _turned(turn, origin), _turned(turn, rays.direction[:, tile])


def local_normal(shape: Tensor, place: Tensor, extra: Tensor) -> Tensor:
    """(3, ...) normal, not of unit length, of the unit solids at `place` (3, ...), whose `extra` is (4, ...)."""
    top = extra[0]
    size = place.abs()
    face = (size == size.amax(0)) * place.sign()
    within = (shape == Shape.FRAME) & (size.amax(0) < 0.9999)
    edge = (torch.stack([place[0], place[0], place[1], place[1]]) - extra).abs()
    upright = torch.minimum(edge[0], edge[1]) <= torch.minimum(edge[2], edge[3])
    face = torch.where(within, torch.stack([upright, ~upright, torch.zeros_like(within)]) * 1.0, face)
    slope = (1.0 - top) / 2
    side = torch.stack([place[0], slope * (1.0 - slope * (1.0 + place[1])), place[2]])
    cap = torch.stack([torch.zeros_like(top), place[1].sign(), torch.zeros_like(top)])
    frustum = torch.where(size[1] > 0.9999, cap, side)
    ball = (shape == Shape.ELLIPSOID) | (shape == Shape.LEAVES)
    return torch.where(ball, place, torch.where(shape == Shape.CONE, frustum, face))


def _crossings(solids: Primitives, rays: Rays, meets: Tensor) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Tiles, solids and hit distances (K,), (K,), (K, P), piece by piece."""
    tiles, indices = meets.nonzero(as_tuple=True)
    shapes = solids.shape[indices]
    step = max(1, _PIECE // rays.direction.shape[-1]) if meets.device.type == "cpu" else len(tiles) + 1
    for shape, crossing in _CROSSINGS.items():
        chosen = shapes == shape
        for tile, index in zip(
            torch.split(tiles[chosen], step), torch.split(indices[chosen], step), strict=True
        ):
            if len(tile):
                origin, direction = local_rays(solids, index, rays, tile)
                yield tile, index, crossing(origin, direction, solids.extra[index].T[:, :, None])


def _layers(tile: Tensor, tiles: int) -> tuple[Tensor, ...]:
    """Split the numbers 0..K-1 of pairs so that no piece names a tile (K,) twice."""
    by_tile = tile.argsort(stable=True)
    count = tile.bincount(minlength=tiles)
    rank = torch.arange(len(tile), device=tile.device) - (count.cumsum(0) - count)[tile[by_tile]]
    order = rank.argsort(stable=True)
    return torch.split(by_tile[order], rank.bincount().tolist())


def _turned(turn: Tensor, vector: Tensor) -> Tensor:
    """`turn` (K, 3, 3) times `vector` (3, K, P): written out, so that a pair's result is the same in any batch."""
    x, y, z = vector
    rows = turn.permute(1, 2, 0)[..., None]
    return torch.stack([row[0] * x + row[1] * y + row[2] * z for row in rows])


def _box(origin: Tensor, direction: Tensor, _: Tensor) -> Tensor:
    """Slabs: the last entry into |x|, |y|, |z| <= 1 comes before the first exit."""
    inverse = 1.0 / (direction + 1e-12)
    middle, spread = -origin * inverse, inverse.abs()
    near = (middle - spread).amax(0)
    far = (middle + spread).amin(0)
    return torch.where((near <= far) & (near > NEAREST), near, torch.inf)


def _ball_roots(origin: Tensor, direction: Tensor) -> tuple[Tensor, Tensor]:
    """Both distances to the unit ball; nan where there is none."""
    square = (direction * direction).sum(0)
    half = (origin * direction).sum(0)
    # The offset of the nearest point from the centre is formed first: b*b - a*c would cancel far away.
    miss = origin - direction * (half / square)
    root = ((1.0 - (miss * miss).sum(0)) / square).sqrt()
    return -half / square - root, -half / square + root


def _ellipsoid(origin: Tensor, direction: Tensor, _: Tensor) -> Tensor:
    near, _far = _ball_roots(origin, direction)
    return torch.where(near > NEAREST, near, torch.inf)


def _cone(origin: Tensor, direction: Tensor, extra: Tensor) -> Tensor:
    """The side x^2 + z^2 = (p + q y)^2 within |y| <= 1, and the cap that faces the ray."""
    top = extra[0]
    p, q = (1.0 + top) / 2, (top - 1.0) / 2
    (ox, oy, oz), (dx, dy, dz) = origin, direction
    radius, slope = p + q * oy, q * dy
    a = dx * dx + dz * dz - slope * slope
    b = ox * dx + oz * dz - slope * radius
    c = ox * ox + oz * oz - radius * radius
    side = (-b - (b * b - a * c).sqrt()) / a
    side = torch.where(((oy + side * dy).abs() <= 1.0) & (side > NEAREST) & (a > 0), side, torch.inf)
    end = -dy.sign()
    cap = (end - oy) / (dy + 1e-12)
    x, z, rim = ox + cap * dx, oz + cap * dz, p + q * end
    cap = torch.where((x * x + z * z <= rim * rim) & (cap > NEAREST), cap, torch.inf)
    return torch.minimum(side, cap)


def _grid(origin: Tensor, direction: Tensor, extra: Tensor) -> Tensor:
    found = _box(origin, direction, extra)
    columns, rows, width, _ = extra
    x = (origin[0] + found * direction[0] + 1.0) / 2
    y = (origin[1] + found * direction[1] + 1.0) / 2
    bar = ((x * columns + width / 2).frac() < width) | ((y * rows + width / 2).frac() < width)
    return torch.where(bar, found, torch.inf)


def _leaves(origin: Tensor, direction: Tensor, extra: Tensor) -> Tensor:
    """The front of the ball, through its holes the back, through that one's holes nothing."""
    fine, hole, phase, _ = extra
    answer = torch.full_like(direction[0], torch.inf)
    for root in reversed(_ball_roots(origin, direction)):
        x, y, z = (origin + root * direction) * fine
        wave = (x + 2.1 * (y * 1.3 + phase).sin()).sin() * (y + 1.7 * (z * 1.1 - phase).sin()).sin()
        solid = wave + 0.5 * (z * 2.3 + x * 1.9).sin() * (y * 2.7 - phase).sin() > 2.0 * hole - 1.0
        answer = torch.where(solid & (root > NEAREST), root, answer)
    return answer


def _frame(origin: Tensor, direction: Tensor, extra: Tensor) -> Tensor:
    """The cube; a ray that comes in by the hole may still meet its sides on the way out."""
    found = _box(origin, direction, extra)
    inverse = 1.0 / (direction + 1e-12)
    x, y = (origin[axis] + found * direction[axis] for axis in (0, 1))
    into = (x > extra[0]) & (x < extra[1]) & (y > extra[2]) & (y < extra[3])
    sides = torch.maximum((extra[0] - origin[0]) * inverse[0], (extra[1] - origin[0]) * inverse[0])
    ends = torch.maximum((extra[2] - origin[1]) * inverse[1], (extra[3] - origin[1]) * inverse[1])
    side = torch.minimum(sides, ends)
    behind = -origin[2] * inverse[2] + inverse[2].abs()
    return torch.where(into, torch.where(side < behind, side, torch.inf), found)


_CROSSINGS = {
    Shape.BOX: _box,
    Shape.ELLIPSOID: _ellipsoid,
    Shape.CONE: _cone,
    Shape.GRID: _grid,
    Shape.LEAVES: _leaves,
    Shape.FRAME: _frame,
}
