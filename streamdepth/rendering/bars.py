"""The black bars of a picture of another shape than the stream's: they have no depth, and so no colour."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import I420, NEUTRAL, BGRImage, Picture, Rectangle


def with_bars(grey: NDArray[np.uint8], picture: Picture) -> NDArray[np.uint8]:
    """(H, W) uint8 in the size of `picture`: the (h, w) map `grey` of its content, 0 in its bars."""
    if picture.inner is None:
        return grey
    canvas = np.zeros((picture.height, picture.width), np.uint8)
    canvas[picture.inner.pixels] = grey
    return canvas


def blacken_bars(image: BGRImage | I420, picture: Picture, left: int = 0) -> None:
    """Write black over the bars of `picture` in an `image` that shows all of it, `left` pixels from its edge."""
    for bar in bars_of(picture):
        _blacken(image, Rectangle(left + bar.left, bar.top, bar.width, bar.height))


def keep_bars(image: BGRImage | I420, picture: Picture) -> None:
    """Write over the bars in an `image` of the size of `picture` what the picture has there: subtitles, it may be."""
    native = picture.native
    for bar in bars_of(picture):
        if isinstance(image, I420) and isinstance(native, I420):
            image.y[bar.pixels] = native.y[bar.pixels]
            image.u[bar.chroma], image.v[bar.chroma] = native.u[bar.chroma], native.v[bar.chroma]
        elif not isinstance(image, I420) and not isinstance(native, I420):
            image[bar.pixels] = native[bar.pixels]


def point_inside(picture: Picture, x: float, y: float) -> tuple[float, float] | None:
    """A point of `picture` as one of its content, both in shares of width and height; None in the bars and outside."""
    inner = picture.inner
    if inner is not None:
        x = (x * picture.width - inner.left) / inner.width
        y = (y * picture.height - inner.top) / inner.height
    return (x, y) if 0.0 <= x <= 1.0 and 0.0 <= y <= 1.0 else None


def bars_of(picture: Picture) -> Iterator[Rectangle]:
    """Each bar that a picture has."""
    inner, width, height = picture.inner, picture.width, picture.height
    if inner is None:
        return
    right, bottom = inner.left + inner.width, inner.top + inner.height
    if inner.top:
        yield Rectangle(0, 0, width, inner.top)
    if bottom < height:
        yield Rectangle(0, bottom, width, height - bottom)
    if inner.left:
        yield Rectangle(0, 0, inner.left, height)
    if right < width:
        yield Rectangle(right, 0, width - right, height)


def _blacken(image: BGRImage | I420, bar: Rectangle) -> None:
    if not isinstance(image, I420):
        image[bar.pixels] = 0
        return
    image.y[bar.pixels] = image.black
    for plane in (image.u, image.v):
        plane[bar.chroma] = NEUTRAL
