"""Pictures brought whole, in proportion and between black bars into another size."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.imaging.scaling import resized
from streamdepth.pixels import I420, NEUTRAL, BGRImage, Picture, Rectangle

THINNEST = 3.0
"""Pixels that a picture in a window is stretched by rather than having bars as thin as that."""


def letterbox(picture: Picture, size: tuple[int, int], stretch: Fraction = Fraction(1)) -> Picture:
    """`picture` scaled into `size` (width, height), its shape kept, the rest black; planes stay planes.

    `stretch` is the shape of its pixels (width over height) over that of those it is brought to. `Picture.inner` says
    where it is in there. Bars that it had are not scaled with it.
    """
    if (picture.width, picture.height) == size and stretch == 1:
        return picture
    content = picture.content
    box = _place(content, size, stretch)
    native = content.native
    if isinstance(native, I420):
        boxed = _boxed_planes(native, size, box)
    else:
        boxed = Picture.of_bgr(_boxed(native, size, box.pixels, 0))
    return boxed if (box.width, box.height) == size else replace(boxed, inner=box)


def letterboxed_image(picture: Picture, size: tuple[int, int], pixel_aspect: Fraction) -> BGRImage:
    """The whole of `picture` in proportion in an image of `size` = (W, H), which the caller may write to.

    Black bars are where it does not fill it. `pixel_aspect` is the width of one of its pixels over their height.
    """
    if size == (picture.width, picture.height) and pixel_aspect == 1:
        return picture.bgr.copy()
    width, height = size
    place = place_in(picture, size, pixel_aspect)
    image = np.zeros((max(height, place.height), max(width, place.width), 3), np.uint8)
    image[place.pixels] = resized(picture, place.width, place.height).bgr
    return image[:height, :width]


def place_in(picture: Picture, size: tuple[int, int], pixel_aspect: Fraction) -> Rectangle:
    """Where `picture` is in the image of `letterboxed_image`; it may be larger by a pixel."""
    width, height = size
    if size == (picture.width, picture.height) and pixel_aspect == 1:
        return Rectangle(0, 0, width, height)
    columns, rows = _in_proportion(float(picture.width * pixel_aspect), float(picture.height), size)
    inner = _side(columns, width), _side(rows, height)
    return Rectangle(max(0, width - inner[0]) // 2, max(0, height - inner[1]) // 2, *inner)


def _side(wanted: float, room: int) -> int:
    """A side near what is wanted: even, as planes of half the size need, and without a bar of a pixel or two."""
    return room + room % 2 if room - wanted < THINNEST else max(2, 2 * round(wanted / 2))


def _boxed_planes(planes: I420, size: tuple[int, int], box: Rectangle) -> Picture:
    half = ((size[0] + 1) // 2, (size[1] + 1) // 2)
    y = _boxed(planes.y, size, box.pixels, planes.black)
    u, v = (_boxed(plane, half, box.chroma, NEUTRAL) for plane in (planes.u, planes.v))
    return Picture.of_i420(replace(planes, y=y, u=u, v=v))


def _place(content: Picture, size: tuple[int, int], stretch: Fraction) -> Rectangle:
    """Where `content` lies in `size`: no sample of chroma is half bar."""
    columns, rows = _in_proportion(float(content.width * stretch), content.height, size)
    left, width = _middle(columns, size[0])
    top, height = _middle(rows, size[1])
    return Rectangle(left, top, width, height)


def _in_proportion(width: float, height: float, size: tuple[int, int]) -> tuple[float, float]:
    """(width, height) of the largest picture of that shape in `size`."""
    scale = min(size[0] / width, size[1] / height)
    return width * scale, height * scale


def _middle(wanted: float, whole: int) -> tuple[int, int]:
    """(start, length) of an even piece about `wanted` long in the middle of `whole`, or of all of it."""
    length = max(2, round(wanted / 2) * 2)
    if whole - length < 2:
        return 0, whole
    return (whole - length) // 4 * 2, length


def _boxed(
    plane: NDArray[np.uint8], size: tuple[int, int], inside: tuple[slice, slice], ground: int
) -> NDArray[np.uint8]:
    """(H, W, ...) uint8 of `size`, all `ground` but for `plane`, which is scaled to fill `inside`, rows and columns."""
    width, height = size
    canvas = np.full((height, width, *plane.shape[2:]), ground, np.uint8)
    part = canvas[inside]
    interpolation = cv2.INTER_AREA if part.shape[0] < plane.shape[0] else cv2.INTER_LINEAR
    part[:] = cv2.resize(plane, part.shape[1::-1], interpolation=interpolation)
    return canvas
