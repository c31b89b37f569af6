"""Depth as colours over a picture or in its place: what several layouts draw with."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import I420, BGRImage, ColourMatrix, Picture, bgr_to_yuv, halved
from streamdepth.rendering.bars import blacken_bars, keep_bars

Plane = NDArray[np.uint8]


def blend(picture: Picture, grey: Plane, table: Plane, share: float) -> BGRImage | I420:
    """The colours of `grey`, of which the `share` 0..1 lies over `picture`; arguments and result as `Layout.draw`."""
    native = picture.native
    if isinstance(native, I420):
        image: BGRImage | I420 = _blended_planes(native, grey, table, share)
    else:
        image = _blended(native, coloured(grey, table), share)
    if share < 1.0:
        keep_bars(image, picture)
    else:
        blacken_bars(image, picture)
    return image


def coloured(grey: Plane, table: Plane) -> BGRImage:
    """(H, W, 3) uint8 BGR of an (H, W) uint8 map."""
    return uint8(cv2.applyColorMap(grey, table))


def plane_of(grey: Plane, table: Plane) -> Plane:
    """(H, W) uint8 of an (H, W) uint8 map: one plane of its colours, by one of `yuv_tables`."""
    return uint8(cv2.LUT(grey, table))


def yuv_tables(table: Plane, planes: I420) -> tuple[Plane, Plane, Plane]:
    """The tables of luma and chroma, in the matrix and range of `planes`, of a (256, 1, 3) BGR one."""
    return _yuv_tables(table.tobytes(), planes.matrix, planes.full_range)


def uint8(array: cv2.typing.MatLike) -> Plane:
    """What OpenCV gave, with the type that it has."""
    return np.asarray(array, np.uint8)


@lru_cache(maxsize=8)
def _yuv_tables(table: bytes, matrix: ColourMatrix, full_range: bool) -> tuple[Plane, Plane, Plane]:
    # Kept, as a stream shows the same colours for long.
    colours = np.frombuffer(table, np.uint8).reshape(-1, 1, 3)
    y, u, v = (uint8(one) for one in cv2.split(bgr_to_yuv(colours, matrix, full_range=full_range)))
    return y, u, v


def _blended_planes(planes: I420, grey: Plane, table: Plane, share: float) -> I420:
    y, u, v = yuv_tables(table, planes)
    half = halved(grey)
    return I420(
        _blended(planes.y, plane_of(grey, y), share),
        _blended(planes.u, plane_of(half, u), share),
        _blended(planes.v, plane_of(half, v), share),
        planes.matrix,
        planes.full_range,
    )


def _blended(image: Plane, colour: Plane, share: float) -> Plane:
    """`colour`, overwritten by its blend with `image`."""
    if share == 1.0:
        return colour
    return uint8(cv2.addWeighted(image, 1.0 - share, colour, share, 0.0, dst=colour))
