"""A scene that can be traced: triangles in Embree, materials, textures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
from numpy.typing import NDArray

from traced.textures import SIDE, look_up
from traced.vectors import dot, unit

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]
FAR = np.float32(1e6)
"""Stands for a ray that hits nothing, in units of the ray's direction."""
_LAYERS = 6
"""How many panes or leaves a ray passes before it gives up."""


@dataclass(frozen=True, eq=False)
class Triangles:
    """T triangles, each corner for itself."""

    corners: Floats
    """(T, 3, 3) metres."""
    uv: Floats
    normals: Floats
    material: Ints
    thing: Ints
    """Which object it belongs to."""


@dataclass(frozen=True, eq=False)
class Materials:
    """M materials: see `stage.Paint`."""

    colours: Floats
    layer: Ints
    tile: Floats
    gloss: Floats
    rough: Floats
    alpha: Floats
    emission: Floats
    sieve: Flags
    """Whether a ray may pass: glass, and leaves whose picture has holes."""


@dataclass(frozen=True, eq=False)
class Hits:
    """Where N rays end."""

    distance: Floats
    """In units of the ray's direction; `FAR` where nothing is hit."""
    triangle: Ints
    """-1 where nothing is hit."""
    u: Floats
    v: Floats

    @property
    def found(self) -> Flags:
        """(N,) whether anything is hit."""
        return self.triangle >= 0


@dataclass(frozen=True, eq=False)
class Surfaces:
    """What is at K places that were hit."""

    normal: Floats
    """(K, 3) shading normals on the side of the ray."""
    flat: Floats
    """(K, 3) normals of the triangles, on the side of the ray."""
    albedo: Floats
    gloss: Floats
    rough: Floats
    emission: Floats


class World:
    """A finished scene."""

    def __init__(
        self, triangles: Triangles, materials: Materials, bank: NDArray[np.uint8], names: tuple[str, ...]
    ) -> None:
        self.triangles, self.materials, self.bank, self.names = triangles, materials, bank, names
        edges = triangles.corners[:, 1:] - triangles.corners[:, :1]
        across = np.cross(edges[:, 0], edges[:, 1])
        double = np.linalg.norm(across, axis=1)
        self._flat = (across / np.maximum(double, 1e-20)[:, None]).astype(np.float32)
        self._density = _texel_density(triangles, materials, double)
        sieve = materials.sieve[triangles.material]
        self._solid, self._sieve = _Part(triangles, ~sieve), _Part(triangles, sieve)

    def nearest(self, origin: Floats, direction: Floats, chance: Floats | None = None) -> Hits:
        """The first surface on each ray (N, 3); panes and leaves are passed with the probability of their opacity.

        `chance` (N,) in 0..1 decides; without it only what is at least half opaque stops a ray.
        """
        hits = self._solid.nearest(origin, direction)
        if not self._sieve.count:
            return hits
        limit = np.full(len(origin), 0.5, np.float32) if chance is None else chance
        return self._sieved(origin, direction, hits, limit)

    def _sieved(self, origin: Floats, direction: Floats, hits: Hits, limit: Floats) -> Hits:
        distance, triangle, u, v = hits.distance.copy(), hits.triangle.copy(), hits.u.copy(), hits.v.copy()
        rays = np.arange(len(origin))
        passed = np.zeros(len(origin), np.float32)
        for _ in range(_LAYERS):
            start = origin[rays] + direction[rays] * passed[rays, None]
            pane = self._sieve.nearest(start, direction[rays])
            ahead = pane.found & (pane.distance + passed[rays] < distance[rays])
            rays, pane = rays[ahead], _picked(pane, ahead)
            if not len(rays):
                break
            stops = self._opacity(pane) > limit[rays]
            stopped = rays[stops]
            distance[stopped] = (pane.distance + passed[rays])[stops]
            triangle[stopped], u[stopped], v[stopped] = pane.triangle[stops], pane.u[stops], pane.v[stops]
            passed[rays] += pane.distance + np.float32(2e-4)
            rays = rays[~stops]
        return Hits(distance, triangle, u, v)

    def behind_glass(self, origin: Floats, direction: Floats, distance: Floats) -> Flags:
        """Whether the first surface on each ray before `distance` (N,) is a pane or a net, and no leaf with holes."""
        pane = self._sieve.nearest(origin, direction)
        glass = self.materials.alpha[self.triangles.material[np.maximum(pane.triangle, 0)]] < 0.99
        return np.asarray(pane.found & glass & (pane.distance < distance * np.float32(0.9999)))

    def blocked(self, origin: Floats, direction: Floats, reach: Floats, chance: Floats) -> Flags:
        """Whether something stands between `origin` and `reach` (N,) times `direction`; glass does by chance."""
        blocked = self._solid.blocked(origin, direction, reach)
        if self._sieve.count:
            free = np.flatnonzero(~blocked)
            beyond = Hits(reach[free], np.full(len(free), -1, np.int32), reach[free], reach[free])
            blocked[free] = self._sieved(origin[free], direction[free], beyond, chance[free]).found
        return blocked

    def surfaces(self, hits: Hits, direction: Floats, pixel: Floats, jitter: Floats) -> Surfaces:
        """What is at hits that were all found; `pixel` (K,) is how wide a pixel is there, metres."""
        triangle, material = hits.triangle, self.triangles.material[hits.triangle]
        weights = np.stack([1 - hits.u - hits.v, hits.u, hits.v], axis=1)
        flat = self._flat[triangle]
        normal = np.einsum("kc,kcx->kx", weights, self.triangles.normals[triangle])
        normal = unit(normal)
        towards = dot(flat, direction) > 0
        flat = np.where(towards[:, None], -flat, flat)
        normal = np.where((dot(normal, flat) < 0)[:, None], -normal, normal)
        m = self.materials
        albedo = self._albedo(hits, material, flat, pixel, jitter)
        return Surfaces(normal, flat, albedo, m.gloss[material], m.rough[material], m.emission[material])

    def _albedo(self, hits: Hits, material: Ints, flat: Floats, pixel: Floats, jitter: Floats) -> Floats:
        m = self.materials
        texture = np.ones((len(material), 3), np.float32)
        drawn = np.flatnonzero(m.layer[material] >= 0)
        if len(drawn):
            part = _picked(hits, drawn)
            uv = self._uv(part, material[drawn], flat[drawn])
            texels = pixel[drawn] * self._density[part.triangle]
            texture[drawn] = look_up(self.bank, m.layer[material[drawn]], uv, texels, jitter[drawn])[:, :3]
        return np.asarray(np.einsum("kc,kcx->kx", texture, m.colours[material]).clip(0, 0.95))

    def _uv(self, hits: Hits, material: Ints, flat: Floats) -> Floats:
        weights = np.stack([1 - hits.u - hits.v, hits.u, hits.v], axis=1)
        own = np.einsum("kc,kcx->kx", weights, self.triangles.uv[hits.triangle])
        tile = self.materials.tile[material]
        place = np.einsum("kc,kcx->kx", weights, self.triangles.corners[hits.triangle])
        axis = np.abs(flat).argmax(1)
        pairs = np.array([[2, 1], [0, 2], [0, 1]])[axis]
        laid = np.take_along_axis(place, pairs, axis=1) / np.maximum(tile, 1e-3)[:, None]
        return np.where((tile > 0)[:, None], laid, own).astype(np.float32)

    def _opacity(self, hits: Hits) -> Floats:
        material = self.triangles.material[hits.triangle]
        alpha = self.materials.alpha[material].copy()
        drawn = np.flatnonzero(self.materials.layer[material] >= 0)
        if len(drawn):
            part = _picked(hits, drawn)
            uv = self._uv(part, material[drawn], self._flat[part.triangle])
            still = np.zeros((len(drawn), 2), np.float32)
            layer = self.materials.layer[material[drawn]]
            alpha[drawn] *= look_up(self.bank, layer, uv, still[:, 0], still)[:, 3]
        return np.asarray(alpha, np.float32)


