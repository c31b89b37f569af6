"""Light from all around: the HDR environments of the npm package @pmndrs/assets, and what is made of them."""

from __future__ import annotations

import base64
import re
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import platformdirs
from numpy.typing import NDArray

from streamdepth.errors import UsageError

Floats = NDArray[np.float32]
FOLDER = platformdirs.user_cache_path("streamdepth") / "traced-environments"
"""Where the folder `hdri` of the package is copied to."""
OUTDOORS = {
    "sky": 2,
    "dawn": 12,
    "park": 12,
    "venice": 20,
    "sunrise": 22,
    "sunset": 48,
    "city": 62,
    "forest": 90,
}
"""Environments in the open, and above which elevation, in degrees, there is nothing but sky."""
NIGHT = {"night": 22}
INDOORS = ("apartment", "bridge", "esplanade", "hall", "lab", "lobby", "studio", "warehouse", "workshop")
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
    clear: float = 0.0
    """Degrees above the horizon where houses and trees end: they are nearer than the sky, nobody knows by how much."""

    def seen(self, direction: Floats) -> Floats:
        """(N, 3) radiance from directions (N, 3) of any length."""
        height, width = self.radiance.shape[:2]
        x, y, z = direction.T
        row = np.arccos((y / np.maximum(np.sqrt(x * x + y * y + z * z), 1e-9)).clip(-1, 1)) / np.pi * height
        column = (np.arctan2(z, x) / (2 * np.pi) + 0.5) * width
        return np.asarray(
            self.radiance[row.astype(np.int32).clip(0, height - 1), column.astype(np.int32) % width]
        )

    def known(self, direction: Floats) -> NDArray[np.bool_]:
        """(N,) whether directions (N, 3) of any length end in the sky itself, which is infinitely far."""
        steep = direction[:, 1] / np.maximum(np.sqrt((direction**2).sum(1)), 1e-9)
        return np.asarray(steep > np.sin(np.radians(self.clear)))

    @property
    def mean(self) -> Floats:
        """(3,) radiance in the mean over the upper half."""
        return _mean(self.radiance[: len(self.radiance) // 2])


@cache
def environment(name: str) -> Floats:
    """(256, 512, 3) linear radiance, as it is in the file. Raises `UsageError` where the package is not there."""
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


def _mended(radiance: Floats) -> Floats:
    """Lossy compression rings around the sun, below zero: there, the mean of the surroundings."""
    bad = (radiance.min(2) <= 0).astype(np.float32)
    good = 1 - cv2.dilate(bad, np.ones((5, 5), np.uint8))
    kept = radiance * good[..., None]
    around = cv2.blur(kept, (31, 31)) / np.maximum(cv2.blur(good, (31, 31)), 1e-3)[..., None]
    return np.where(good[..., None] > 0, radiance, around).astype(np.float32)


def sky(name: str, turn: float, brightness: float, sun: float = 1.0) -> Sky:
    """An environment turned by `turn` (0..1 of a circle), its mean radiance above the horizon `brightness`.

    `sun` scales what the sun sends, where there is one.
    """
    whole = np.roll(environment(name), int(turn * 512), axis=1)
    radiance = np.roll(_mended(environment(name)), int(turn * 512), axis=1)
    radiance = radiance * (brightness / _mean(radiance[:128]).mean())
    calm = radiance * np.minimum(1, _BRIGHT * brightness / np.maximum(radiance.max(2), 1e-9))[..., None]
    grey = np.maximum(whole[:128].sum(2), 0)
    direction = _directions()[np.unravel_index(grey.argmax(), grey.shape)]
    light = sun * brightness * _sunlight(float(grey.max() / grey.mean()), float(direction[1]))
    clear = float({**OUTDOORS, **NIGHT}.get(name, 90))
    return Sky(calm.astype(np.float32), direction, light.astype(np.float32), clear)


def _sunlight(contrast: float, height: float) -> Floats:
    """(3,) irradiance for a sky of mean radiance 1, of a sun so many times brighter than the mean, at that sine.

    The picture of the sun itself is of no use, for the compression has spoilt its colour.
    """
    strength = 7 * np.clip(contrast / 2000, 0, 1) * np.clip(height * 6, 0.1, 1)
    low = np.clip(1 - 2.5 * height, 0, 1)
    return np.asarray(strength * np.array([1.0, 0.97 - 0.3 * low, 0.9 - 0.55 * low]), np.float32)


@cache
def _directions() -> Floats:
    theta = (np.arange(256) + 0.5) / 256 * np.pi
    phi = ((np.arange(512) + 0.5) / 512 - 0.5) * 2 * np.pi
    up, across = np.cos(theta)[:, None], np.sin(theta)[:, None]
    return np.stack(
        [across * np.cos(phi), np.broadcast_to(up, (256, 512)), across * np.sin(phi)], axis=-1
    ).astype(np.float32)


def _mean(radiance: Floats) -> Floats:
    weight = np.sin((np.arange(len(radiance)) + 0.5) / 256 * np.pi)[:, None, None]
    return np.asarray((radiance * weight).sum((0, 1)) / (weight.sum() * radiance.shape[1]), np.float32)
