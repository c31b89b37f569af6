"""Simple meshes: boxes, sheets of cloth, discs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from traced.stage import Mesh

Array = NDArray[np.float64]


def box(width: float, height: float, depth: float) -> Mesh:
    """A box that stands on the origin."""
    x, y, z = width / 2, height, depth / 2
    sides = [
        ((-x, 0, z), (2 * x, 0, 0), (0, y, 0)),
        ((x, 0, -z), (-2 * x, 0, 0), (0, y, 0)),
        ((x, 0, z), (0, 0, -2 * z), (0, y, 0)),
        ((-x, 0, -z), (0, 0, 2 * z), (0, y, 0)),
        ((-x, y, z), (2 * x, 0, 0), (0, 0, -2 * z)),
        ((-x, 0, -z), (2 * x, 0, 0), (0, 0, 2 * z)),
    ]
    parts = [_side(*(np.array(vector, float) for vector in side)) for side in sides]
    positions, uv, normals = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    faces = (np.array([[0, 1, 2], [0, 2, 3]])[None] + 4 * np.arange(6)[:, None, None]).reshape(-1, 3)
    return Mesh(
        positions.astype(np.float32),
        faces.astype(np.int32),
        uv[faces].astype(np.float32),
        normals[faces].astype(np.float32),
        np.zeros(12, np.int32),
    )


def beam(start: Array, end: Array, thick: float) -> Mesh:
    """A square bar between two places that are not above each other."""
    along = end - start
    length = float(np.linalg.norm(along))
    aside = np.cross(along / length, [0.0, 1.0, 0.0])
    aside /= np.linalg.norm(aside)
    axes = np.stack([aside, along / length, np.cross(aside, along / length)])
    upright = box(thick, length, thick)
    return replace(
        upright,
        positions=(upright.positions @ axes + start).astype(np.float32),
        normals=(upright.normals @ axes).astype(np.float32),
    )


def _side(corner: Array, right: Array, up: Array) -> tuple[Array, Array, Array]:
    normal = np.cross(right, up)
    normal = normal / np.maximum(np.linalg.norm(normal), 1e-12)
    uv = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
    return np.array([corner, corner + right, corner + right + up, corner + up]), uv, np.tile(normal, (4, 1))


def curtain(width: float, height: float, folds: float, depth: float, rows: int = 3) -> Mesh:
    """A hanging cloth in folds; its lower left end is at the origin, it hangs in the plane z = 0."""
    columns = int(folds * 12) + 2
    x = np.linspace(0, 1, columns)
    wave = depth * np.sin(2 * np.pi * folds * x + 0.6 * np.sin(9 * x))
    y = np.linspace(0, 1, rows)
    spread = 1 - 0.3 * y
    positions = np.stack(
        np.broadcast_arrays(x[None] * width, y[:, None] * height, wave[None] * spread[:, None]), axis=-1
    )
    return grid(positions, np.stack(np.broadcast_arrays(x[None] * width, y[:, None] * height), axis=-1))


def grid(positions: Array, uv: Array) -> Mesh:
    """A sheet of (R, C, 3) points with (R, C, 2) texture coordinates, smooth."""
    rows, columns = positions.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    faces = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    across = np.gradient(positions, axis=1) if columns > 1 else positions
    along = np.gradient(positions, axis=0) if rows > 1 else positions
    normals = np.cross(across, along).reshape(-1, 3)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    return Mesh(
        positions.reshape(-1, 3).astype(np.float32),
        faces.astype(np.int32),
        uv.reshape(-1, 2)[faces].astype(np.float32),
        normals[faces].astype(np.float32),
        np.zeros(len(faces), np.int32),
    )


def disc(radius: float, corners: int = 24) -> Mesh:
    """A flat round plate at the origin that looks up."""
    angle = np.arange(corners) / corners * 2 * np.pi
    ring = np.stack([np.cos(angle), np.zeros(corners), -np.sin(angle)], axis=1)
    positions = np.concatenate([np.zeros((1, 3)), ring]) * radius
    faces = np.array([[0, 1 + k, 1 + (k + 1) % corners] for k in range(corners)], np.int32)
    uv = positions[:, [0, 2]] / (2 * radius) + 0.5
    normals = np.tile(np.array([0, 1, 0], np.float32), (corners, 3, 1))
    return Mesh(
        positions.astype(np.float32),
        faces,
        uv[faces].astype(np.float32),
        normals,
        np.zeros(corners, np.int32),
    )
