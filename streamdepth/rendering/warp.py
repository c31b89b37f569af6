"""Depth moved to a newer picture: what lies between two inferences."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.imaging.small_luma import small_luma
from streamdepth.pixels import Picture

Luma = NDArray[np.uint8]
FlowField = NDArray[np.float32]

LONGER_SIDE = 160
"""Pixels of the pictures in which motion is looked for: less than 1 ms of a core, and cars still move by pixels."""
SHORTEST_SIDE = 48
"""A long, thin picture is stretched to this: OpenCV's search ends in a segmentation fault on 160 x 24 pixels."""


def flow_luma(picture: Picture) -> Luma:
    """(h, w) uint8: the luma of `picture` in the size in which motion is looked for."""
    scale = LONGER_SIDE / max(picture.width, picture.height)
    width, height = (max(SHORTEST_SIDE, round(side * scale)) for side in (picture.width, picture.height))
    return small_luma(picture, (width, height))


class MotionSearch:
    """Dense optical flow between two small pictures: inverse search (Kroeger and others, ECCV 2016), OpenCV's DIS."""

    def __init__(self) -> None:
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)

    def __call__(self, new: Luma, old: Luma) -> FlowField:
        """(h, w, 2) float32, x before y, in pixels: what is at p in `new` was at p + flow[p] in `old`.

        Both pictures are (h, w) uint8.
        """
        still = np.zeros((*new.shape, 2), np.float32)  # where the search begins
        return np.asarray(self._dis.calc(new, old, still), dtype=np.float32)


def warp(values: NDArray[np.float32], flow: FlowField) -> NDArray[np.float32]:
    """(H, W) float32: each pixel's depth from where it was in the old picture; `flow` may have another size.

    What came in over the border takes the depth at the border.
    """
    height, width = values.shape
    rows, columns = flow.shape[:2]
    large = cv2.resize(flow, (width, height), interpolation=cv2.INTER_LINEAR)
    x = large[:, :, 0] * np.float32(width / columns) + np.arange(width, dtype=np.float32)
    y = large[:, :, 1] * np.float32(height / rows) + np.arange(height, dtype=np.float32)[:, None]
    return np.asarray(
        cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.float32
    )
