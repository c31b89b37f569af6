"""Depth values to levels of grey, by the range that spans the colours."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.frames import DepthRange


def normalise(
    values: NDArray[np.float32], span: DepthRange, size: tuple[int, int], *, larger_is_nearer: bool = True
) -> NDArray[np.uint8]:
    """(H, W) uint8 for `size` = (W, H): the farthest value of `span` and beyond is 0, the nearest 255.

    A map without any span, such as a blank wall, is mid-grey rather than amplified noise.
    """
    width = span.high - span.low
    if width <= 1e-6 * max(abs(span.low), abs(span.high), 1e-6):
        return np.full((size[1], size[0]), 128, np.uint8)
    above = values - np.float32(span.low)
    small = cv2.addWeighted(
        above, 255.0 / width, above, 0.0, 0.0, dtype=cv2.CV_8U
    )  # which rounds and saturates
    if not larger_is_nearer:
        small = cv2.bitwise_not(small)
    # Enlarged as bytes: OpenCV saturates what cubic interpolation adds beside an edge.
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
