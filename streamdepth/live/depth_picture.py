"""A picture in which colour and depth stand together, so that each viewer can draw depth as he likes.

Above is the source's picture, below its depth in grey, from the farthest (black) to the nearest (white) of the range
that is sent beside it. Each value of the map takes `CELL` pixels in each direction: what a codec does to blocks evens
out, and more pixels would cost more than they help (docs/design/live.md has the figures).
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.depthfiles.stacked import CELL, DepthDescription, DepthPlace
from streamdepth.frames import Rendered, ScaledDepth
from streamdepth.live.sendable import sendable
from streamdepth.pixels import I420, NEUTRAL, Picture
from streamdepth.rendering.normalise import normalise
from streamdepth.rendering.range import percentile_range

Plane = NDArray[np.uint8]
BLOCK = 16
"""Pixels of a block of the codecs: depth begins at one, so that no block has colour and depth."""
MARGIN = 8
"""Pixels around depth that repeat its edge: there a codec smooths it into what is beside it.

A picture that is hardly wider than two of them has fewer at the sides.
"""


def with_depth(rendered: Rendered, most_pixels: int) -> tuple[I420, DepthDescription]:
    """Planes of colour and depth together, `most_pixels` at most, and their description."""
    frame, scaled = rendered.estimate.frame, _scaled_of(rendered)
    values = scaled.depth.values
    rows, columns = values.shape
    strip = _whole_blocks(rows * CELL + 2 * MARGIN)
    picture = sendable(frame.picture, _room_for(frame.picture, strip, most_pixels), frame.pixel_aspect)
    planes = picture.i420
    wide = planes.y.shape[1]
    left = min(MARGIN, wide // 4)
    size = min(columns * CELL, wide - 2 * left), rows * CELL
    near = scaled.depth.meaning.larger_is_nearer
    grey = normalise(values, scaled.span, (columns, rows), larger_is_nearer=near)
    if not planes.full_range:
        grey = np.asarray(cv2.LUT(grey, _LIMITED), np.uint8)
    top = _whole_blocks(picture.height)
    box = (left, top + MARGIN, *size)
    place = DepthPlace((picture.width, picture.height), box, _inner_of(rendered))
    cells: Plane = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    description = DepthDescription(place, scaled.span, scaled.depth.meaning, *_metres_of(rendered))
    return _together(planes, cells, place, strip), description


def _room_for(picture: Picture, strip: int, most_pixels: int) -> int:
    """Pixels of colour, so that with `strip` rows below there are `most_pixels`: its sides times s, by s^2 a + s b."""
    area, below = picture.width * picture.height, picture.width * (strip + BLOCK - 1)
    side = (math.sqrt(below**2 + 4 * area * most_pixels) - below) / (2 * area)
    return int(side**2 * area)


def _scaled_of(rendered: Rendered) -> ScaledDepth:
    if rendered.scaled is not None:
        return rendered.scaled
    return ScaledDepth(rendered.depth, percentile_range(rendered.depth.values))


def _metres_of(rendered: Rendered) -> tuple[tuple[float, float] | None, str, float | None]:
    measured = rendered.measured
    return (None, "", None) if measured is None else (measured.inverse, measured.reason, measured.error)


def _inner_of(rendered: Rendered) -> tuple[float, float, float, float]:
    picture = rendered.estimate.frame.picture
    if picture.inner is None:
        return 0.0, 0.0, 1.0, 1.0
    inner = picture.inner
    return (
        inner.left / picture.width,
        inner.top / picture.height,
        inner.width / picture.width,
        inner.height / picture.height,
    )


def _whole_blocks(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _together(planes: I420, grey: Plane, place: DepthPlace, strip: int) -> I420:
    """`planes` above and, from the next block on, `grey` within its margin."""
    height, width = planes.y.shape
    side, top, bottom = place.box[0], place.box[1] - MARGIN, strip - MARGIN - grey.shape[0]
    y = np.full((top + strip, width), planes.black, np.uint8)
    y[:height], y[height:top] = planes.y, planes.y[-1:]
    framed = cv2.copyMakeBorder(grey, MARGIN, bottom, side, side, cv2.BORDER_REPLICATE)
    y[top:, : framed.shape[1]] = framed
    u, v = (_above_neutral(plane, (top + strip) // 2) for plane in (planes.u, planes.v))
    return I420(y, u, v, planes.matrix, planes.full_range)


def _above_neutral(chroma: Plane, rows: int) -> Plane:
    whole = np.full((rows, chroma.shape[1]), NEUTRAL, np.uint8)
    whole[: chroma.shape[0]] = chroma
    return whole


_LIMITED = np.rint(16 + np.arange(256) * (219 / 255)).astype(np.uint8)
"""Levels of grey as luma of limited range (ITU-T H.273), which every decoder turns back into them."""
