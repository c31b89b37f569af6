"""Depth edges on picture edges: the fast guided filter, of box filters only."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import I420, Picture

Grey = NDArray[np.uint8]

RADIUS = 4
"""Pixels of the depth map within which an edge of depth finds its edge of luma."""
SMOOTHNESS = 10.0
"""Levels of luma: differences well below are texture, well above are edges."""


def luma_of(picture: Picture) -> Grey:
    """(H, W) uint8, contiguous: the luma of planes, the green of BGR, without a conversion of colours."""
    native = picture.native
    if isinstance(native, I420):
        return np.ascontiguousarray(native.y)
    return np.asarray(cv2.extractChannel(native, 1), dtype=np.uint8)


def refine(depth: Grey, guide: Grey, radius: int = RADIUS, smoothness: float = SMOOTHNESS) -> Grey:
    """(H, W) uint8: the (h, w) uint8 map `depth` in the size of the luma `guide`, edges where the guide has them.

    In each window of 2 * radius + 1 pixels of the small map depth is taken to be a line over luma, q = a * I + b, by
    least squares that prefer a = 0 where the deviation of luma is below `smoothness` levels; a and b, averaged over
    all windows of a pixel, are enlarged and applied to the full picture (He and Sun, "Fast Guided Filter", 2015).
    """
    small = cv2.resize(guide, depth.shape[::-1], interpolation=cv2.INTER_AREA)
    small_lines = lines(small.astype(np.float32), depth.astype(np.float32), radius, smoothness)
    size = guide.shape[::-1]
    slope, offset = (cv2.resize(part, size, interpolation=cv2.INTER_LINEAR) for part in small_lines)
    scaled = cv2.multiply(guide, slope, dst=slope, dtype=cv2.CV_32F)
    return np.asarray(cv2.add(scaled, offset, dtype=cv2.CV_8U), dtype=np.uint8)


def lines(
    guide: NDArray[np.float32], depth: NDArray[np.float32], radius: int, smoothness: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Slope a and offset b at each pixel, (h, w) float32: `depth` is near a * `guide` + b around it."""
    box = (2 * radius + 1, 2 * radius + 1)

    def mean(image: NDArray[np.floating]) -> NDArray[np.float32]:
        return np.asarray(cv2.blur(image, box), dtype=np.float32)

    mean_guide, mean_depth = mean(guide), mean(depth)
    covariance = mean(guide * depth) - mean_guide * mean_depth
    variance = mean(guide * guide) - mean_guide * mean_guide
    slope = covariance / (variance + np.float32(smoothness**2))
    return mean(slope), mean(mean_depth - slope * mean_guide)
