"""Which pixels moved: small luma pictures against a memory of luma, robust against sensor noise."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.imaging.quantiles import quantile
from streamdepth.values import dataclass

Luma = NDArray[np.uint8]
Gate = NDArray[np.float32]

LOW_PASS = 3
"""Side of the box that takes the noise out of a difference before it is judged."""
NOISE_FACTOR = 5.0
"""Times the standard deviation of low-passed noise that count as motion."""
LEAST_CHANGE = 4.0
"""Levels of luma below which nothing counts as motion: what coding changes in a still picture."""
MOST_NOISE = 8.0
"""Standard deviation in levels above which noise is not believed to be noise."""
NOISE_SHARE = 0.05
"""Weight of a frame's noise in the running estimate."""
REACH = 5
"""Side of the square by which what moved is widened: depth reaches over the edges of luma."""
_REACHED = np.ones((REACH, REACH), np.uint8)
SOFT_EDGE = 5
"""Side of the box that softens the border of what moved, so that no seam is seen there."""


@dataclass(frozen=True, eq=False)
class MotionState:
    """What is known of the luma of a shot; pictures are (h, w) float32, never written to."""

    memory: NDArray[np.float32]
    """What each pixel has been."""
    last: NDArray[np.float32]
    """The picture before."""
    noise: float | None
    """Standard deviation of the sensor's noise, in levels; None before the second picture."""


class Motion:
    """Compares each picture of a shot with what its pixels have been.

    The memory takes in new luma as the depth map takes in new depth: slowly where a pixel is still, at once where it
    moved. So slow motion adds up until it is seen, and what is remembered belongs to the depth that is remembered.
    """

    def __init__(self, state: MotionState) -> None:
        self.state = state

    @classmethod
    def of_first(cls, luma: Luma) -> Motion:
        """For a shot that begins with this picture."""
        first = luma.astype(np.float32)
        return cls(MotionState(first, first, None))

    def __call__(self, luma: Luma, fresh: float) -> Gate:
        """Gate of each pixel, (h, w) float32: 0 still, 1 moved; `fresh` is the weight of the new in still pixels."""
        state, new = self.state, luma.astype(np.float32)
        noise = _followed(state.noise, new - state.last)
        difference = new - state.memory
        gate = _gate(difference, noise)
        memory = gate * np.float32(1.0 - fresh)
        memory += np.float32(fresh)
        memory *= difference
        memory += state.memory
        self.state = MotionState(memory, new, noise)
        return gate


def _followed(noise: float | None, change: NDArray[np.float32]) -> float:
    seen = min(noise_of(change), MOST_NOISE)
    return seen if noise is None else noise + NOISE_SHARE * (seen - noise)


def _gate(difference: NDArray[np.float32], noise: float) -> Gate:
    # A change of light or exposure is none of the scene: the median pixel is taken to be still.
    light = np.float32(quantile(difference[::2, ::2], 0.5))
    difference = difference - light
    low = np.abs(np.asarray(cv2.blur(difference, (LOW_PASS, LOW_PASS)), np.float32))
    threshold = max(LEAST_CHANGE, NOISE_FACTOR * noise / LOW_PASS)
    wide = cv2.dilate(beyond(low, threshold), _REACHED)
    return as_share(cv2.blur(wide, (SOFT_EDGE, SOFT_EDGE)))


def beyond(values: NDArray[np.float32], unit: float) -> NDArray[np.uint8]:
    """(h, w) uint8 of (h, w) `values`: 0 up to `unit`, 255 from twice that on, even in between."""
    # Bytes are widened and softened in a fifth of the time of floats. OpenCV makes 0 of what no 32-bit integer holds.
    within = cv2.threshold(values, 2.0 * unit, 0.0, cv2.THRESH_TRUNC)[1]
    return np.asarray(cv2.addWeighted(within, 255.0 / unit, within, 0.0, -255.0, dtype=cv2.CV_8U), np.uint8)


def as_share(values: cv2.typing.MatLike) -> Gate:
    """(h, w) float32, 0 to 1, of (h, w) uint8."""
    return np.asarray(values * np.float32(1.0 / 255.0), np.float32)


def noise_of(change: NDArray[np.float32]) -> float:
    """Standard deviation of the sensor noise of one picture, from the change between two.

    Noise differs from pixel to pixel, motion mostly does not: what a low-pass leaves of the change is looked at, and
    of that the lower quartile of the absolute values, which for Gaussian noise is 0.3186 standard deviations.
    """
    low = np.asarray(cv2.blur(change, (LOW_PASS, LOW_PASS)), np.float32)
    rough = np.abs(change[::2, ::2] - low[::2, ::2])
    kept = (1.0 - 1.0 / LOW_PASS**2) ** 0.5  # of the deviation of white noise, without its local mean
    return float(quantile(rough, 0.25) / 0.3186 / kept / 2.0**0.5)
