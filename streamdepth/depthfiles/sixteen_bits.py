"""Depth spread over the 16 bits of a pixel, and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streamdepth.values import dataclass

LARGEST_PIXEL = 65535


@dataclass(frozen=True)
class Scale:
    """`value = offset + scale * pixel`, within half a `scale` of what the value was."""

    scale: float
    offset: float

    @classmethod
    def spanning(cls, low: float, high: float) -> Scale:
        """Pixel 0 is `low` and the largest is `high`; where they are the same all pixels are 0, with `scale` 0."""
        return cls((high - low) / LARGEST_PIXEL, low)

    @classmethod
    def of(cls, values: NDArray[np.float32]) -> Scale:
        """Spanning the finite values of a map, none of which is lost then."""
        return cls.spanning(float(values.min()), float(values.max()))

    def pixels(self, values: NDArray[np.float32]) -> NDArray[np.uint16]:
        """(h, w) finite values as pixels; what is outside the scale becomes its end."""
        if not self.scale:
            return np.zeros(values.shape, np.uint16)
        steps = (values.astype(np.float64) - self.offset) / self.scale
        return np.clip(np.rint(steps), 0, LARGEST_PIXEL).astype(np.uint16)

    def values(self, pixels: NDArray[np.uint16]) -> NDArray[np.float32]:
        """(h, w) float32 values of pixels."""
        return (pixels.astype(np.float64) * self.scale + self.offset).astype(np.float32)

    @property
    def high(self) -> float:
        """The value of the largest pixel."""
        return self.offset + self.scale * LARGEST_PIXEL


MILLIMETRES = Scale(0.001, 0.0)
"""Of values in metres: what other programs take 16 bits of depth for."""
