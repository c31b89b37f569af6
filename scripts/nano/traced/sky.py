"""Light from all around: the HDR environments of the npm package @pmndrs/assets, and what is made of them."""

from __future__ import annotations

import base64
import re
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray

from streamdepth.errors import UsageError

Floats = NDArray[np.float32]
FOLDER = platformdirs.user_cache_path("streamdepth") / "traced-environments"
"""Where the folder `hdri` of the package is copied to."""
OUTDOORS = ("bridge", "city", "dawn", "esplanade", "forest", "park", "sky", "sunrise", "sunset", "venice")
INDOORS = ("apartment", "hall", "lab", "lobby", "studio", "warehouse", "workshop")
_BRIGHT = 12.0
"""Times the mean: what is above it becomes the sun."""


@dataclass(frozen=True, eq=False)
class Sky:
    """Radiance by direction, its sun apart."""

    radiance: Floats
    """(256, 512, 3) linear, the first row is straight up, without the sun."""
    sun: Floats
    """(3,) unit vector towards it."""
    sunlight: Floats
    """(3,) linear irradiance of a surface that faces it."""

    def seen(self, direction: Floats) -> Floats:
        """(N, 3) radiance from directions (N, 3) of any length."""
        height, width = self.radiance.shape[:2]
        x, y, z = direction.T
        row = np.arccos((y / np.maximum(np.sqrt(x * x + y * y + z * z), 1e-9)).clip(-1, 1)) / np.pi * height
        column = (np.arctan2(z, x) / (2 * np.pi) + 0.5) * width
        return np.asarray(
            self.radiance[row.astype(np.int32).clip(0, height - 1), column.astype(np.int32) % width]
        )

    @property
    def mean(self) -> Floats:
        """(3,) radiance in the mean over the upper half."""
        return _mean(self.radiance[: len(self.radiance) // 2])


@cache
def environment(name: str) -> Floats:
    """(256, 512, 3) linear radiance. Raises `UsageError` where the package is not there."""
    import OpenEXR

    path = FOLDER / f"{name}.exr.js"
    if not path.exists():
        raise UsageError(f"there is no {path}", "get the environments as scripts/nano/README.md says")
    match = re.search(r"base64,([^'\"]+)", path.read_text())
    if match is None:
        raise UsageError(f"{path} holds no picture", "get the environments again")
    with tempfile.NamedTemporaryFile(suffix=".exr") as file:
        Path(file.name).write_bytes(base64.b64decode(match[1]))
        with OpenEXR.File(file.name) as picture:
            return np.asarray(picture.channels()["RGB"].pixels, np.float32)


def sky(name: str, turn: float, brightness: float, sun: float = 1.0) -> Sky:
    """An environment turned by `turn` (0..1 of a circle), its mean radiance above the horizon `brightness`.

    `sun` scales what its brightest spot sends.
    """
    radiance = np.roll(environment(name), int(turn * 512), axis=1)
    radiance = radiance * (brightness / _mean(radiance[:128]).mean())
    limit = _BRIGHT * brightness
    calm = radiance * np.minimum(1, limit / np.maximum(radiance.max(2), 1e-9))[..., None]
    excess = (radiance - calm)[:128] * _solid_angle(256)[:128, None, None]
    weight = excess.sum(2)
    towards = (_directions()[:128] * weight[..., None]).sum((0, 1))
    length = np.linalg.norm(towards)
    light = excess.sum((0, 1)) if length > 1e-6 else np.zeros(3)
    direction = towards / length if length > 1e-6 else np.array([0.0, 1.0, 0.0])
    return Sky(calm.astype(np.float32), direction.astype(np.float32), (sun * light).astype(np.float32))


@cache
def _directions() -> Floats:
    theta = (np.arange(256) + 0.5) / 256 * np.pi
    phi = ((np.arange(512) + 0.5) / 512 - 0.5) * 2 * np.pi
    up, across = np.cos(theta)[:, None], np.sin(theta)[:, None]
    return np.stack(
        [across * np.cos(phi), np.broadcast_to(up, (256, 512)), across * np.sin(phi)], axis=-1
    ).astype(np.float32)


def _solid_angle(rows: int) -> Floats:
    """(rows,): steradians of a pixel in each."""
    theta = (np.arange(rows) + 0.5) / rows * np.pi
    return (np.sin(theta) * (np.pi / rows) ** 2).astype(np.float32)


def _mean(radiance: Floats) -> Floats:
    weight = np.sin((np.arange(len(radiance)) + 0.5) / 256 * np.pi)[:, None, None]
    return np.asarray((radiance * weight).sum((0, 1)) / (weight.sum() * radiance.shape[1]), np.float32)
