"""A camera's calibration from one of its pictures: from points with their distances, or from depth in metres."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import UsageError
from streamdepth.frames import BEYOND, DepthMap, DepthMeaning
from streamdepth.imaging.scaling import are_of_one_shape
from streamdepth.imaging.small_luma import small_luma
from streamdepth.metres.calibration import Calibration
from streamdepth.metres.fit import fit
from streamdepth.pixels import Picture
from streamdepth.rendering.bars import point_inside

BOX = 2
"""Values this many pixels of the map around a point count: a click is not exact."""
MOST_READINGS = 2000
"""Of a whole depth map so many pixels are looked at."""
_STRETCHED = 0.35
"""A map in the size of a network's input may be wider or narrower by a third; a picture on its side is by more."""


class Point(NamedTuple):
    """Something in the picture whose distance is known."""

    x: float
    """Pixels from the left edge of the picture as it is shown."""
    y: float
    """Pixels from its top."""
    metres: float
    """From the camera, along its axis."""


class Network(NamedTuple):
    """Which network it is: another has another scale."""

    model: str
    sha256: str


def calibrate_by_points(
    picture: Picture, depth: DepthMap, network: Network, points: Sequence[Point]
) -> Calibration:
    """From points of `picture`, of which `depth` is the map of inverse relative depth.

    Raises UsageError for points outside of the picture or in its bars, and as `fit` does.
    """
    values = np.array([_value_at(picture, depth.values, point) for point in points])
    return _kept(picture, depth, network, values, np.array([point.metres for point in points]))


def calibrate_by_depth(
    picture: Picture,
    depth: DepthMap,
    network: Network,
    truth: NDArray[np.float32],
    pixel_aspect: Fraction = Fraction(1),
) -> Calibration:
    """From depth in metres of the same picture with its bars, (h, w) of any size, 0 where there is no reading.

    What is beyond `BEYOND` is none. Its pixels may be square where those of the picture, `pixel_aspect` wide, are not.
    Raises UsageError for depth of another shape, where there is no reading, and as `fit` does.
    """
    truth = _inside_bars(picture, truth, pixel_aspect)
    height, width = truth.shape
    values = cv2.resize(depth.values, (width, height), interpolation=cv2.INTER_CUBIC)
    rows, columns = np.nonzero((truth > 0) & (truth <= BEYOND))
    if not rows.size:
        raise UsageError(
            f"the depth has no reading up to {BEYOND:g} m",
            "name a depth map of this picture: floating-point numbers are metres, whole numbers millimetres",
        )
    chosen = np.random.default_rng(0).permutation(rows.size)[:MOST_READINGS]
    place = rows[chosen], columns[chosen]
    return _kept(picture, depth, network, values[place], truth[place])


def _inside_bars(picture: Picture, truth: NDArray[np.float32], pixel_aspect: Fraction) -> NDArray[np.float32]:
    height, width = truth.shape
    shown = round(picture.width * pixel_aspect), picture.height
    sizes = (picture.width, picture.height), shown
    if not any(are_of_one_shape(size, (width, height), _STRETCHED) for size in sizes):
        raise UsageError(
            f"the depth is {width}x{height} and the picture {picture.width}x{picture.height}: they do not show "
            "the same",
            "name a depth map of this picture",
        )
    inner = picture.inner
    if inner is None:
        return truth
    across, down = width / picture.width, height / picture.height
    rows = slice(round(inner.top * down), round((inner.top + inner.height) * down))
    columns = slice(round(inner.left * across), round((inner.left + inner.width) * across))
    return truth[rows, columns]


def check_learnable(depth: DepthMap, network: Network) -> None:
    """Raise UsageError where depth is no relative inverse depth."""
    if depth.meaning is not DepthMeaning.INVERSE_RELATIVE:
        raise UsageError(
            f"{network.model} gives {depth.meaning.value}, which needs no scale and shift",
            "leave it as it is",
        )


def _kept(
    picture: Picture,
    depth: DepthMap,
    network: Network,
    values: NDArray[Any],
    metres: NDArray[Any],
) -> Calibration:
    check_learnable(depth, network)
    height, width = depth.values.shape
    luma = small_luma(picture.content, (max(1, width // 2), max(1, height // 2)))
    return Calibration(fit(values, metres), depth.values, luma, network.model, network.sha256)


def _value_at(picture: Picture, values: NDArray[np.float32], point: Point) -> float:
    """The median of the map around a point."""
    inside = point_inside(picture, point.x / picture.width, point.y / picture.height)
    if inside is None:
        raise UsageError(
            f"the point {point.x:g},{point.y:g} is outside of the picture of {picture.width}x{picture.height}",
            "count its pixels from the top left",
        )
    height, width = values.shape
    column, row = min(int(inside[0] * width), width - 1), min(int(inside[1] * height), height - 1)
    around = values[max(0, row - BOX) : row + BOX + 1, max(0, column - BOX) : column + BOX + 1]
    return float(np.median(around))
