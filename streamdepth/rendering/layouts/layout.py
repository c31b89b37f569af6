"""What a layout must be able to do."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import I420, BGRImage, Picture
from streamdepth.rendering.colormaps import Colours

Size = tuple[int, int]
"""(width, height) in pixels."""
Point = tuple[float, float]
"""(x, y) in shares of a picture's width and height, each 0..1."""


class Layout(Protocol):
    """One way to show a picture with its depth. It has no state."""

    @property
    def name(self) -> str:
        """Its word for `--layout`, the window and the page."""

    def draw(
        self, picture: Picture, grey: NDArray[np.uint8], table: NDArray[np.uint8], alpha: float
    ) -> BGRImage | I420:
        """A new picture of `size`, which the caller may write to; its black bars are black.

        `grey` is the normalised depth, (H, W) uint8 in the picture's size and 0 in its bars, `table` a (256, 1, 3)
        BGR lookup table, `alpha` in 0..1 the share of depth where it is laid over the picture. What came as planes
        is drawn as planes in the same matrix and range, and else as an (H, W, 3) uint8 image.
        """

    def colours(self, chosen: Colours) -> Colours | None:
        """Those that depth is seen in where `chosen` are wanted; None where it is not seen in colours."""

    def size(self, picture: Size) -> Size:
        """The size in which it shows a picture of that size."""

    def point(self, shown: Point) -> Point | None:
        """The point of the source's picture that is shown there; None where none is."""
