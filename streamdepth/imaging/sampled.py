"""A sample of very many values that takes no more memory the more there are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streamdepth.imaging.quantiles import quantiles

OF_EACH = 512
"""Values of a map."""
MOST = 1 << 20


class Sampled:
    """Values of maps, evenly taken: all maps count the same, however many there are."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: list[NDArray[np.float32]] = []
        self._stride = 1
        self._seen = 0

    def add(self, values: NDArray[np.float32]) -> None:
        """Take some of a map; once there are too many, every second map is let go, and of those to come as well."""
        if self._seen % self._stride == 0:
            flat = values.ravel()
            self._kept.append(flat[:: max(1, flat.size // OF_EACH)].copy())
            if len(self._kept) * OF_EACH > self._most:
                self._kept = self._kept[::2]
                self._stride *= 2
        self._seen += 1

    def quantiles(self, low: float, high: float) -> tuple[float, float]:
        """Two quantiles of all; once there is a map."""
        found = quantiles(np.concatenate(self._kept)[None], low, high)
        return found[0], found[1]
