"""The scale and shift that bring one depth map to another: relative depth is known up to these two alone.

The losses of `training` have a fit of their own, over batches of tensors that gradients flow through.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.values import dataclass

Map = NDArray[np.float32]
Samples = NDArray[np.float32]
"""(n,): some values of a map."""

FLAT = 1e-12
"""Share of its mean square below which the variance of a map is rounding."""
SAMPLES = 4096
ROUNDS = 3
MOVED_WEIGHT = 0.02
"""Weight of a pixel that moved: too little to count beside still ones, enough where everything moves."""
TUNING = 2.385
"""Cauchy's constant in standard deviations: 95 % efficiency on Gaussian noise (Holland and Welsch 1977)."""
LEAST_CORRELATION, FULL_CORRELATION = 0.5, 0.9
LARGEST_SCALE = 4.0


@dataclass(frozen=True)
class ScaleAndShift:
    """`scale * map + shift` has the units of the reference."""

    scale: float
    shift: float


def least_squares(
    values: NDArray[Any], reference: NDArray[Any], least_scale: float = -math.inf
) -> ScaleAndShift:
    """Scale, not below `least_scale`, and shift that bring `values` closest to `reference`; same shape, not empty.

    Flat values get scale 0 and the mean of the reference as shift.
    """
    x, y = values.astype(np.float64), reference.astype(np.float64)
    centred = x - x.mean()
    spread = float(np.mean(centred**2))
    is_flat = spread <= FLAT * float(np.mean(x**2))
    scale = 0.0 if is_flat else max(least_scale, float(np.mean(centred * (y - y.mean()))) / spread)
    return ScaleAndShift(scale, float(y.mean() - scale * x.mean()))


def robust_fit(values: Map, reference: Map, still: Map) -> ScaleAndShift:
    """Scale and shift that bring `values` closest to `reference`; all (h, w) float32, `still` in 0..1.

    Iteratively reweighted least squares on about 4,000 of the pixels: see `fit_samples`.
    """
    return fit_samples(samples_of(values), samples_of(reference), samples_of(still))


def samples_of(values: Map) -> Samples:
    """Some 4,000 values of an (h, w) map, evenly taken: the same places of every map of that size."""
    step = max(1, math.ceil(math.sqrt(values.size / SAMPLES)))
    return values[::step, ::step].ravel()


def fit_samples(values: Samples, reference: Samples, still: Samples) -> ScaleAndShift:
    """`robust_fit` of samples.

    The weights are Cauchy's, 1 / (1 + (r / (2.385 sigma))^2), with sigma from the median absolute residual, times
    `still`. Both maps are noisy, so the line is the geometric mean of the regressions in both directions,
    scale = std(reference) / std(values): that of one direction is too flat, and would flatten a picture in which
    everything moves from frame to frame. Where the two hardly correlate there is nothing to fit a scale to: below 0.9
    it fades to 1, which it is below 0.5.
    """
    x, y = values.astype(np.float64), reference.astype(np.float64)
    trust = still + np.float64(MOVED_WEIGHT)
    points, middle = _Points(x, y), len(x) // 2
    found = points.line(trust)
    for _ in range(ROUNDS):
        residual = np.asarray(cv2.addWeighted(x, -found.scale, y, 1.0, -found.shift), np.float64)
        size = np.abs(residual)
        size.partition(middle)
        sigma = 1.4826 * float(size[middle])
        if sigma <= points.rounding:  # they lie on the line
            break
        residual *= residual
        residual += (TUNING * sigma) ** 2
        found = points.line(np.divide(trust, residual, out=residual))
    return found


class _Points:
    """Points of which lines are wanted by several sets of weights."""

    def __init__(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        self._origin = float(x[x.size // 2]), float(y[y.size // 2])
        self._powers = powers = np.ones((6, x.size))
        """One, x, y, xx, xy, yy about one of the points: squares far from zero would be rounded."""
        np.subtract(x, self._origin[0], out=powers[1])
        np.subtract(y, self._origin[1], out=powers[2])
        np.multiply(powers[1], powers[1:3], out=powers[3:5])
        np.multiply(powers[2], powers[2], out=powers[5])

    @property
    def rounding(self) -> float:
        """Of y: what a line misses by no more is on it."""
        return math.sqrt(FLAT * (self._origin[1] ** 2 + float(self._powers[5].mean())))

    def line(self, weights: NDArray[np.float64]) -> ScaleAndShift:
        """That of `fit_samples`, for weights in any unit."""
        total, *sums = np.vecdot(self._powers, weights).tolist()
        x, y, xx, xy, yy = (one / total for one in sums)
        xx, xy, yy = xx - x * x, xy - x * y, yy - y * y
        scale, (x0, y0) = 1.0, self._origin
        if xx > FLAT * x0**2 and yy > FLAT * y0**2:
            trust = (xy / math.sqrt(xx * yy) - LEAST_CORRELATION) / (FULL_CORRELATION - LEAST_CORRELATION)
            bound = math.log(LARGEST_SCALE)
            slope = min(max(0.5 * math.log(yy / xx), -bound), bound)
            scale = math.exp(slope * min(max(trust, 0.0), 1.0))
        return ScaleAndShift(scale, y0 + y - scale * (x0 + x))
