"""What the numbers of a depth file count, and metres of them."""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray

from streamdepth.depthfiles.values import Values
from streamdepth.errors import UsageError
from streamdepth.values import dataclass


class DepthKind(Enum):
    """What the numbers of a depth file count."""

    METRES = "metres"
    MILLIMETRES = "millimetres"
    INVERSE = "inverse"
    """1 / metres."""


@dataclass(frozen=True)
class DepthUnit:
    """A stored value divided by `scale` is of `kind`: 256 and metres for KITTI, 5000 and metres for TUM."""

    kind: DepthKind = DepthKind.METRES
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.scale) and self.scale > 0):
            raise UsageError(
                f"a depth scale of {self.scale:g} makes no sense",
                "give stored values per metre, such as 1000",
            )

    def metres(self, values: Values) -> NDArray[np.float32]:
        """Depth in metres of stored values of any shape; 0 where there is no reading (0, below 0, NaN, infinite)."""
        known = np.isfinite(values) & (values > 0)
        counted = np.where(known, values, 1).astype(np.float64) / self.scale
        if self.kind is DepthKind.INVERSE:
            counted = 1 / counted
        elif self.kind is DepthKind.MILLIMETRES:
            counted = counted / 1000
        return np.where(known, counted, 0).astype(np.float32)
