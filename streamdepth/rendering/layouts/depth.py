"""Depth alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import I420, BGRImage, Picture
from streamdepth.rendering.colormaps import Colours
from streamdepth.rendering.layouts.colours import blend
from streamdepth.rendering.layouts.layout import Point, Size


class Depth:
    """The colours of depth, in the place of the picture."""

    name = "depth"

    def draw(
        self, picture: Picture, grey: NDArray[np.uint8], table: NDArray[np.uint8], alpha: float
    ) -> BGRImage | I420:
        """As `Layout.draw`; nothing is seen of the picture, whatever `alpha`."""
        return blend(picture, grey, table, 1.0)

    def colours(self, chosen: Colours) -> Colours | None:
        """Those that are chosen."""
        return chosen

    def size(self, picture: Size) -> Size:
        """The picture's own."""
        return picture

    def point(self, shown: Point) -> Point | None:
        """The same."""
        return shown
