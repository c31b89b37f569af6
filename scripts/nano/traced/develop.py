"""From light to a picture file: exposure, white balance and tone, as a decent camera does it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def develop(linear: Floats, rng: np.random.Generator) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 of linear radiance; exposure, balance and contrast vary a little."""
    grey = linear @ np.array([0.3, 0.6, 0.1], np.float32)
    # What is far brighter than the rest, a window or a lamp, burns out instead of darkening the picture.
    level = np.minimum(grey, 4 * np.median(grey) + 1e-6).mean()
    exposure = np.exp(rng.normal(-1.55, 0.3)) / max(float(level), 1e-6)
    balance = _balance(linear, rng.uniform(0.3, 0.95)) * np.exp(rng.normal(0, 0.05, 3))
    picture = _shoulder((linear * (exposure * balance)).astype(np.float32))
    picture = picture ** np.float32(1 / rng.uniform(2.0, 2.4))
    contrast = np.exp(rng.normal(0.12, 0.12))
    picture = contrast * (picture - 0.45) + 0.45
    saturation = rng.uniform(0.8, 1.2)
    picture = picture.mean(2, keepdims=True) * (1 - saturation) + picture * saturation
    noise = rng.normal(size=picture.shape) * np.exp(rng.uniform(-6, -4.2))
    return np.asarray(((picture + noise) * 255).round().clip(0, 255), np.uint8)


def _balance(linear: Floats, strength: float) -> NDArray[np.float64]:
    """Gains that take away `strength` of a colour cast."""
    capped = np.minimum(linear, 4 * np.median(linear) + 1e-6).reshape(-1, 3).mean(0) + 1e-6
    return np.asarray((capped.mean() / capped) ** strength)


def _shoulder(linear: Floats) -> Floats:
    """0..1 of 0..inf: straight up to one half, then a shoulder."""
    bright = 1 - 0.25 / np.maximum(linear, 0.5)
    return np.where(linear < 0.5, linear, bright).clip(0, 1).astype(np.float32)
