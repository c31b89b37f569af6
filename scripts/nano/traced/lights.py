"""Lights that a surface looks for: lamps, windows and panels, the sun, the whole sky."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from traced.sky import Sky
from traced.vectors import dot, unit
from traced.world import FAR, World

Floats = NDArray[np.float32]
Random = np.random.Generator
_OFFSET = 1e-3
"""Metres that a shadow ray starts off the surface."""


@dataclass(frozen=True, eq=False)
class Lamp:
    """Shines evenly to all sides from a small ball."""

    place: Floats
    power: Floats
    """(3,) linear irradiance of a surface that faces it 1 m away."""
    radius: float = 0.05
    clear: float = 0.15
    """Metres around it in which nothing throws a shadow: its own shade and socket."""


@dataclass(frozen=True, eq=False)
class Panel:
    """A rectangle that shines to the side of `right` x `up`; a window shows the sky."""

    corner: Floats
    right: Floats
    up: Floats
    radiance: Floats
    """(3,) linear; for a window, what its glass lets through, 0..1."""
    window: bool = False


@dataclass(frozen=True, eq=False)
class Lights:
    """All lights of a scene."""

    sky: Sky
    lamps: tuple[Lamp, ...] = ()
    panels: tuple[Panel, ...] = ()
    sun: bool = True
    open_air: bool = False
    """Whether the sky is sampled as a whole, and not through windows alone."""
    ambient: Floats = field(default_factory=lambda: np.zeros(3, np.float32))
    """(3,) linear radiance that stands for all light that was reflected more often than is followed."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_dome", _Dome(self.sky) if self.open_air else None)

    @property
    def kinds(self) -> int:
        """How many lights there are to choose from."""
        return len(self.lamps) + len(self.panels) + int(self.sun) + int(self.open_air)

    def weights(self, place: Floats) -> Floats:
        """(N, kinds): how much each light probably gives at each place (N, 3)."""
        columns = [_lamp_weight(lamp, place) for lamp in self.lamps]
        columns += [_panel_weight(panel, place, self.sky) for panel in self.panels]
        whole = np.ones(len(place), np.float32)
        if self.sun:
            columns.append(
                whole * max(float(self.sky.sunlight.mean()), 1e-6) * (1.0 if self.open_air else 0.15)
            )
        if self.open_air:
            columns.append(whole * float(np.pi * self.sky.mean.mean()))
        return np.stack(columns, axis=1)

    def sample(self, place: Floats, kind: NDArray[np.int64], rng: Random) -> tuple[Floats, Floats, Floats]:
        """For each place (N, 3) a direction (N, 3), how far it is free to go, and the irradiance head-on (N, 3).

        The distance is in units of the direction, which is of unit length; the irradiance is that of light `kind`
        (N,), divided by the density with which its point was chosen.
        """
        direction = np.zeros_like(place)
        reach = np.full(len(place), FAR, np.float32)
        light = np.zeros_like(place)
        for number in range(self.kinds):
            rows = np.flatnonzero(kind == number)
            if len(rows):
                direction[rows], reach[rows], light[rows] = self._one(number, place[rows], rng)
        return direction, reach, light

    def _one(self, number: int, place: Floats, rng: Random) -> tuple[Floats, Floats, Floats]:
        if number < len(self.lamps):
            return _from_lamp(self.lamps[number], place, rng)
        number -= len(self.lamps)
        if number < len(self.panels):
            return _from_panel(self.panels[number], place, self.sky, rng)
        if number == len(self.panels) and self.sun:
            return _from_sun(self.sky, place, rng)
        return self._dome.sample(len(place), rng)  # type: ignore[attr-defined,no-any-return]


def direct(world: World, lights: Lights, place: Floats, normal: Floats, flat: Floats, rng: Random) -> Floats:
    """(N, 3) irradiance at places with these normals, by one light each."""
    if not lights.kinds:
        return np.zeros_like(place)
    weights = lights.weights(place)
    share = np.cumsum(weights, axis=1)
    total = np.maximum(share[:, -1:], 1e-12)
    kind = (share < rng.random((len(place), 1), np.float32) * total).sum(1).clip(0, lights.kinds - 1)
    chosen = np.take_along_axis(weights, kind[:, None], axis=1) / total
    direction, reach, light = lights.sample(place, kind, rng)
    slant = dot(direction, normal)
    useful = (slant > 0) & (dot(direction, flat) > 0) & (light @ np.ones(3, np.float32) > 0)
    rows = np.flatnonzero(useful)
    start = place[rows] + flat[rows] * np.float32(_OFFSET)
    chance = rng.random(len(rows), np.float32)
    free = rows[~world.blocked(start, direction[rows], reach[rows], chance)]
    result = np.zeros_like(place)
    result[free] = light[free] * (slant[free, None] / np.maximum(chosen[free], 1e-6))
    return result


