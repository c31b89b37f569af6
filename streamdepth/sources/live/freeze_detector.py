"""Whether a live picture stands still although pictures keep coming: a camera that hangs, a relay that repeats."""

from __future__ import annotations

import hashlib
import math
from collections import deque

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import I420, Picture

SAMPLES = 65536
"""Pixels that are looked at, spread evenly: dense enough to meet the digits of a clock in the picture."""
NEAR = 2.0
"""Mean difference of luma, of 255, up to which two pictures may be one picture encoded twice."""
REMEMBERED = 1000
"""Different pictures of one standstill that are known again: more than the longest usual group of pictures."""
_STANDSTILLS = 5
"""Of the last so many is known how long they lasted."""
_LONGEST = 600.0
"""Seconds: what lasted longer was no pause between two pictures."""


class FreezeDetector:
    """Finds out since when a stream shows one and the same picture; times in seconds of one clock.

    A picture is the same one if it lies near the first of the standstill and, sample by sample, has been there
    before. Single pixels are compared, not the means of a thumbnail: the noise of a sensor changes every pixel,
    always anew, and would vanish in a mean. An encoder that gets one picture again and again repeats itself too, but
    with the period of its keyframes, hence the memory. And a short film that loops repeats itself exactly, but not
    near its first picture. A picture that never moves (a screen, a test card) looks like a camera that hangs, and
    is called frozen as well.
    """

    def __init__(self) -> None:
        self.since = -math.inf
        """When the last picture came that was a new one."""
        self._lasted: deque[float] = deque(maxlen=_STANDSTILLS)
        self._first: NDArray[np.uint8] | None = None
        self._known: dict[bytes, None] = {}

    def update(self, picture: Picture, now: float) -> float:
        """Take the next picture; returns for how many seconds nothing new came."""
        samples = luma_samples(picture)
        key, before = hashlib.blake2b(samples.tobytes(), digest_size=8).digest(), self.since
        if not self._is_near(samples):
            self._first, self._known, self.since = samples, {key: None}, now
        elif key not in self._known:
            self._remember(key)
            self.since = now
        if before < self.since <= before + _LONGEST:
            self._lasted.append(self.since - before)
        return now - self.since

    @property
    def usual(self) -> float:
        """Seconds for which a picture stood lately before a new one came, at most."""
        return max(self._lasted, default=0.0)

    def reset(self) -> None:
        """Forget all but how long pictures usually stand: the next one is new."""
        self._first, self.since = None, -math.inf

    def _is_near(self, samples: NDArray[np.uint8]) -> bool:
        first = self._first
        if first is None or first.shape != samples.shape:
            return False
        return float(cv2.norm(first, samples, cv2.NORM_L1)) <= NEAR * samples.size

    def _remember(self, key: bytes) -> None:
        self._known[key] = None
        if len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]


def luma_samples(picture: Picture) -> NDArray[np.uint8]:
    """(h, w) uint8, at most about `SAMPLES`: every few pixels of the luma, or of green."""
    native = picture.native
    plane = native.y if isinstance(native, I420) else native[:, :, 1]
    step = max(1, math.ceil(math.sqrt(plane.size / SAMPLES)))
    return np.ascontiguousarray(plane[::step, ::step])
