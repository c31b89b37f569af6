"""Putting bodies into the picture: soft outlines, haze, and the light they are seen in.

The order of operations is chosen for speed: eight-bit OpenCV calls on the window of one body at a time.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import BGRImage
from streamdepth.sources.demo.view import Floats, Window

Mask = NDArray[np.uint8]
Corners = NDArray[np.int32]
Shadow = tuple[Floats, int]
"""A convex (N, 3) polygon on the ground, in the world, and the light left in it, 0..255."""

HAZE = (226.0, 216.0, 206.0)
"""Colour, blue first, of what is infinitely far."""
VISIBILITY = 55.0
"""Metres after which 1/e of a colour is left."""
SUN = np.array([-0.62, 0.62, -0.34]) / math.hypot(0.62, 0.62, 0.34)
"""Unit vector in the world towards the sun: behind the camera, to its left."""
SUNLESS = 84
"""The light left in the sun's shadow, 0..255."""

# OpenCV's antialiased fill covers this much more than the outline it is given (measured, in pixels).
_FILL_EXCESS = 0.65
_FRACTION_BITS = 4


def clearness(distance: float) -> float:
    """The share of a colour that haze leaves at `distance` metres."""
    return math.exp(-max(0.0, distance) / VISIBILITY)


def encode(light: Any) -> Any:
    """Linear light to picture values, both 0..1: a plain power of 1/2.2, so that products stay products."""
    return np.power(np.clip(light, 0.0, 1.0), 1 / 2.2)


def blend(under: BGRImage, colour: BGRImage, cover: Mask, light: float = 1.0) -> None:
    """Lay `colour` (h, w, 3), dimmed by `light`, over `under`, in place; `colour` is spent.

    `cover` (h, w): 0 keeps what is there, 255 hides it. `light` is 0..1.
    """
    wide = cv2.cvtColor(cover, cv2.COLOR_GRAY2BGR)
    cv2.multiply(colour, wide, dst=colour, scale=light / 255)
    cv2.multiply(under, cv2.bitwise_not(wide, dst=wide), dst=under, scale=1 / 255)
    cv2.add(under, colour, dst=under)


def ellipse_cover(
    window: Window, centre: tuple[float, float], radii: tuple[float, float], angle: float
) -> Mask:
    """(h, w) soft cover of an ellipse: centre and radii in pixels of the window, angle in radians."""
    cover = np.zeros(window.shape, np.uint8)
    scale = 1 << _FRACTION_BITS
    at = round(centre[0] * scale), round(centre[1] * scale)
    size = tuple(round(max(0.0, radius - _FILL_EXCESS) * scale) for radius in radii)
    cv2.ellipse(cover, at, size, math.degrees(angle), 0, 360, 255, cv2.FILLED, cv2.LINE_AA, _FRACTION_BITS)
    return cover


def fill(mask: Mask, polygon: Corners, value: int) -> None:
    """Fill a convex polygon of a mask, corners as `fixed` makes them, with one value."""
    cv2.fillConvexPoly(mask, polygon, value, cv2.LINE_AA, _FRACTION_BITS)


def on_ground(points: Floats) -> Floats:
    """Where the sun throws the shadows of (N, 3) world points on the ground, (N, 3)."""
    thrown: Floats = points - points[:, 1:2] / SUN[1] * SUN
    return thrown


def hull(points: Floats) -> Floats:
    """The convex hull of (N, 3) points on the ground, (M, 3)."""
    found = cv2.convexHull(points[:, [0, 2]].astype(np.float32), returnPoints=False)
    corners: Floats = points[found[:, 0]]
    return corners


def snug(points: Floats) -> Floats:
    """(N, 2) corners of a body moved inwards along x and y, so that what is filled ends where its outline was.

    Exact for upright edges, near enough for others; the first and the last corner lie opposite each other.
    """
    moved: Floats = points - np.copysign(_FILL_EXCESS, points - (points[0] + points[-1]) / 2)
    return moved


def filled(window: Window, polygon: Corners) -> Mask:
    """(h, w) soft cover of a convex polygon of the picture, corners as `fixed` makes them."""
    cover = np.zeros(window.shape, np.uint8)
    fill(cover, polygon - (window.left << _FRACTION_BITS, window.top << _FRACTION_BITS), 255)
    return cover


def fixed(pixels: Floats) -> Corners:
    """(..., 2) pixels as what OpenCV fills between."""
    return np.rint(pixels * (1 << _FRACTION_BITS)).astype(np.int32)
