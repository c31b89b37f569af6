"""How much moves in front of a camera, from the pictures that it gives."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.imaging.small_luma import small_luma
from streamdepth.pixels import Picture

PARTS = (64, 36)
"""Parts of a picture, across and down, whose luma is compared with that of the picture before."""
STIRRED = 10
"""Levels of luma by which a part differs in which something moves: the noise of a sensor is less in their mean."""
MUCH = 0.02
"""Share of the parts from which on more makes no difference: somebody at the other end of a room."""
HALF_LIFE = 1.0
"""Half-life of motion in seconds: a walking person stands still between two steps."""


class Motion:
    """Of one camera: 0 where all stands still, 1 where much moves; time is an argument."""

    def __init__(self) -> None:
        self._parts: NDArray[np.uint8] | None = None
        self._level, self._at = 0.0, 0.0

    def see(self, picture: Picture, now: float) -> None:
        """The next picture, at `now` seconds."""
        before, self._parts = self._parts, small_luma(picture.content, PARTS)
        if before is not None:
            stirred = np.count_nonzero(cv2.absdiff(before, self._parts) > STIRRED) / before.size
            self._level, self._at = max(min(1.0, stirred / MUCH), self.level(now)), now

    def level(self, now: float) -> float:
        """How much moves at `now`."""
        return self._level * float(0.5 ** ((now - self._at) / HALF_LIFE))
