"""Reads Wavefront OBJ and MTL text into arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Finish:
    """One material of an MTL file; colours are as written there, 0..1."""

    diffuse: tuple[float, float, float] = (0.7, 0.7, 0.7)
    specular: float = 0.0
    shininess: float = 0.0
    alpha: float = 1.0
    texture: str = ""
    """File name of the colour picture, "" for none."""


@dataclass(frozen=True, eq=False)
class Surface:
    """Triangles as an OBJ file holds them."""

    positions: Floats
    """(V, 3)."""
    faces: Ints
    """(T, 3) rows of `positions`."""
    uv: Floats
    """(T, 3, 2) texture coordinates, 0 where there are none."""
    normals: Floats
    """(T, 3, 3) unit normals of the corners."""
    finish: Ints
    """(T,) index into `finishes`."""
    finishes: tuple[Finish, ...]


def read_obj(text: bytes, read_library: Callable[[str], bytes | None]) -> Surface:
    """Triangulate an OBJ file; `read_library` gives the text of an MTL file it names, or None.

    Raises `ValueError` where there is no triangle in it.
    """
    lines = [line.split() for line in text.replace(b"\\\n", b" ").splitlines() if line[:1] in b"vfum"]
    positions = _vectors(lines, b"v", 3)
    textures, normals = _vectors(lines, b"vt", 2), _vectors(lines, b"vn", 3)
    library, corners, finish = _faces(lines, (len(positions), len(textures), len(normals)))
    if not len(corners):
        raise ValueError("the model has no faces")
    known = read_materials(b"\n".join(read_library(name) or b"" for name in library))
    names = list(dict.fromkeys(finish))
    place = {name: index for index, name in enumerate(names)}
    faces = corners[:, :, 0]
    return Surface(
        positions,
        faces,
        _picked(textures, corners[:, :, 1]),
        _unit(_picked(normals, corners[:, :, 2]), _flat(positions, faces)),
        np.array([place[name] for name in finish], np.int32),
        tuple(known.get(name, Finish()) for name in names),
    )


def read_materials(text: bytes) -> dict[str, Finish]:
    """The materials of an MTL file by name."""
    found: dict[str, dict[str, object]] = {}
    now: dict[str, object] = {}
    for line in text.decode("latin1").splitlines():
        word, _, rest = line.strip().partition(" ")
        values = rest.split()
        if word == "newmtl":
            now = found.setdefault(rest.strip(), {})
        elif word == "Kd" and len(values) >= 3:
            now["diffuse"] = tuple(map(float, values[:3]))
        elif word == "Ks" and values:
            now["specular"] = sum(map(float, values[:3])) / len(values[:3])
        elif word in ("Ns", "d") and values:
            now[{"Ns": "shininess", "d": "alpha"}[word]] = float(values[-1])
        elif word == "map_Kd":
            now["texture"] = rest.strip()
    return {name: Finish(**values) for name, values in found.items()}  # type: ignore[arg-type]


def _vectors(lines: list[list[bytes]], word: bytes, width: int) -> Floats:
    rows = [line[1 : 1 + width] for line in lines if line and line[0] == word]
    return np.array(rows, np.float32).reshape(-1, width)


def _faces(lines: list[list[bytes]], counts: tuple[int, int, int]) -> tuple[list[str], Ints, list[str]]:
    """Names of material libraries, (T, 3, 3) indices of position, texture and normal from 0 (-1: none), materials."""
    library: list[str] = []
    tokens: list[bytes] = []
    lengths: list[int] = []
    finish: list[str] = []
    now = ""
    for line in lines:
        if not line:
            continue
        if line[0] == b"usemtl":
            now = b" ".join(line[1:]).decode("latin1")
        elif line[0] == b"mtllib":
            library.append(b" ".join(line[1:]).decode("latin1"))
        elif line[0] == b"f" and len(line) > 3:
            tokens += line[1:]
            lengths.append(len(line) - 1)
            finish += [now] * (len(line) - 3)
    return library, _corners(tokens, counts)[_fans(lengths)], finish


def _corners(tokens: list[bytes], counts: tuple[int, int, int]) -> Ints:
    """(C, 3) of `place/texture/normal`, counted from 1 or back from the end where negative; -1 where there is none."""
    numbers = np.array(
        [[part or b"0" for part in [*token.split(b"/"), b"0", b"0"][:3]] for token in tokens], np.int32
    ).reshape(-1, 3)
    return np.where(numbers > 0, numbers - 1, np.where(numbers < 0, numbers + np.array(counts), -1))


def _fans(lengths: list[int]) -> NDArray[np.int64]:
    """(T, 3): which corners the triangles of polygons with so many corners have."""
    length = np.array(lengths, int)
    first = np.cumsum(length) - length
    of = np.repeat(np.arange(len(length)), length - 2)
    step = np.arange(len(of)) - np.repeat(np.cumsum(length - 2) - (length - 2), length - 2)
    return np.stack([first[of], first[of] + step + 1, first[of] + step + 2], axis=1)


def _picked(values: Floats, index: Ints) -> Floats:
    """Rows of `values`, 0 where there is none."""
    if not len(values):
        return np.zeros((*index.shape, values.shape[1]), np.float32)
    return np.where((index >= 0)[..., None], values[index], 0).astype(np.float32)


def _flat(positions: Floats, faces: Ints) -> Floats:
    """(T, 3): normals of the triangles."""
    a, b, c = (positions[faces[:, corner]] for corner in range(3))
    normal = np.cross(b - a, c - a)
    return np.asarray(normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-20))


def _unit(normals: Floats, flat: Floats) -> Floats:
    """Unit normals of the corners; those of the triangle where there are none."""
    length = np.linalg.norm(normals, axis=2, keepdims=True)
    return np.where(length > 1e-6, normals / np.maximum(length, 1e-6), flat[:, None]).astype(np.float32)
