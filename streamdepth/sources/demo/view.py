"""The pinhole camera of the demo scene.

World: x to the right, height upwards, z forward, in metres; the ground is at height 0. Camera: x right, y down,
z forward. Pixels are named by their centres, as in OpenCV. The camera turns about the vertical only and its
horizon lies above the middle of the picture (a shift lens), so verticals stay vertical.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streamdepth.values import dataclass

Floats = NDArray[np.float64]

EYE_HEIGHT = 1.6
HORIZON = 0.42
"""Row of the horizon over the height of the picture."""


class Window(NamedTuple):
    """A rectangle of pixels: `left <= x < right`, `top <= y < bottom`."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.right - self.left, self.bottom - self.top

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.bottom - self.top, self.right - self.left

    @property
    def corner(self) -> tuple[int, int]:
        """x and y of the first pixel."""
        return self.left, self.top

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns, to index a picture with."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def empty(self) -> bool:
        """True when it holds no pixel."""
        return self.right <= self.left or self.bottom <= self.top

    @property
    def from_origin(self) -> Floats:
        """The 3x3 map from pixels of the picture to pixels of this window."""
        return np.array([[1.0, 0.0, -self.left], [0.0, 1.0, -self.top], [0.0, 0.0, 1.0]])

    @property
    def to_origin(self) -> Floats:
        """The 3x3 map from pixels of this window to pixels of the picture."""
        return np.array([[1.0, 0.0, self.left], [0.0, 1.0, self.top], [0.0, 0.0, 1.0]])


@dataclass(frozen=True)
class View:
    """Where the camera stands, where it looks, and the picture it takes."""

    width: int
    height: int
    x: float = 0.0
    z: float = 0.0
    yaw: float = 0.0
    """Radians; positive looks to the right."""

    @cached_property
    def focal(self) -> float:
        """Pixels: 58 degrees across the longer side."""
        return 0.9 * max(self.width, self.height)

    @cached_property
    def centre(self) -> tuple[float, float]:
        """The principal point in pixels."""
        return (self.width - 1) / 2, HORIZON * (self.height - 1)

    @cached_property
    def rotation(self) -> Floats:
        """3x3, world to camera directions; a reflection as well, since heights grow upwards and rows downwards."""
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        return np.array([[c, 0.0, -s], [0.0, -1.0, 0.0], [s, 0.0, c]])

    @cached_property
    def position(self) -> Floats:
        """(3,) of the camera in the world."""
        return np.array([self.x, EYE_HEIGHT, self.z])

    @cached_property
    def to_pixels(self) -> Floats:
        """3x3, world directions to homogeneous pixels."""
        u, v = self.centre
        return np.array([[self.focal, 0.0, u], [0.0, self.focal, v], [0.0, 0.0, 1.0]]) @ self.rotation

    def to_camera(self, points: Floats) -> Floats:
        """(..., 3) world to (..., 3) camera."""
        return (points - self.position) @ self.rotation.T

    def project(self, points: Floats) -> Floats:
        """(..., 3) world to (..., 2) pixels; the points lie in front of the camera."""
        pixels = (points - self.position) @ self.to_pixels.T
        flat: Floats = pixels[..., :2] / pixels[..., 2:]
        return flat

    @cached_property
    def projection(self) -> Floats:
        """3x4, homogeneous world points to homogeneous pixels; the last row gives metres along the axis."""
        return np.column_stack([self.to_pixels, -self.to_pixels @ self.position])

    def rays(self, window: Window) -> Floats:
        """(h, w, 3) camera directions with z = 1 through the pixels of a window."""
        u, v = self.centre
        x = (np.arange(window.left, window.right) - u) / self.focal
        y = (np.arange(window.top, window.bottom) - v) / self.focal
        rays = np.ones((*window.shape, 3))
        rays[..., 0], rays[..., 1] = x, y[:, None]
        return rays

    def window(self, points: Floats, margin: float) -> Window:
        """The pixels within `margin` of the (N, 2) points' bounding box, clipped to the picture."""
        x, y = points.T.tolist()  # of a few points, plain Python finds the extremes faster
        return self.clip(min(x) - margin, min(y) - margin, max(x) + margin, max(y) + margin)

    def clip(self, left: float, top: float, right: float, bottom: float) -> Window:
        """The pixels of the picture within a rectangle."""
        return Window(
            max(0, math.floor(left)),
            max(0, math.floor(top)),
            min(self.width, math.ceil(right) + 1),
            min(self.height, math.ceil(bottom) + 1),
        )
