"""Puts meshes and materials together; `Stage.world` makes what can be traced of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from traced.textures import SIDE, Bytes
from traced.world import Materials, Triangles, World

Floats = NDArray[np.float32]
Array = NDArray[np.float64]
IDENTITY: Array = np.eye(3)


@dataclass(frozen=True, eq=False)
class Paint:
    """How a surface looks. Its colour is the texture's three channels times the rows of `colours`, all linear."""

    colours: Array = field(default_factory=lambda: IDENTITY * 0.5)
    """(3, 3): colour of each channel; the sum of the rows where there is no texture."""
    texture: Bytes | None = None
    tile: float = 0.0
    """Metres after which the texture repeats, laid on from the six sides; 0: by the mesh's own coordinates."""
    gloss: float = 0.0
    """Share of light that it throws back like a mirror when seen head-on; more at a slant where above 0."""
    rough: float = 0.3
    """How blurred that mirror is, 0..1."""
    alpha: float = 1.0
    emission: tuple[float, float, float] = (0.0, 0.0, 0.0)


def plain(colour: Sequence[float] | Array, **more: object) -> Paint:
    """One colour without a texture."""
    return Paint(np.diag(np.asarray(colour, float)), **more)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles before they are placed."""

    positions: Floats
    faces: NDArray[np.int32]
    uv: Floats
    """(T, 3, 2)."""
    normals: Floats
    """(T, 3, 3)."""
    paint: NDArray[np.int32]
    """(T,) index into the paints that come with it."""


@dataclass(frozen=True, eq=False)
class Pose:
    """Where a mesh stands: metres, and an angle about the upright axis in radians."""

    place: Array
    angle: float = 0.0
    scale: float = 1.0
    mirrored: bool = False

    @property
    def matrix(self) -> Array:
        """(3, 3), columns are the mesh's axes."""
        c, s = np.cos(self.angle), np.sin(self.angle)
        flip = -1.0 if self.mirrored else 1.0
        return self.scale * np.array([[c * flip, 0, s], [0, 1, 0], [-s * flip, 0, c]])


class Stage:
    """A scene that is being built. Each call of `add` is one object."""

    def __init__(self) -> None:
        self._meshes: list[Mesh] = []
        self._objects: list[int] = []
        self._paints: list[Paint] = []
        self.names: list[str] = []
        """What each object is."""

    def add(self, name: str, mesh: Mesh, paints: Sequence[Paint], pose: Pose) -> int:
        """Place a mesh; returns the number of the object."""
        matrix = pose.matrix
        positions = mesh.positions @ matrix.T + pose.place
        normals = mesh.normals @ (matrix / pose.scale).T
        base = len(self._paints)
        self._meshes.append(
            Mesh(
                positions.astype(np.float32),
                mesh.faces,
                mesh.uv,
                normals.astype(np.float32),
                mesh.paint + np.int32(base),
            )
        )
        self._paints.extend(paints)
        self.names.append(name)
        self._objects.append(len(self.names) - 1)
        return len(self.names) - 1

    def add_quad(
        self, name: str, corner: Array, right: Array, up: Array, paint: Paint, repeat: float = 0.0
    ) -> int:
        """A rectangle from its lower left corner; its texture covers it once, or repeats after `repeat` metres."""
        width, height = (np.linalg.norm(side) for side in (right, up))
        turns = np.array([width, height]) / repeat if repeat else np.ones(2)
        corners = np.array([corner, corner + right, corner + right + up, corner + up], np.float32)
        uv = (np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * turns).astype(np.float32)
        normal = np.cross(right, up)
        faces = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
        normals = np.broadcast_to((normal / np.linalg.norm(normal)).astype(np.float32), (2, 3, 3))
        mesh = Mesh(corners, faces, uv[faces], normals, np.zeros(2, np.int32))
        return self.add(name, mesh, [paint], Pose(np.zeros(3)))

    def world(self) -> World:
        """Everything that was added, ready to be traced."""
        counts = [len(mesh.faces) for mesh in self._meshes]
        starts = np.cumsum([0, *[len(mesh.positions) for mesh in self._meshes[:-1]]])
        positions = np.concatenate([mesh.positions for mesh in self._meshes])
        faces = np.concatenate([mesh.faces + start for mesh, start in zip(self._meshes, starts, strict=True)])
        bank, materials = _materials(self._paints)
        triangles = Triangles(
            corners=positions[faces],
            uv=np.concatenate([mesh.uv for mesh in self._meshes]),
            normals=np.concatenate([mesh.normals for mesh in self._meshes]),
            material=np.concatenate([mesh.paint for mesh in self._meshes]),
            thing=np.repeat(np.array(self._objects, np.int32), counts),
        )
        return World(triangles, materials, bank, tuple(self.names))


def _materials(paints: Sequence[Paint]) -> tuple[Bytes, Materials]:
    textures = list({id(p.texture): p.texture for p in paints if p.texture is not None}.values())
    place = {id(texture): index for index, texture in enumerate(textures)}
    bank = np.stack(textures) if textures else np.zeros((0, 0, 4), np.uint8)
    translucent = [bool((texture[: SIDE * SIDE, 3] < 250).any()) for texture in textures]
    layer = np.array([place.get(id(paint.texture), -1) for paint in paints], np.int32)

    def column(name: str) -> Floats:
        return np.array([getattr(paint, name) for paint in paints], np.float32)

    alpha = column("alpha")
    sieve = (alpha < 0.99) | np.array([number >= 0 and translucent[number] for number in layer])
    rest = (column(name) for name in ("colours", "tile", "gloss", "rough", "emission"))
    colours, tile, gloss, rough, emission = rest
    return bank, Materials(colours, layer, tile, gloss, rough, alpha, emission, sieve)
