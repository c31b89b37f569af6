"""Pictures of another size brought to the one that was promised."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import I420, NEUTRAL, Picture, Rectangle


def letterbox(picture: Picture, size: tuple[int, int]) -> Picture:
    """`picture` scaled into `size` (width, height), its shape kept, the rest black; planes stay planes.

    `Picture.inner` tells where it is in there. Bars that it had are not scaled with it.
    """
    if (picture.width, picture.height) == size:
        return picture
    content = picture.content
    box = _place(content, size)
    native = content.native
    if isinstance(native, I420):
        boxed = _boxed_planes(native, size, box)
    else:
        boxed = Picture.of_bgr(_boxed(native, size, box.pixels, 0))
    return boxed if (box.width, box.height) == size else replace(boxed, inner=box)


def _boxed_planes(planes: I420, size: tuple[int, int], box: Rectangle) -> Picture:
    half = ((size[0] + 1) // 2, (size[1] + 1) // 2)
    y = _boxed(planes.y, size, box.pixels, planes.black)
    u, v = (_boxed(plane, half, box.chroma, NEUTRAL) for plane in (planes.u, planes.v))
    return Picture.of_i420(replace(planes, y=y, u=u, v=v))


def _place(content: Picture, size: tuple[int, int]) -> Rectangle:
    """Where `content` lies in `size`: no sample of chroma is half bar."""
    scale = min(size[0] / content.width, size[1] / content.height)
    left, width = _middle(content.width * scale, size[0])
    top, height = _middle(content.height * scale, size[1])
    return Rectangle(left, top, width, height)


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
