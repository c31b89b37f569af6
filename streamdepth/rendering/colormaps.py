"""The colormaps that can be chosen, as lookup tables."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import UsageError
from streamdepth.values import dataclass

COLORMAPS = ("inferno", "magma", "plasma", "viridis", "cividis", "turbo", "jet", "bone", "ocean", "gray")
"""Names, in the order in which the window's key walks through them."""


FADE = 8
"""Entries over which colours fade to black at a cut: a hard edge would flicker."""


@lru_cache(maxsize=32)
def lookup_table(name: str, *, invert: bool = False, cut_beyond: float | None = None) -> NDArray[np.uint8]:
    """(256, 1, 3) uint8 BGR: entry 255 is the colour of the nearest, or of the farthest with `invert`.

    With `cut_beyond`, a share of the range from the nearest (0) to the farthest (1), what is farther is black.

    Raises `UsageError` for a name that is not in `COLORMAPS`.
    """
    if name not in COLORMAPS:
        raise UsageError(f"there is no colormap '{name}'", f"choose one of {', '.join(COLORMAPS)}")
    table = _colours(name, invert)
    if cut_beyond is not None and cut_beyond < 1.0:
        first = 255.0 * (1.0 - cut_beyond)
        kept = np.clip((np.arange(256) - first) / FADE + 1.0, 0.0, 1.0)
        table = np.rint(table * kept[:, None, None]).astype(np.uint8)
    return table


@dataclass(frozen=True)
class Colours:
    """The colours of depth, from the farthest to the nearest."""

    name: str
    """Of the colormap."""
    invert: bool = False
    cut_beyond: float | None = None

    @property
    def table(self) -> NDArray[np.uint8]:
        """As `lookup_table`."""
        return lookup_table(self.name, invert=self.invert, cut_beyond=self.cut_beyond)


def _colours(name: str, invert: bool) -> NDArray[np.uint8]:
    ramp = np.arange(256, dtype=np.uint8).reshape(256, 1)
    if invert:
        ramp = ramp[::-1].copy()
    if name == "gray":
        return np.asarray(cv2.merge([ramp, ramp, ramp]))
    return np.asarray(cv2.applyColorMap(ramp, getattr(cv2, f"COLORMAP_{name.upper()}")))
