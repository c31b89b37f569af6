"""How a scene is put together: places to stand, solids in them, what they are made of."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simple.geometry import Shape
from simple.materials import Material

Vector = NDArray[np.float64]
"""(3,) metres: x right, y up, z ahead."""


def rotation(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> NDArray[np.float64]:
    """(3, 3), radians: roll about z, then pitch about x (positive looks down), then yaw about y."""
    cy, sy, cp, sp, cr, sr = (
        np.cos(yaw),
        np.sin(yaw),
        np.cos(pitch),
        np.sin(pitch),
        np.cos(roll),
        np.sin(roll),
    )
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    product: NDArray[np.float64] = about_y @ about_x @ about_z
    return product


@dataclass(frozen=True, eq=False)
class Pose:
    """A place in the world: `origin` (3,) in metres, `axes` (3, 3) whose columns are its own axes."""

    origin: Vector
    axes: NDArray[np.float64] = field(default_factory=lambda: np.eye(3))

    def at(
        self, x: float, y: float, z: float, yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0
    ) -> Pose:
        """A place within this one; metres and radians."""
        origin = self.origin + self.axes @ np.array([x, y, z])
        if yaw == pitch == roll == 0.0:
            return Pose(origin, self.axes)
        return Pose(origin, self.axes @ rotation(yaw, pitch, roll))


WORLD = Pose(np.zeros(3))


@dataclass(frozen=True, eq=False)
class Solids:
    """Arrays of one kind of solid, M of them; the fields are those of `geometry.Primitives`."""

    shape: NDArray[np.int64]
    centre: NDArray[np.float64]
    half: NDArray[np.float64]
    turn: NDArray[np.float64]
    extra: NDArray[np.float64]
    material: NDArray[np.float64]
    casts: NDArray[np.bool_]


class Builder:
    """Collects the solids of one scene."""

    def __init__(self) -> None:
        self._parts: list[Solids] = []

    def box(self, pose: Pose, half: ArrayLike, material: Material, *, casts: bool = True) -> None:
        """A box with the given half extents about the pose's origin."""
        self._add(Shape.BOX, pose, half, material, casts=casts)

    def ball(self, pose: Pose, half: ArrayLike, material: Material) -> None:
        """An ellipsoid with the given half axes."""
        self._add(Shape.ELLIPSOID, pose, half, material)

    def cone(
        self,
        pose: Pose,
        radius: float,
        half: float,
        material: Material,
        *,
        top: float = 1.0,
        flat: float = 1.0,
    ) -> None:
        """An upright cylinder of `half` its height, or a frustum whose top is `top` times as wide.

        Along z it is `flat` times as deep as it is wide.
        """
        self._add(Shape.CONE, pose, (radius, half, radius * flat), material, (top, 0.0, 0.0, 0.0))

    def grid(self, pose: Pose, half: ArrayLike, material: Material, bars: tuple[float, float, float]) -> None:
        """A box with see-through holes; `bars` are the `extra` of `Shape.GRID`."""
        self._add(Shape.GRID, pose, half, material, (*bars, 0.0))

    def leaves(
        self, pose: Pose, half: ArrayLike, material: Material, holes: tuple[float, float, float]
    ) -> None:
        """An ellipsoid with ragged holes; `holes` are the `extra` of `Shape.LEAVES`."""
        self._add(Shape.LEAVES, pose, half, material, (*holes, 0.0))

    def frame(
        self, pose: Pose, half: ArrayLike, material: Material, hole: tuple[float, float, float, float]
    ) -> None:
        """A box with a rectangular hole along z; `hole` is its least and largest x and y, metres from the origin."""
        size = np.asarray(half, float)
        low_x, high_x, low_y, high_y = hole
        self._add(
            Shape.FRAME,
            pose,
            size,
            material,
            (low_x / size[0], high_x / size[0], low_y / size[1], high_y / size[1]),
        )

    def rod(
        self, start: ArrayLike, end: ArrayLike, radius: float, material: Material, *, top: float = 1.0
    ) -> None:
        """A cylinder between two points of the world."""
        a, b = np.asarray(start, float), np.asarray(end, float)
        length = float(np.linalg.norm(b - a)) + 1e-9
        self.cone(Pose((a + b) / 2, _about((b - a) / length)), radius, length / 2, material, top=top)

    def finish(self, eye: Vector, margin: float = 0.12) -> Solids:
        """All solids but those that the camera at `eye` would stand in, or nearly: `margin` metres."""
        joined = [np.concatenate([getattr(p, f) for p in self._parts], axis=a) for f, a in _FIELDS.items()]
        solids = Solids(*joined)
        inside = np.einsum("mij,mj->mi", solids.turn, eye - solids.centre)
        clear = (np.abs(inside) > solids.half + margin).any(axis=1)
        return Solids(*[np.compress(clear, getattr(solids, f), axis=a) for f, a in _FIELDS.items()])

    def _add(
        self,
        shape: Shape,
        pose: Pose,
        half: ArrayLike,
        material: Material,
        extra: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0),
        *,
        casts: bool = True,
    ) -> None:
        self._parts.append(
            Solids(
                np.array([shape]),
                pose.origin[None],
                np.asarray(half, float)[None],
                pose.axes.T[None],
                np.array([extra]),
                material.row[:, None],
                np.array([casts]),
            )
        )


def _about(up: Vector) -> NDArray[np.float64]:
    """(3, 3) axes whose second is `up`, a unit vector."""
    x, y, z = up.tolist()
    side = (z, 0.0, -x) if abs(y) < 0.9 else (0.0, -z, y)
    length = math.hypot(*side)
    a, b, c = (part / length for part in side)
    return np.array([[a, x, b * z - c * y], [b, y, c * x - a * z], [c, z, a * y - b * x]])


_FIELDS = {"shape": 0, "centre": 0, "half": 0, "turn": 0, "extra": 0, "material": 1, "casts": 0}
