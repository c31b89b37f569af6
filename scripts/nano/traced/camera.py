"""A pinhole camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Camera:
    """Where the camera is and what it sees."""

    eye: Array
    axes: Array
    """(3, 3), columns right, up and ahead."""
    tangent: float
    """Tangent of half the field of view along the longer side."""
    kind: str = ""

    def directions(self, height: int, width: int, jitter: Floats | None = None) -> Floats:
        """(H * W, 3) rays through the pixels; their part along the axis is 1, so distances on them are depths.

        `jitter` (H * W, 2) in -0.5..0.5 moves each within its pixel, right and down.
        """
        x, y = np.meshgrid(np.arange(width) + 0.5 - width / 2, np.arange(height) + 0.5 - height / 2)
        flat = np.stack([x.ravel(), y.ravel()], axis=1)
        if jitter is not None:
            flat = flat + jitter
        flat = flat * (2 * self.tangent / max(height, width))
        local = np.column_stack([flat[:, 0], -flat[:, 1], np.ones(len(flat))])
        return (local @ self.axes.T).astype(np.float32)


def looking(eye: Array, target: Array, roll: float, tangent: float, kind: str = "") -> Camera:
    """A camera at `eye` that looks at `target`, tilted to the side by `roll` radians."""
    ahead = (target - eye) / np.linalg.norm(target - eye)
    right = np.cross(ahead, [0.0, 1.0, 0.0])
    length = np.linalg.norm(right)
    right = right / length if length > 1e-6 else np.array([1.0, 0.0, 0.0])
    up = np.cross(right, ahead)
    c, s = np.cos(roll), np.sin(roll)
    return Camera(eye, np.stack([c * right + s * up, c * up - s * right, ahead], axis=1), tangent, kind)
