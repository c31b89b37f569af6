"""The colormaps that can be chosen, as lookup tables."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import UsageError

COLORMAPS = ("inferno", "magma", "plasma", "viridis", "cividis", "turbo", "jet", "bone", "ocean", "gray")
"""Names, in the order in which the window's key walks through them."""


@lru_cache(maxsize=32)
def lookup_table(name: str, *, invert: bool = False) -> NDArray[np.uint8]:
    """(256, 1, 3) uint8 BGR: entry 255 is the colour of the nearest, or of the farthest with `invert`.

    Raises `UsageError` for a name that is not in `COLORMAPS`.
    """
    if name not in COLORMAPS:
        raise UsageError(f"there is no colormap '{name}'", f"choose one of {', '.join(COLORMAPS)}")
    ramp = np.arange(256, dtype=np.uint8).reshape(256, 1)
    if invert:
        ramp = ramp[::-1].copy()
    if name == "gray":
        return np.asarray(cv2.merge([ramp, ramp, ramp]))
    return np.asarray(cv2.applyColorMap(ramp, getattr(cv2, f"COLORMAP_{name.upper()}")))
