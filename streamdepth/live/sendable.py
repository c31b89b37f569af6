"""Pictures of any shape as encoders take them."""

from __future__ import annotations

from fractions import Fraction

from streamdepth.imaging.scaling import resized, squared
from streamdepth.pixels import Picture

LEAST_SIDE, MOST_SIDE = 16, 8192
"""Pixels: x264 and libvpx open for fewer or for 16384 and more not at all, and depth is to stand below."""


def sendable(picture: Picture, most_pixels: int, pixel_aspect: Fraction) -> Picture:
    """`picture` with square pixels, `most_pixels` and `MOST_SIDE` at most.

    One that is a line or a dot is stretched to `LEAST_SIDE`; one that suits is returned as it is.
    """
    squarish = squared(picture, most_pixels, pixel_aspect)
    size = squarish.width, squarish.height
    scale = min(1.0, MOST_SIDE / max(size))
    width, height = (max(LEAST_SIDE, round(side * scale)) for side in size)
    if (width, height) == size:
        return squarish
    return resized(squarish, width + width % 2, height + height % 2)
