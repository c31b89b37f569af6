"""Surfaces of the demo scene, made once from a seed: paving, wood, stone, and the skins of balls."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Field = NDArray[np.floating]
Random = np.random.Generator

TILES = 8
"""Paving stones along each side of one period of the paving."""

_PAD = 2  # what cubic interpolation sees beyond the edge


def noise(size: tuple[int, int], cells: int, random: Random, octaves: int = 5) -> Field:
    """(h, w) float32 fractal value noise of mean about 0 and spread about 1; it repeats without a seam.

    `size` is (w, h); the coarsest octave has `cells` x `cells` values, and each octave half the strength and
    twice the fineness of the one before.
    """
    total: Field = np.zeros((1, 1), np.float32)
    for octave in range(octaves):
        side = cells << octave
        values = random.standard_normal((side, side), dtype=np.float32)
        total = _stretch(total, (side, side)) + values / 2**octave
    total = _stretch(total, size)
    return np.asarray((total - total.mean()) / max(float(total.std()), 1e-6), dtype=np.float32)


def _stretch(field: Field, size: tuple[int, int]) -> Field:
    """Resample a field that repeats to (w, h), so that it still does."""
    rows, columns = field.shape
    across, down = size[0] / columns, size[1] / rows
    padded = np.pad(field, _PAD, mode="wrap")
    wide = cv2.resize(padded, None, fx=across, fy=down, interpolation=cv2.INTER_CUBIC)
    left, top = round(_PAD * across), round(_PAD * down)
    return np.asarray(wide[top : top + size[1], left : left + size[0]], dtype=np.float32)


def paving(size: int, random: Random) -> Grey:
    """(size, size) stones of two shades with joints; repeats without a seam."""
    stones = random.normal(0.0, 0.055, (TILES, TILES)) + 0.24 * (np.indices((TILES, TILES)).sum(axis=0) % 2)
    shade = cv2.resize(stones.astype(np.float32), (size, size), interpolation=cv2.INTER_NEAREST)
    place = np.arange(size, dtype=np.float32) * TILES / size % 1.0
    edge = np.minimum(place, 1 - place)
    joint = np.clip(1.0 - np.minimum(edge[:, None], edge[None, :]) / 0.022, 0.0, 1.0)
    worn = 0.06 * noise((size, size), 4, random, 3) + 0.035 * noise((size, size), 64, random, 4)
    return eight_bits((0.50 + shade + worn) * (1.0 - 0.62 * joint))


def planks(size: int, random: Random) -> Grey:
    """(size, size) side of a wooden crate: boards, a frame, a diagonal brace."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    grain = 0.10 * cv2.resize(noise((size, size // 8), 8, random), (size, size))
    boards = 0.48 + grain + 0.10 * random.standard_normal(6)[np.minimum((y * 6).astype(int), 5)]
    boards -= 0.30 * (np.abs(y * 6 % 1 - 0.5) > 0.46)
    beam = 0.66 + grain.T[:, ::-1]
    border = np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y))
    brace = np.abs(x - y) / np.sqrt(2)
    result = _over(boards, beam, brace, 0.07)
    result = _over(result, beam, border, 0.13)
    return eight_bits(result)


def _over(below: Field, beam: Field, distance: Field, width: float) -> Field:
    """A beam of half `width` round `distance` 0, with a dark edge and the shadow it throws."""
    shaded = below * np.clip(0.45 + (distance - width) / 0.05, 0.45, 1.0)
    lit = beam * np.clip(0.55 + (width - distance) / 0.02, 0.55, 1.0)
    return np.asarray(np.where(distance < width, lit, shaded), dtype=np.float32)


def masonry(width: int, height: int, random: Random) -> Grey:
    """(height, width) shaft of a pillar: courses of stone, a plinth and a capital, darker towards the ground."""
    y = (np.arange(height, dtype=np.float32) / height)[:, None]
    x = (np.arange(width, dtype=np.float32) / width)[None, :]
    courses = 0.05 * random.standard_normal(8).astype(np.float32)[np.minimum((y * 8).astype(int), 7)]
    stone = 0.70 + courses + 0.05 * noise((width, height), 4, random)
    stone -= 0.22 * (np.abs(y * 8 % 1 - 0.5) > 0.475)
    stone *= np.clip(0.86 + np.minimum(x, 1 - x) / 0.35, 0.86, 1.0)
    stone = np.where((y < 0.06) | (y > 0.93), 0.84 + 0.03 * noise((width, height), 4, random), stone)
    stone *= np.where((y > 0.06) & (y < 0.085), 0.55, 1.0)
    return eight_bits(stone * np.clip(0.55 + (1 - y) / 0.12, 0.55, 1.0))


# ---- skins: (h, 2h) maps of longitude (columns) and latitude (rows) ---------------------------------------


def _sectors(lon: Field, lat: Field, random: Random) -> Field:
    cut: Field = np.sin(lon * 3) / np.maximum(np.cos(lat), 0.05)
    return np.where(np.abs(lat) > 1.36, 0.0, _soft(cut, 0.05))


def _rings(lon: Field, lat: Field, random: Random) -> Field:
    away = np.abs(lat)
    return np.maximum(_soft(0.24 - away, 0.02), _soft(away - 0.95, 0.02))


def _swirls(lon: Field, lat: Field, random: Random) -> Field:
    height, width = lon.shape
    warp = noise((width, height), 3, random)
    wave: Field = np.sin(5 * lat + 2.2 * warp)
    return 0.5 + 0.5 * wave


def _squares(lon: Field, lat: Field, random: Random) -> Field:
    return _soft(np.sin(lon * 5) * np.sin(lat * 5 + 0.3), 0.06)


def _soft(value: Field, width: float) -> Field:
    share: Field = np.clip(0.5 + value / (2 * width), 0.0, 1.0)
    return share


PATTERNS: dict[str, Callable[[Field, Field, Random], Field]] = {
    "sectors": _sectors,
    "rings": _rings,
    "swirls": _swirls,
    "squares": _squares,
}


def skin(pattern: str, height: int, random: Random) -> Grey:
    """(height, 2 * height) map of a ball: the share of its second colour; its columns repeat without a seam."""
    lat, lon = np.meshgrid(
        np.linspace(np.pi / 2, -np.pi / 2, height, dtype=np.float32),
        np.linspace(-np.pi, np.pi, 2 * height, endpoint=False, dtype=np.float32),
        indexing="ij",
    )
    share = PATTERNS[pattern](lon, lat, random)
    speckle = 0.03 * np.abs(noise((2 * height, height), 16, random, 3))
    return eight_bits(np.abs(share - speckle))


def eight_bits(values: Field) -> NDArray[np.uint8]:
    """0..1 to 0..255, rounded; what lies outside is clipped."""
    return np.asarray(np.rint(np.clip(values, 0.0, 1.0) * 255), dtype=np.uint8)


BGRColour = tuple[int, int, int]
