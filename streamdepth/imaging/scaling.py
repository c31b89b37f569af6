"""Pictures in another size, whole and without bars."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import I420, Picture

MOST_STRETCH = 4
"""Of pixels that are not square; beyond, the source is mistaken."""
_ASPECT_TOLERANCE = 0.03
"""ScanNet's colour is 1296x968 and its depth 640x480: 0.4 % apart; a picture on its side is 40 % or more."""


def are_of_one_shape(
    one: tuple[int, int], other: tuple[int, int], tolerance: float = _ASPECT_TOLERANCE
) -> bool:
    """Whether two sizes, (width, height), may be of the same picture."""
    return abs(math.log(one[0] * other[1] / (one[1] * other[0]))) <= tolerance


def believed(pixel_aspect: Fraction) -> Fraction:
    """The same, or 1 where it is beyond `MOST_STRETCH`."""
    return pixel_aspect if 1 / MOST_STRETCH <= pixel_aspect <= MOST_STRETCH else Fraction(1)


def squared(picture: Picture, most_pixels: int, pixel_aspect: Fraction = Fraction(1)) -> Picture:
    """`picture` with square pixels and no more than `most_pixels` of them; planes stay planes, sides become even.

    `pixel_aspect` is the width of its pixels over their height: the shorter side is stretched by `MOST_STRETCH` at
    most, so that nothing is lost. A picture that suits is returned as it is.
    """
    aspect = float(believed(pixel_aspect))
    whole = picture.width * max(aspect, 1.0), picture.height * max(1 / aspect, 1.0)
    scale = min(1.0, math.sqrt(most_pixels / (whole[0] * whole[1])))
    if scale == 1.0 and aspect == 1.0:
        return picture
    width, height = (max(2, int(side * scale) // 2 * 2) for side in whole)
    return resized(picture, width, height)


def resized(picture: Picture, width: int, height: int) -> Picture:
    """The whole of `picture` in another size, both sides even; planes stay planes."""
    native = picture.native
    if not isinstance(native, I420):
        return Picture.of_bgr(_resized(native, width, height))
    u, v = (_resized(plane, width // 2, height // 2) for plane in (native.u, native.v))
    return Picture.of_i420(replace(native, y=_resized(native.y, width, height), u=u, v=v))


def _resized(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    shrinks = width * height < image.shape[0] * image.shape[1]
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (width, height), interpolation=interpolation), np.uint8)
