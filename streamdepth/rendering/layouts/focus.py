"""The picture as a large lens would see it: sharp at one distance, and the softer the farther from it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Protocol, Self, runtime_checkable

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import I420, BGRImage, Picture, Rectangle, halved
from streamdepth.rendering.colormaps import Colours
from streamdepth.rendering.layouts.layout import Layout, Point, Size
from streamdepth.values import dataclass

Plane = NDArray[np.uint8]

SHARP = 0.15
"""Share of the shown range to both sides of the focus that is sharp: a person is as deep as that."""
SOFT = 0.45
"""And from where on nothing is any softer."""
REACH = 0.012
"""Standard deviation of the largest blur, as a share of the width."""
SMALLER = 4
"""What is blurred is looked at in a picture this many times smaller: nobody sees the difference."""
LEAST = 1e-3
"""Weight of what is sharp in the blur around it: next to nothing, or a face would shine into the wall behind it."""


@runtime_checkable
class HasFocus(Protocol):
    """A layout that is sharp at one distance."""

    def with_focus(self, focus: float) -> Layout:
        """The same with another: 0 the nearest, 1 the farthest."""


@dataclass(frozen=True)
class Focus:
    """The picture, blurred by how far each point is from the focus; depth itself is not shown."""

    focus: float = 0.0
    """What is sharp, as a share of the shown range: 0 the nearest, 1 the farthest."""
    name = "focus"

    def with_focus(self, focus: float) -> Self:
        """As `HasFocus`."""
        return replace(self, focus=focus)

    def draw(self, picture: Picture, grey: Plane, table: Plane, alpha: float) -> BGRImage | I420:
        """As `Layout.draw`; neither colours nor `alpha` have a say. What is inside bars is blurred by itself."""
        if picture.inner is None:
            return self._blurred(picture.native, grey)
        inside = self._blurred(picture.content.native, grey[picture.inner.pixels])
        return _among_bars(inside, picture.native, picture.inner)

    def _blurred(self, native: BGRImage | I420, grey: Plane) -> BGRImage | I420:
        softness = np.asarray(cv2.LUT(grey, _table(self.focus)), np.uint8)
        if not isinstance(native, I420):
            return blurred(native, softness)
        half = halved(softness)
        u, v = (blurred(plane, half, SMALLER // 2) for plane in (native.u, native.v))
        return replace(native, y=blurred(native.y, softness), u=u, v=v)

    def colours(self, chosen: Colours) -> Colours | None:
        """None."""
        return None

    def size(self, picture: Size) -> Size:
        """The picture's own."""
        return picture

    def point(self, shown: Point) -> Point | None:
        """The same."""
        return shown


def _among_bars(inside: BGRImage | I420, whole: BGRImage | I420, inner: Rectangle) -> BGRImage | I420:
    """A copy of `whole` with `inside`, of the same kind, where `inner` is: bars stay, and subtitles in them."""
    if isinstance(whole, I420) and isinstance(inside, I420):
        y, u, v = whole.y.copy(), whole.u.copy(), whole.v.copy()
        y[inner.pixels], u[inner.chroma], v[inner.chroma] = inside.y, inside.u, inside.v
        return replace(whole, y=y, u=u, v=v)
    assert not isinstance(whole, I420)
    assert not isinstance(inside, I420)
    image = whole.copy()
    image[inner.pixels] = inside
    return image


@lru_cache(maxsize=64)
def _table(focus: float) -> Plane:
    """How soft each level of grey is, 255 the nearest."""
    away = np.abs(np.arange(256) / 255 - (1.0 - focus))
    return np.asarray(np.rint(255 * np.clip((away - SHARP) / (SOFT - SHARP), 0.0, 1.0)), np.uint8)


def blurred(image: NDArray[np.uint8], softness: Plane, smaller: int = SMALLER) -> NDArray[np.uint8]:
    """`image`, (H, W) or (H, W, 3) uint8, as soft at each point as (H, W) `softness` says.

    The blur is made in a picture so many times `smaller`, and of what is soft itself, weighted by how soft it is, so
    that nothing sharp spills over its edge.
    """
    height, width = softness.shape
    size = max(1, width // smaller), max(1, height // smaller)
    weight = cv2.resize(softness, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    weight += np.float32(255 * LEAST)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    of_all = _of_channels(weight, small)
    reach = max(0.5, REACH * size[0])
    soft = cv2.GaussianBlur(small * of_all, (0, 0), reach) / _of_channels(
        np.asarray(cv2.GaussianBlur(weight, (0, 0), reach), np.float32), small
    )
    far = cv2.resize(cv2.convertScaleAbs(soft), (width, height), interpolation=cv2.INTER_LINEAR)
    share = softness.astype(np.float32) * np.float32(1 / 255)
    return np.asarray(cv2.blendLinear(image, far, np.float32(1.0) - share, share), np.uint8)


def _of_channels(plane: NDArray[np.float32], like: NDArray[np.float32]) -> NDArray[np.float32]:
    return plane if like.ndim == 2 else plane[:, :, None]
