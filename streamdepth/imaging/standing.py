"""What still stands where it stood in the reference picture of a fixed camera, and whether the camera does."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.values import dataclass

Luma = NDArray[np.uint8]
Floats = NDArray[np.float32]

BOX = (3, 3)
"""Takes the noise out of a difference before it is judged."""
MOST_CHANGE = 12.0
"""Levels of luma, in the light of the reference, above which a pixel is another."""
NEIGHBOURHOOD = (9, 9)
"""In which the structure of two pictures is compared."""
STRUCTURE = 3.0
"""Standard deviation in levels from which on there is structure: two plain walls look alike wherever they are."""
ALIKE = 0.6
"""Correlation of structure from which on it is the same."""
LEAST_STRUCTURE = 0.03
"""Share of the reference that must have structure; where less has, all of it counts alike."""
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

    still: Floats
    """(h, w): 1 where the picture shows what the reference shows, else 0."""
    familiar: Floats
    """(h, w): 1 where the structure is that of the reference, in whatever light; what has none must be as bright."""
    share: float
    """Of what has structure in the reference, how much is still, 0..1."""
    moved: bool
    """Whether the camera looks elsewhere."""


def standing(luma: Luma, reference: Luma) -> Standing:
    """Compare two small luma pictures, both (h, w) uint8, of one camera, perhaps in other light."""
    old = reference.astype(np.float32)
    new = _as_lit(luma.astype(np.float32), old)
    plain, same, structured = _structure(new, old)
    as_bright = np.abs(cv2.blur(new - old, BOX)) <= MOST_CHANGE
    still = as_bright & (plain | same)
    familiar = np.where(plain, as_bright, same)
    counted = still[structured] if structured.mean() >= LEAST_STRUCTURE else still
    return Standing(
        still.astype(np.float32), familiar.astype(np.float32), float(counted.mean()), _is_moved(new, old)
    )


def _structure(new: Floats, old: Floats) -> tuple[NDArray[np.bool_], ...]:
    """Where neither has structure, where both have the same, and where the old has any; each (h, w)."""
    a, b = new - cv2.blur(new, NEIGHBOURHOOD), old - cv2.blur(old, NEIGHBOURHOOD)
    of_a, of_b, of_both = (cv2.blur(part, NEIGHBOURHOOD) for part in (a * a, b * b, a * b))
    least = STRUCTURE**2
    plain = (of_a < least) & (of_b < least)
    same = of_both >= ALIKE * np.sqrt(np.maximum(of_a * of_b, 1e-6))
    return np.asarray(plain), np.asarray(same), np.asarray(of_b >= least)


def _as_lit(new: Floats, old: Floats) -> Floats:
    """`new` in the light of `old`: exposure and daylight are none of the scene.

    Gain and offset are those with the least median difference: up to half of the picture may show something else.
    """
    step = max(1, round((new.size / SAMPLES) ** 0.5))
    seen, wanted = new[::step, ::step].ravel(), old[::step, ::step].ravel()
    change = GAINS[:, None] * seen - wanted
    offset = np.median(change, axis=1)
    best = int(np.argmin(np.median(np.abs(change - offset[:, None]), axis=1)))
    return np.asarray(new * GAINS[best] - offset[best], np.float32)


def _is_moved(new: Floats, old: Floats) -> bool:
    """Whether one picture is a shifted other: a few things that move do not shift the whole."""
    if min(new.shape) < 2:  # no window fits into a line
        return False
    window = cv2.createHanningWindow((new.shape[1], new.shape[0]), cv2.CV_32F)
    (right, down), response = cv2.phaseCorrelate(old, new, window)
    return response >= SURE and float(np.hypot(right, down)) > max(1.0, MOST_MOVED * new.shape[0])
