"""Depth and picture to one picture: normalise, colour, lay out, in the layout in which the picture came."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import UsageError
from streamdepth.pixels import I420, BGRImage, ColourMatrix, Picture, bgr_to_yuv, halved
from streamdepth.rendering.scale import DepthRange

LAYOUTS = ("overlay", "depth", "side-by-side")
"""Names, in the order in which the window's key walks through them."""


def check_layout(name: str) -> str:
    """Return `name`; raises `UsageError` for one that is not in `LAYOUTS`."""
    if name not in LAYOUTS:
        raise UsageError(f"there is no layout '{name}'", f"choose one of {', '.join(LAYOUTS)}")
    return name


def normalise(values: NDArray[np.float32], span: DepthRange, size: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W) uint8 for `size` = (W, H): `span.low` and below is 0, `span.high` and above is 255.

    A map without any span, such as a blank wall, is mid-grey rather than amplified noise.
    """
    width = span.high - span.low
    if width <= 1e-6 * max(abs(span.low), abs(span.high), 1e-6):
        return np.full((size[1], size[0]), 128, np.uint8)
    scaled = (values - np.float32(span.low)) * np.float32(255.0 / width)
    small = np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
    # Enlarged as bytes: OpenCV saturates what cubic interpolation adds beside an edge.
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def compose(
    layout: str, picture: Picture, grey: NDArray[np.uint8], table: NDArray[np.uint8], alpha: float
) -> BGRImage | I420:
    """Lay a normalised depth map out with its picture.

    `grey` is (H, W) uint8 in the picture's size, `table` a (256, 1, 3) BGR lookup table, `alpha` in 0..1 the share
    of depth in an overlay. Returns a new picture as wide as this one, or twice as wide when side by side: planes in
    the same matrix and range where it came as planes, else an (H, W, 3) uint8 image. The caller may write to it.
    """
    if isinstance(picture.native, I420):
        return _compose_planes(layout, picture.native, grey, table, alpha)
    return _compose_bgr(layout, picture.native, grey, table, alpha)


def _compose_bgr(
    layout: str, image: BGRImage, grey: NDArray[np.uint8], table: NDArray[np.uint8], alpha: float
) -> BGRImage:
    if layout == "side-by-side":
        return np.hstack([image, _uint8(cv2.applyColorMap(grey, table))])
    colour = cv2.applyColorMap(grey, table)
    if layout == "overlay":
        colour = cv2.addWeighted(image, 1.0 - alpha, colour, alpha, 0.0, dst=colour)
    return _uint8(colour)


def _compose_planes(
    layout: str, planes: I420, grey: NDArray[np.uint8], table: NDArray[np.uint8], alpha: float
) -> I420:
    y, u, v = _yuv_tables(table.tobytes(), planes.matrix, planes.full_range)
    if layout == "side-by-side":
        beside = _chroma_beside(grey)
        parts = (
            np.hstack([planes.y, _coloured(grey, y)]),
            _joined(planes.u, _coloured(beside, u), grey.shape[1]),
            _joined(planes.v, _coloured(beside, v), grey.shape[1]),
        )
    else:
        half = halved(grey)
        share = alpha if layout == "overlay" else 1.0
        parts = (
            _blended(planes.y, _coloured(grey, y), share),
            _blended(planes.u, _coloured(half, u), share),
            _blended(planes.v, _coloured(half, v), share),
        )
    return I420(*parts, planes.matrix, planes.full_range)


@lru_cache(maxsize=8)
def _yuv_tables(table: bytes, matrix: ColourMatrix, full_range: bool) -> tuple[NDArray[np.uint8], ...]:
    """The three planes of a BGR lookup table, which a stream shows for long."""
    colours = np.frombuffer(table, np.uint8).reshape(-1, 1, 3)
    return tuple(_uint8(one) for one in cv2.split(bgr_to_yuv(colours, matrix, full_range=full_range)))


def _chroma_beside(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Half of a map that stands right of a picture as wide: of odd width, it begins within a sample of chroma."""
    if grey.shape[1] % 2:
        grey = _uint8(cv2.copyMakeBorder(grey, 0, 0, 1, 0, cv2.BORDER_REPLICATE))
    return halved(grey)


def _joined(left: NDArray[np.uint8], right: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """Two chroma planes side by side, each of a picture `width` wide; if that is odd, they share a column."""
    if width % 2 == 0:
        return np.hstack([left, right])
    shared = cv2.addWeighted(left[:, -1:], 0.5, right[:, :1], 0.5, 0.0)
    return np.hstack([left[:, :-1], _uint8(shared), right[:, 1:]])


def _coloured(grey: NDArray[np.uint8], table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return _uint8(cv2.LUT(grey, table))


def _blended(plane: NDArray[np.uint8], colour: NDArray[np.uint8], share: float) -> NDArray[np.uint8]:
    """`colour`, overwritten by its blend with `plane`."""
    if share == 1.0:
        return colour
    return _uint8(cv2.addWeighted(plane, 1.0 - share, colour, share, 0.0, dst=colour))


def _uint8(array: cv2.typing.MatLike) -> NDArray[np.uint8]:
    return np.asarray(array, np.uint8)
