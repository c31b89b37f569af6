"""Distances for programs that want some, whatever a depth map says."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streamdepth.frames import BEYOND, DepthMap, DepthMeaning

NEAREST, FARTHEST = 1.0, 10.0
"""What stands for the nearest and the farthest where a map has no unit: a room seen from its door."""


def distances(depth: DepthMap) -> NDArray[np.float32]:
    """(h, w) float32, above 0: metres where the map has them, else from `NEAREST` to `FARTHEST`.

    Metres are at most `BEYOND`, which also stands for 0 and less: networks give them where there is no reading.
    Of relative inverse depth scale and shift are not known: these two are chosen so, and what is flat stays flat.
    """
    values = depth.values
    metres = depth.metres
    if metres is not None:
        return np.where(metres > 0, np.minimum(metres, np.float32(BEYOND)), np.float32(BEYOND))
    low, high = float(values.min()), float(values.max())
    share = (values - low) / (high - low) if high > low else np.full_like(values, 0.5)
    if depth.meaning is DepthMeaning.DISTANCE_RELATIVE:
        return (NEAREST + share * (FARTHEST - NEAREST)).astype(np.float32)
    return (1.0 / (1 / FARTHEST + share * (1 / NEAREST - 1 / FARTHEST))).astype(np.float32)
