"""The scale and shift that bring one depth map to another: relative depth is known up to these two alone.

The losses of `training` have a fit of their own, over batches of tensors that gradients flow through.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamdepth.imaging.quantiles import quantile

Map = NDArray[np.float32]

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

    Iteratively reweighted least squares on about 4,000 of the pixels. The weights are Cauchy's,
    1 / (1 + (r / (2.385 sigma))^2), with sigma from the median absolute residual, times `still`. Both maps are noisy,
    so the line is the geometric mean of the regressions in both directions, scale = std(reference) / std(values):
    that of one direction is too flat, and would flatten a picture in which everything moves from frame to frame.
    Where the two hardly correlate there is nothing to fit a scale to: below 0.9 it fades to 1, which it is below 0.5.
    """
    step = max(1, math.ceil(math.sqrt(values.size / SAMPLES)))
    x, y, trust = (part[::step, ::step].ravel().astype(np.float64) for part in (values, reference, still))
    trust = trust + MOVED_WEIGHT
    found = _solve(x, y, trust)
    for _ in range(ROUNDS):
        residual = np.abs(y - found.scale * x - found.shift)
        sigma = 1.4826 * quantile(residual, 0.5)
        if sigma <= 0.0:
            break
        found = _solve(x, y, trust / (1.0 + (residual / (TUNING * sigma)) ** 2))
    return found


def _solve(x: NDArray[np.float64], y: NDArray[np.float64], weight: NDArray[np.float64]) -> ScaleAndShift:
    weight = weight / weight.sum()
    mean_x, mean_y = float(weight @ x), float(weight @ y)
    x, y = x - mean_x, y - mean_y
    weighted = weight * x
    xx, xy, yy = float(weighted @ x), float(weighted @ y), float((weight * y) @ y)
    scale = 1.0
    if xx > 0.0 and yy > 0.0:
        trust = (xy / math.sqrt(xx * yy) - LEAST_CORRELATION) / (FULL_CORRELATION - LEAST_CORRELATION)
        bound = math.log(LARGEST_SCALE)
        scale = math.exp(min(max(0.5 * math.log(yy / xx), -bound), bound) * min(max(trust, 0.0), 1.0))
    return ScaleAndShift(scale, mean_y - scale * mean_x)