class _Dome:
    """Chooses directions of the sky by their brightness."""

    def __init__(self, sky: Sky) -> None:
        rows, columns = sky.radiance.shape[:2]
        upper = sky.radiance[: rows // 2]
        angle = np.sin((np.arange(rows // 2) + 0.5) / rows * np.pi)
        weight = upper.mean(2) * angle[:, None] + 1e-9
        self._share = np.cumsum(weight) / weight.sum()
        self._upper, self._rows, self._columns = upper, rows, columns
        solid = angle[:, None] * (np.pi / rows) * (2 * np.pi / columns)
        self._value = upper * (solid * weight.sum() / weight)[..., None]

    def sample(self, count: int, rng: Random) -> tuple[Floats, Floats, Floats]:
        index = np.searchsorted(self._share, rng.random(count)).clip(0, len(self._share) - 1)
        row, column = np.divmod(index, self._columns)
        theta = (row + rng.random(count)) / self._rows * np.pi
        phi = ((column + rng.random(count)) / self._columns - 0.5) * 2 * np.pi
        direction = np.stack(
            [np.sin(theta) * np.cos(phi), np.cos(theta), np.sin(theta) * np.sin(phi)], axis=1
        )
        light = self._value[row, column]
        return direction.astype(np.float32), np.full(count, FAR, np.float32), light.astype(np.float32)


def _lamp_weight(lamp: Lamp, place: Floats) -> Floats:
    offset = lamp.place - place
    away = dot(offset, offset)
    return np.asarray(lamp.power.mean() / (away + 0.05), np.float32)


def _panel_weight(panel: Panel, place: Floats, sky: Sky) -> Floats:
    middle = panel.corner + (panel.right + panel.up) / 2
    normal = np.cross(panel.right, panel.up)
    offset = np.asarray(place - middle, np.float32)
    away = dot(offset, offset) + 0.25 * np.linalg.norm(normal)
    facing = np.maximum((offset @ normal) / np.sqrt(away), 0)
    radiance = panel.radiance * sky.mean if panel.window else panel.radiance
    return np.asarray(radiance.mean() * (facing + 1e-4) / away, np.float32)


def _from_lamp(lamp: Lamp, place: Floats, rng: Random) -> tuple[Floats, Floats, Floats]:
    spread = rng.normal(size=place.shape).astype(np.float32) * np.float32(lamp.radius / 1.7)
    offset = np.asarray(lamp.place + spread - place, np.float32)
    squared = np.maximum(dot(offset, offset), 1e-4)
    distance = np.sqrt(squared)
    reach = np.maximum(distance - lamp.clear, 1e-3)
    light = lamp.power / np.maximum(squared, 0.02)[:, None]
    return np.asarray(offset / distance[:, None]), reach, light.astype(np.float32)


def _from_panel(panel: Panel, place: Floats, sky: Sky, rng: Random) -> tuple[Floats, Floats, Floats]:
    share = rng.random((2, len(place), 1), np.float32)
    offset = np.asarray(panel.corner + share[0] * panel.right + share[1] * panel.up - place, np.float32)
    across = np.cross(panel.right, panel.up)
    area = float(np.linalg.norm(across))
    squared = np.maximum(dot(offset, offset), 1e-6)
    distance = np.sqrt(squared)
    direction = (offset / distance[:, None]).astype(np.float32)
    facing = np.maximum(-(direction @ (across / area)), 0)
    radiance = panel.radiance * (sky.seen(direction) if panel.window else 1.0)
    light = radiance * (area * facing / np.maximum(squared, 0.03 * area))[:, None]
    reach = np.full(len(place), FAR, np.float32) if panel.window else distance * np.float32(0.99)
    return direction, reach.astype(np.float32), light.astype(np.float32)


def _from_sun(sky: Sky, place: Floats, rng: Random) -> tuple[Floats, Floats, Floats]:
    blurred = sky.sun + rng.normal(size=place.shape).astype(np.float32) * np.float32(0.006)
    direction = unit(blurred)
    return (
        direction.astype(np.float32),
        np.full(len(place), FAR, np.float32),
        np.broadcast_to(sky.sunlight, place.shape).astype(np.float32),
    )
