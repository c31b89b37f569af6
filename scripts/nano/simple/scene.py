"""A scene before it is drawn: camera, light, what the lens and the codec do, and the solids. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simple.building import Solids, Vector

Vector3 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole at `eye`; the columns of `axes` are right, up and ahead."""

    eye: Vector
    axes: NDArray[np.float64]
    tangent: float
    """Tangent of half the field of view along the longer side."""


@dataclass(frozen=True, eq=False)
class Lamp:
    """A light: at `place` (metres) when `near`, else infinitely far in that direction (unit vector)."""

    place: Vector
    near: bool
    colour: Vector3
    """Linear RGB of what falls on a surface that faces it, 1 m away when near."""
    shadow: bool = False


@dataclass(frozen=True, eq=False)
class Light:
    """Two lamps and what comes from everywhere."""

    key: Lamp
    fill: Lamp
    above: Vector3
    """Linear RGB that falls from above."""
    below: Vector3
    """Linear RGB thrown back by the ground."""
    horizon: Vector3
    """Linear RGB of the sky low down, and of the fog."""
    zenith: Vector3
    """Linear RGB of the top of the sky."""
    fog: float = 0.0
    """1 / metres."""
    clouds: float = 0.0
    """0..1: how much of the sky is covered."""


@dataclass(frozen=True)
class Effects:
    """What happens between the scene and the file; the defaults do nothing but expose."""

    exposure: float = 0.4
    """Mean brightness aimed at, linear 0..1."""
    gamma: float = 2.2
    contrast: float = 1.0
    """Steepness about middle grey."""
    saturation: float = 1.0
    """0 is grey."""
    gains: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Of red, green and blue: a colour cast."""
    vignette: float = 0.0
    """How much darker the corners are, 0..1."""
    blur: float = 0.0
    """Standard deviation of the lens blur; lengths are in pixels of a picture whose longer side is 160."""
    defocus: float = 0.0
    """Standard deviation of the blur of what is far from the focus."""
    focus: float = 0.0
    """What is sharp: 0 the furthest, 1 the nearest, evenly in inverse depth."""
    shake: tuple[float, float] = (0.0, 0.0)
    """How far the picture moved during the exposure."""
    noise: float = 0.0
    """Standard deviation of the sensor noise, 0..1 of full scale."""
    grain: float = 0.0
    """How much of the noise is smeared, as by a denoiser: 0..1."""
    quantised: float = 0.0
    """Step of the codec's rounding in 8x8 blocks, 0..1 of full scale."""
    sharpened: float = 0.0
    """How much edges are overdrawn."""


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that `draw` needs."""

    camera: Camera
    light: Light
    effects: Effects
    solids: Solids
