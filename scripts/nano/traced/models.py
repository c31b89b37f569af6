"""Models at their true size, read once from the libraries and kept as arrays in a cache."""

from __future__ import annotations

import pickle
import zipfile
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath

import numpy as np
import platformdirs
from numpy.typing import NDArray

from traced.catalogue import Entry, entries
from traced.textures import Bytes, from_file
from traced.wavefront import Ints, Surface, read_obj

CACHE = platformdirs.user_cache_path("streamdepth") / "traced-models"
_FORMAT = 1


@dataclass(frozen=True, eq=False)
class Model:
    """Triangles in metres: the middle of the lower end is the origin, y is up, the front looks along +z."""

    surface: Surface
    textures: tuple[Bytes, ...]
    layer: Ints
    """(F,) which of `textures` each finish shows, -1 for none."""
    textured_area: float
    """Share of its surface that shows a picture."""


@lru_cache(maxsize=160)
def model(name: str) -> Model:
    """The model of this name. Raises `ValueError` where its file is of no use."""
    path = CACHE / f"{_FORMAT}-{name.replace('/', '-')}.pickle"
    if path.exists():
        return _load(path)
    made = _read(entries()[name])
    CACHE.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(pickle.dumps(made, protocol=5))
    part.replace(path)
    return made


def _load(path: Path) -> Model:
    made = pickle.loads(path.read_bytes())
    if not isinstance(made, Model):
        raise ValueError(f"{path} does not hold a model")
    return made


def _read(entry: Entry) -> Model:
    with zipfile.ZipFile(entry.library) as archive:
        names = {name.lower(): name for name in archive.namelist()}
        folder = PurePosixPath(entry.member).parent

        def read(name: str) -> bytes | None:
            member = names.get(str(folder / name.replace("\\", "/").lower()).lower())
            return archive.read(member) if member else None

        surface = read_obj(archive.read(entry.member), read)
        pictures = {finish.texture for finish in surface.finishes if finish.texture}
        decoded = {name: from_file(data) for name in sorted(pictures) if (data := read(name))}
    kept = [name for name, texture in decoded.items() if texture is not None]
    layer = [kept.index(f.texture) if f.texture in kept else -1 for f in surface.finishes]
    textures = tuple(texture for name in kept if (texture := decoded[name]) is not None)
    fitted = fit(surface, entry)
    return Model(fitted, textures, np.array(layer, np.int32), _textured(fitted, np.array(layer)))


def fit(surface: Surface, entry: Entry) -> Surface:
    """Turned upright and scaled to the size that the catalogue gives."""
    turn = entry.turn.astype(np.float32)
    positions = surface.positions @ turn.T
    used = np.unique(surface.faces)
    low, high = positions[used].min(0), positions[used].max(0)
    scale = np.array(entry.size, np.float32) / np.maximum(high - low, 1e-6)
    middle = np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2], np.float32)
    normals = (surface.normals @ turn.T) / scale
    normals /= np.maximum(np.linalg.norm(normals, axis=2, keepdims=True), 1e-9)
    return replace(surface, positions=(positions - middle) * scale, normals=normals.astype(np.float32))


def _textured(surface: Surface, layer: NDArray[np.int_]) -> float:
    a, b, c = (surface.positions[surface.faces[:, corner]] for corner in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    return float(area[layer[surface.finish] >= 0].sum() / max(area.sum(), 1e-12))
