"""One depth map on its way into a file or out of it, with the picture that it is of."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from streamdepth.frames import DepthMap, DepthRange, Estimate, Measured
from streamdepth.pixels import Picture, Rectangle
from streamdepth.values import dataclass

Map = NDArray[np.float32]
Size = tuple[int, int]
"""(width, height)."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What viewers had beside a map, where it was recorded as they had it."""

    picture: Picture
    span: DepthRange
    """The values that spanned its colours."""
    measured: Measured | None
    lost: int = 0
    """Pictures that the recording lacks so far."""


@dataclass(frozen=True, eq=False)
class Entry:
    """A depth map and what is known of its picture."""

    values: Map
    """(h, w) finite, of what is inside the bars of the picture."""
    index: int
    """Of the frame in its source."""
    pts: Fraction
    """Seconds."""
    source: Size
    """Of the picture."""
    name: str = ""
    """Of the picture's file, where it came from one."""
    inner: Rectangle | None = None
    """What of the picture is not black bars; None: all of it."""
    place: Rectangle | None = None
    """Where in `values` the depth is, once they are fitted into another shape; None: all of them."""
    seen: Seen | None = None

    @classmethod
    def of(cls, estimate: Estimate, depth: DepthMap) -> Entry:
        """What is to be stored of `depth` of the frame of an estimate."""
        frame, picture = estimate.frame, estimate.frame.picture
        size = picture.width, picture.height
        return cls(depth.values, frame.index, frame.pts, size, frame.name, picture.inner)

    @property
    def content(self) -> Map:
        """Of fitted values, what is inside the bars."""
        return self.values if self.place is None else self.values[self.place.pixels]
