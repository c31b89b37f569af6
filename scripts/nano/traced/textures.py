"""Textures of one size with their smaller copies, and how they are looked up."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from simple.patterns import draw_patterns, layers

SIDE = 256
LEVELS = 9
TEXELS = sum((SIDE >> level) ** 2 for level in range(LEVELS))
"""Of a texture with all its smaller copies."""
_OFFSETS = np.cumsum([0, *[(SIDE >> level) ** 2 for level in range(LEVELS - 1)]])

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]


def from_linear(picture: NDArray[np.floating]) -> Bytes:
    """(TEXELS, 4) of a linear (H, W, 3 or 4) picture in 0..1: square roots in bytes, largest copy first."""
    texture = np.asarray(picture, np.float32)
    if texture.shape[2] == 3:
        texture = np.dstack([texture, np.ones(texture.shape[:2], np.float32)])
    texture = np.asarray(cv2.resize(texture, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.float32)
    parts = []
    for _ in range(LEVELS):
        parts.append(np.sqrt(texture.clip(0, 1)).reshape(-1, 4))
        if len(texture) > 1:
            texture = texture.reshape(len(texture) // 2, 2, len(texture) // 2, 2, 4).mean((1, 3))
    return (np.concatenate(parts) * 255 + 0.5).astype(np.uint8)


def from_file(data: bytes) -> Bytes | None:
    """The texture of an encoded picture, its opacity in the fourth channel; None where it cannot be decoded."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None:
        return None
    picture = picture.astype(np.float32) / (65535 if picture.dtype == np.uint16 else 255)
    if picture.ndim == 2:
        picture = picture[..., None].repeat(3, 2)
    colour = picture[..., 2::-1] ** 2.2
    alpha = picture[..., 3:] if picture.shape[2] == 4 else np.ones((*picture.shape[:2], 1), np.float32)
    return from_linear(np.dstack([colour, alpha]))


@cache
def patterns() -> dict[str, list[Bytes]]:
    """The house's patterns by name: their channels say how much of a material's three colours is seen."""
    from simple.patterns import RECIPES

    drawn = draw_patterns()
    return {
        name: [from_linear(cv2.resize(drawn[layer], (SIDE, SIDE))) for layer in layers(name)]
        for name in RECIPES
    }


def look_up(bank: Bytes, layer: NDArray[np.int32], uv: Floats, texels: Floats, jitter: Floats) -> Floats:
    """(N, 4) linear values of textures `layer` at `uv` (N, 2), which repeat.

    `bank` is (L, TEXELS, 4); `texels` (N,) is how many texels of the largest copy a pixel covers, `jitter` (N, 2) in
    -0.5..0.5 spreads the look-ups over neighbours, which is as good as interpolating when several are averaged.
    """
    level = np.log2(np.maximum(texels, 1)).astype(np.int32).clip(0, LEVELS - 1)
    side = SIDE >> level
    place = np.floor(uv * side[:, None] + jitter).astype(np.int64) % side[:, None]
    row = side - 1 - place[:, 1]
    index = _OFFSETS[level] + row * side + place[:, 0]
    values = bank[layer, index].astype(np.float32) / 255
    values[:, :3] *= values[:, :3]
    return np.asarray(values, np.float32)
