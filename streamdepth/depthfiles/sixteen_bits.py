"""Depth spread over the 16 bits of a PNG, with the facts that get the values back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamdepth.frames import DepthMap

LARGEST_PIXEL = 65535


@dataclass(frozen=True, eq=False)
class Quantised:
    """A map in 16 bits: `value = offset + scale * pixel`, within half a `scale` of what it was."""

    pixels: NDArray[np.uint16]
    scale: float
    offset: float


def quantise(values: NDArray[np.float32]) -> Quantised:
    """Spread finite (h, w) values over 0..65535, the least at 0; a constant map is all 0, with `scale` 0."""
    exact = values.astype(np.float64)
    low, high = float(exact.min()), float(exact.max())
    scale = (high - low) / LARGEST_PIXEL
    steps = (exact - low) / scale if scale else np.zeros_like(exact)
    return Quantised(np.rint(steps).astype(np.uint16), scale, low)


def facts_of(depth: DepthMap, quantised: Quantised) -> dict[str, Any]:
    """What the JSON file beside a PNG says of its values."""
    height, width = depth.values.shape
    return {
        "formula": f"{depth.meaning.name.lower()}_depth = offset + scale * pixel",
        "scale": quantised.scale,
        "offset": quantised.offset,
        "meaning": depth.meaning.value,
        "width": width,
        "height": height,
    }