class _Part:
    """Some of the triangles, as an Embree scene."""

    def __init__(self, triangles: Triangles, chosen: Flags) -> None:
        self.numbers = np.flatnonzero(chosen).astype(np.int32)
        self.count = len(self.numbers)
        self._scene = EmbreeScene()
        if self.count:
            corners = np.ascontiguousarray(triangles.corners[self.numbers].reshape(-1, 3), np.float32)
            TriangleMesh(self._scene, corners, np.arange(len(corners), dtype=np.int32).reshape(-1, 3))

    def nearest(self, origin: Floats, direction: Floats) -> Hits:
        if not self.count or not len(origin):
            none = np.full(len(origin), FAR, np.float32)
            return Hits(none, np.full(len(origin), -1, np.int32), none, none)
        found = self._scene.run(origin.astype(np.float32), direction.astype(np.float32), output=1)
        index = found["primID"]
        triangle = np.where(index >= 0, self.numbers[np.maximum(index, 0)], -1).astype(np.int32)
        return Hits(np.where(index >= 0, found["tfar"], FAR), triangle, found["u"], found["v"])

    def blocked(self, origin: Floats, direction: Floats, reach: Floats) -> Flags:
        if not self.count or not len(origin):
            return np.zeros(len(origin), bool)
        found = self._scene.run(
            origin.astype(np.float32),
            direction.astype(np.float32),
            reach.astype(np.float32),
            query="OCCLUDED",
        )
        return np.asarray(found >= 0)


def _picked(hits: Hits, index: NDArray[np.bool_] | NDArray[np.int64]) -> Hits:
    return Hits(hits.distance[index], hits.triangle[index], hits.u[index], hits.v[index])


def _texel_density(triangles: Triangles, materials: Materials, double_area: Floats) -> Floats:
    """(T,): texels of the largest copy to a metre."""
    edges = triangles.uv[:, 1:] - triangles.uv[:, :1]
    stretched = np.abs(edges[:, 0, 0] * edges[:, 1, 1] - edges[:, 0, 1] * edges[:, 1, 0])
    own = np.sqrt(stretched / np.maximum(double_area, 1e-12))
    tile = materials.tile[triangles.material]
    return (SIDE * np.where(tile > 0, 1 / np.maximum(tile, 1e-3), own)).astype(np.float32)
