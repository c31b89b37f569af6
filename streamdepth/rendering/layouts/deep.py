"""Depth over a picture of 10 bits, which it keeps."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.imaging.deep import Deep, deep_tables
from streamdepth.pixels import DEEP_NEUTRAL, DeepPlanes, Picture, halved
from streamdepth.rendering.bars import bars_of


def laid_over(
    picture: Picture, planes: DeepPlanes, grey: NDArray[np.uint8], table: NDArray[np.uint8], share: float
) -> DeepPlanes:
    """As `colours.blend`, with the 10 bits of `picture`: new planes.

    What is blended are signals, as in 8 bits: of HDR these are as the eye sees brightness, where light itself would
    let a highlight shine through any colour.
    """
    y, u, v = deep_tables(table, planes)
    half = halved(grey)
    blended = replace(
        planes,
        y=_blended(planes.y, grey, y, share),
        u=_blended(planes.u, half, u, share),
        v=_blended(planes.v, half, v, share),
    )
    for bar in bars_of(picture):
        kept = share < 1.0
        blended.y[bar.pixels] = planes.y[bar.pixels] if kept else planes.black
        for plane, of_picture in ((blended.u, planes.u), (blended.v, planes.v)):
            plane[bar.chroma] = of_picture[bar.chroma] if kept else DEEP_NEUTRAL
    return blended


def _blended(plane: Deep, grey: NDArray[np.uint8], table: Deep, share: float) -> Deep:
    colour = np.asarray(cv2.LUT(grey, table), np.uint16)
    return np.asarray(cv2.addWeighted(plane, 1.0 - share, colour, share, 0.0, dst=colour), np.uint16)
