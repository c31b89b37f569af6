"""What still stands where it stood in the reference picture of a fixed camera, and whether the camera does."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.uint8]

BOX = (3, 3)
"""Takes the noise out of a difference before it is judged."""
MOST_CHANGE = 12.0
"""Levels of luma, after light and contrast were brought to those of the reference, above which a pixel is another."""
GAINS = np.geomspace(1 / 3, 3, 41, dtype=np.float32)
"""Contrasts that are tried: past these ends it is another scene."""
SAMPLES = 1000
"""Pixels that light is judged by."""
MOST_MOVED = 0.02
"""Share of the picture's height by which it may seem to be moved before the camera counts as moved."""
SURE = 0.15
"""Response of the phase correlation (0..1) from which on its shift is believed."""


@dataclass(frozen=True, eq=False)
class Standing:
    """How a picture lies on the reference."""

    still: NDArray[np.float32]
    """(h, w): 1 where the picture shows what the reference shows, else 0."""
    share: float
    """Of the picture that is still, 0..1."""
    moved: bool
    """Whether the camera looks elsewhere."""


def standing(luma: Luma, reference: Luma) -> Standing:
    """Compare two small luma pictures, both (h, w) uint8, of one camera, perhaps in other light."""
    new, old = luma.astype(np.float32), reference.astype(np.float32)
    change = cv2.blur(_as_lit(new, old) - old, BOX)
    still = (np.abs(change) <= MOST_CHANGE).astype(np.float32)
    return Standing(still, float(still.mean()), _is_moved(new, old))


def _as_lit(new: NDArray[np.float32], old: NDArray[np.float32]) -> NDArray[np.float32]:
    """`new` in the light of `old`: exposure and daylight are none of the scene.

    Gain and offset are those with the least median difference: up to half of the picture may show something else.
    """
    step = max(1, round((new.size / SAMPLES) ** 0.5))
    seen, wanted = new[::step, ::step].ravel(), old[::step, ::step].ravel()
    change = GAINS[:, None] * seen - wanted
    offset = np.median(change, axis=1)
    best = int(np.argmin(np.median(np.abs(change - offset[:, None]), axis=1)))
    return np.asarray(new * GAINS[best] - offset[best], np.float32)


def _is_moved(new: NDArray[np.float32], old: NDArray[np.float32]) -> bool:
    """Whether one picture is a shifted other: a few things that move do not shift the whole."""
    window = cv2.createHanningWindow((new.shape[1], new.shape[0]), cv2.CV_32F)
    (right, down), response = cv2.phaseCorrelate(old, new, window)
    return response >= SURE and float(np.hypot(right, down)) > max(1.0, MOST_MOVED * new.shape[0])
