"""The picture on the left, its depth on the right."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import I420, BGRImage, Picture, halved
from streamdepth.rendering.bars import blacken_bars
from streamdepth.rendering.colormaps import Colours
from streamdepth.rendering.layouts.colours import Plane, coloured, plane_of, uint8, yuv_tables
from streamdepth.rendering.layouts.layout import Point, Size


class SideBySide:
    """The picture as it is and beside it, as large, the colours of its depth; `own` are taken whatever is chosen."""

    def __init__(self, name: str = "side-by-side", own: Colours | None = None) -> None:
        self.name = name
        self._own = own

    def draw(
        self, picture: Picture, grey: NDArray[np.uint8], table: NDArray[np.uint8], alpha: float
    ) -> BGRImage | I420:
        """As `Layout.draw`; `alpha` has no say."""
        table = table if self._own is None else self._own.table
        native = picture.native
        if isinstance(native, I420):
            image: BGRImage | I420 = _planes_beside(native, grey, table)
        else:
            image = np.hstack([native, coloured(grey, table)])
        blacken_bars(image, picture, picture.width)
        return image

    def colours(self, chosen: Colours) -> Colours | None:
        """Those that are chosen, or its own."""
        return self._own or chosen

    def size(self, picture: Size) -> Size:
        """Twice as wide."""
        return 2 * picture[0], picture[1]

    def point(self, shown: Point) -> Point | None:
        """Each point of the picture is shown twice."""
        return shown[0] * 2 % 1.0, shown[1]


def _planes_beside(planes: I420, grey: Plane, table: Plane) -> I420:
    y, u, v = yuv_tables(table, planes)
    chroma, width = _chroma_beside(grey), grey.shape[1]
    return I420(
        np.hstack([planes.y, plane_of(grey, y)]),
        _joined(planes.u, plane_of(chroma, u), width),
        _joined(planes.v, plane_of(chroma, v), width),
        planes.matrix,
        planes.full_range,
    )


def _chroma_beside(grey: Plane) -> Plane:
    """Half of a map that stands right of a picture as wide: of odd width, it begins within a sample of chroma."""
    if grey.shape[1] % 2:
        grey = uint8(cv2.copyMakeBorder(grey, 0, 0, 1, 0, cv2.BORDER_REPLICATE))
    return halved(grey)


def _joined(left: Plane, right: Plane, width: int) -> Plane:
    """Two chroma planes side by side, each of a picture `width` wide; if that is odd, they share a column."""
    if width % 2 == 0:
        return np.hstack([left, right])
    shared = cv2.addWeighted(left[:, -1:], 0.5, right[:, :1], 0.5, 0.0)
    return np.hstack([left[:, :-1], uint8(shared), right[:, 1:]])
