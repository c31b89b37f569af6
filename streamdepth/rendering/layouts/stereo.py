"""Views of two eyes: side by side for headsets and televisions, or in one picture for red and cyan glasses."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol, Self, runtime_checkable

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import I420, NEUTRAL, BGRImage, Picture, bgr_to_i420, doubled, halved
from streamdepth.rendering.colormaps import Colours
from streamdepth.rendering.layouts.layout import Layout, Point, Size
from streamdepth.rendering.parallax import USUAL, Parallax, both_eyes
from streamdepth.values import dataclass

# Least squares for red and cyan glasses and an sRGB screen: Dubois, "A projection method to generate anaglyph stereo
# images", ICASSP 2001. Rows and columns are blue, green, red.
_LEFT = np.array([[-0.017, -0.050, -0.048], [-0.024, -0.062, -0.062], [0.164, 0.449, 0.437]])
_RIGHT = np.array([[1.234, -0.093, -0.026], [0.009, 0.761, 0.377], [-0.007, -0.032, -0.011]])


@runtime_checkable
class HasParallax(Protocol):
    """A layout that shows the scene from two places."""

    def with_parallax(self, parallax: Parallax) -> Layout:
        """The same with another depth."""


@dataclass(frozen=True)
class Stereo:
    """What the left eye sees, and beside it, as large, what the right eye sees."""

    parallax: Parallax = USUAL
    name = "stereo"

    def with_parallax(self, parallax: Parallax) -> Self:
        """As `HasParallax`."""
        return replace(self, parallax=parallax)

    def draw(
        self, picture: Picture, grey: NDArray[np.uint8], table: NDArray[np.uint8], alpha: float
    ) -> BGRImage | I420:
        """As `Layout.draw`; neither colours nor `alpha` have a say."""
        native, content = picture.native, picture.content
        inside, black = content.bgr, (0, 0, 0)
        if isinstance(content.native, I420):
            inside, black = _unpacked(content.native), (content.native.black, NEUTRAL, NEUTRAL)
        eyes = both_eyes(inside, _of_content(grey, picture), self.parallax)
        both = np.hstack([_framed(eye, picture, black) for eye in eyes])
        return _packed(both, native) if isinstance(native, I420) else both

    def colours(self, chosen: Colours) -> Colours | None:
        """None."""
        return None

    def size(self, picture: Size) -> Size:
        """Twice as wide."""
        return 2 * picture[0], picture[1]

    def point(self, shown: Point) -> Point | None:
        """About the same in both halves: what is near lies beside it."""
        return shown[0] * 2 % 1.0, shown[1]


@dataclass(frozen=True)
class Anaglyph:
    """The view of the left eye in red, and that of the right eye in cyan."""

    parallax: Parallax = USUAL
    name = "anaglyph"

    def with_parallax(self, parallax: Parallax) -> Self:
        """As `HasParallax`."""
        return replace(self, parallax=parallax)

    def draw(
        self, picture: Picture, grey: NDArray[np.uint8], table: NDArray[np.uint8], alpha: float
    ) -> BGRImage | I420:
        """As `Layout.draw`; neither colours nor `alpha` have a say."""
        left, right = both_eyes(picture.content.bgr, _of_content(grey, picture), self.parallax)
        mixed = _mixed(left, _LEFT) + _mixed(right, _RIGHT)
        image = _framed(np.clip(np.rint(mixed), 0, 255).astype(np.uint8), picture, (0, 0, 0))
        native = picture.native
        if not isinstance(native, I420):
            return image
        return bgr_to_i420(image, native.matrix, full_range=native.full_range)

    def colours(self, chosen: Colours) -> Colours | None:
        """None."""
        return None

    def size(self, picture: Size) -> Size:
        """The picture's own."""
        return picture

    def point(self, shown: Point) -> Point | None:
        """About the same."""
        return shown


def _of_content(grey: NDArray[np.uint8], picture: Picture) -> NDArray[np.uint8]:
    """What of `grey` is inside the bars of the picture."""
    return grey if picture.inner is None else np.ascontiguousarray(grey[picture.inner.pixels])


def _framed(image: BGRImage, picture: Picture, black: tuple[int, int, int]) -> BGRImage:
    """A view of what is inside the bars of the picture, between such bars."""
    if picture.inner is None:
        return image
    canvas = np.full((picture.height, picture.width, 3), black, np.uint8)
    canvas[picture.inner.pixels] = image
    return canvas


def _unpacked(planes: I420) -> BGRImage:
    """(H, W, 3) uint8: luma and chroma of each pixel."""
    u, v = (doubled(plane, planes.y) for plane in (planes.u, planes.v))
    return np.asarray(cv2.merge([planes.y, u, v]), np.uint8)


def _packed(image: BGRImage, like: I420) -> I420:
    y, u, v = (np.asarray(plane, np.uint8) for plane in cv2.split(image))
    return replace(like, y=y, u=halved(u), v=halved(v))


def _mixed(image: BGRImage, matrix: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(cv2.transform(image.astype(np.float32), matrix), np.float32)
