"""Metres of each picture of a fixed camera, by its calibration; none where they could not be right.

Two numbers alone would be wrong with the next picture, since a network's scale drifts with what it sees. So each map is
first brought to the units of the reference map over what still stands where it stood, and the line is that of the
reference. Where the camera was moved, or too little of the scene is to be seen, there are no metres, and the reason is
reported.
"""

from __future__ import annotations

import cv2
import numpy as np

from streamdepth.frames import DepthMap, DepthMeaning, Measured
from streamdepth.imaging.scale_and_shift import robust_fit
from streamdepth.imaging.small_luma import small_luma
from streamdepth.imaging.standing import standing
from streamdepth.metres.calibration import Calibration
from streamdepth.pixels import Picture

LEAST_STILL = 0.2
"""Share of the picture that must stand where it stood in the reference."""
MOVED = "the camera was moved since its distances were taken"
COVERED = "too little of the scene is as it was when its distances were taken"
OTHER_SHAPE = "the picture or --size is another than when its distances were taken"


class Ruler:
    """Turns maps of inverse relative depth of one camera into metres. It has no state."""

    def __init__(self, calibration: Calibration) -> None:
        self.calibration = calibration

    def __call__(self, picture: Picture, depth: DepthMap) -> Measured:
        """Metres of a map of the network that the camera was calibrated with, and of the picture it is the depth of."""
        known = self.calibration
        if depth.values.shape != known.reference.shape:
            return self._withheld(0.0, OTHER_SHAPE)
        now = standing(small_luma(picture.content, known.luma.shape[::-1]), known.luma)
        if now.moved or now.share < LEAST_STILL:
            return self._withheld(now.share, MOVED if now.moved else COVERED)
        still = np.asarray(cv2.resize(now.still, depth.values.shape[::-1]), np.float32)
        to_reference = robust_fit(depth.values, known.reference, still)
        line = known.fit.line.after(to_reference.scale, to_reference.shift)
        metres = DepthMap(line.metres(depth.values), DepthMeaning.METRES, depth.frame)
        inverse, fit = (line.scale, line.shift), known.fit
        return Measured(metres, now.share, inverse=inverse, points=fit.points, error=fit.error)

    def _withheld(self, still: float, reason: str) -> Measured:
        fit = self.calibration.fit
        return Measured(None, still, reason, points=fit.points, error=fit.error)
