"""Depth metrics after scale-and-shift alignment in inverse depth, as MiDaS defines them.

Alignment, cap and `bad_percent`: Ranftl et al. 2020 (MiDaS), section 5 and the authors' evaluation; the other
figures: Eigen, Puhrsch, Fergus, "Depth Map Prediction from a Single Image using a Multi-Scale Deep Network", 2014.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple

import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import UsageError
from streamdepth.frames import DepthMap, DepthMeaning
from streamdepth.imaging.scale_and_shift import ScaleAndShift, least_squares
from streamdepth.values import dataclass

FloatMap = NDArray[np.float32] | NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Scores:
    """How far aligned depth p is from the truth t, over the known pixels of one picture or the mean of several."""

    bad_percent: float
    """MiDaS's figure: percentage of pixels with max(p / t, t / p) > 1.25; smaller is better."""
    abs_rel: float
    """Mean of |p - t| / t."""
    rmse: float
    """Root of the mean of (p - t)^2, metres."""
    rmse_log: float
    """Root of the mean of (ln p - ln t)^2."""
    silog: float
    """100 times the standard deviation of ln p - ln t, as KITTI reports it."""
    delta_1: float
    """Share of pixels with max(p / t, t / p) < 1.25; larger is better."""
    delta_2: float
    """The same with 1.25^2."""
    delta_3: float
    """The same with 1.25^3."""


def known_depth(depth: FloatMap, cap: float) -> Mask:
    """Where (H, W) depth in metres is a reading: finite, positive and not beyond `cap`."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.isfinite(depth) & (depth > 0) & (depth <= cap))


def align(prediction: FloatMap, inverse_depth: FloatMap, mask: Mask) -> ScaleAndShift:
    """Least squares over `mask` of (H, W) predicted and true inverse depth.

    Raises `UsageError` where nothing is known. A flat prediction gets scale 0 and the mean as shift.
    """
    if not mask.any():
        raise UsageError("the picture has no pixel of known depth", "leave it out, or raise the cap")
    return least_squares(prediction[mask], inverse_depth[mask])


def aligned_depth(prediction: FloatMap, alignment: ScaleAndShift, cap: float) -> NDArray[np.float64]:
    """Depth in metres, at most `cap`, of (H, W) predicted inverse depth."""
    inverse = alignment.scale * prediction.astype(np.float64) + alignment.shift
    return np.asarray(1 / np.maximum(inverse, 1 / cap))


def fit_depth(prediction: FloatMap, depth: FloatMap, *, cap: float = 10.0) -> NDArray[np.float64]:
    """(H, W) depth in metres, at most `cap`, of predicted inverse depth aligned to the true `depth`.

    `depth` is in metres, 0 or NaN where unknown. Raises `UsageError` where sizes differ or nothing is known.
    """
    if prediction.shape != depth.shape:
        raise UsageError(
            f"the prediction is {prediction.shape} and the truth {depth.shape}", "resize the prediction"
        )
    mask = known_depth(depth, cap)
    inverse = np.divide(1.0, depth, out=np.zeros(depth.shape), where=mask)
    return aligned_depth(prediction, align(prediction, inverse, mask), cap)


def fit_distance(prediction: FloatMap, depth: FloatMap, *, cap: float = 10.0) -> NDArray[np.float64]:
    """The same of a predicted distance, aligned in distance and at least a thousandth of `cap`."""
    mask = known_depth(depth, cap)
    found = align(prediction, depth, mask)
    metres = found.scale * prediction.astype(np.float64) + found.shift
    return np.clip(metres, cap / 1000, cap)


def fit(depth_map: DepthMap, depth: FloatMap, *, cap: float = 10.0) -> NDArray[np.float64]:
    """`fit_depth` of a map of the size of `depth`, by what its values mean; distances in metres are taken as 1 / m."""
    values = depth_map.values
    if depth_map.meaning is DepthMeaning.DISTANCE_RELATIVE:
        return fit_distance(values, depth, cap=cap)
    if depth_map.meaning is DepthMeaning.METRES:
        return fit_depth(1 / np.maximum(values.astype(np.float64), cap / 1000), depth, cap=cap)
    return fit_depth(values, depth, cap=cap)


def evaluate(prediction: FloatMap, depth: FloatMap, *, cap: float = 10.0) -> Scores:
    """Scores of (H, W) predicted inverse depth against true `depth` in metres, 0 or NaN where unknown.

    `cap` in metres bounds truth and prediction: 10 indoors, 80 on the road. Raises as `fit_depth`.
    """
    mask = known_depth(depth, cap)
    return compare(fit_depth(prediction, depth, cap=cap)[mask], depth[mask].astype(np.float64))


def compare(predicted: NDArray[np.float64], true: NDArray[np.float64]) -> Scores:
    """Scores of matching positive depths in metres, any shape, without alignment."""
    ratio = np.maximum(predicted / true, true / predicted)
    logs = np.log(predicted) - np.log(true)
    return Scores(
        bad_percent=100 * float(np.mean(ratio > 1.25)),
        abs_rel=float(np.mean(np.abs(predicted - true) / true)),
        rmse=float(np.sqrt(np.mean((predicted - true) ** 2))),
        rmse_log=float(np.sqrt(np.mean(logs**2))),
        silog=100 * float(np.std(logs)),
        delta_1=float(np.mean(ratio < 1.25)),
        delta_2=float(np.mean(ratio < 1.25**2)),
        delta_3=float(np.mean(ratio < 1.25**3)),
    )


def mean_scores(scores: Iterable[Scores]) -> Scores:
    """Each figure's mean over pictures, every picture counting the same. Raises `UsageError` where there are none."""
    rows = [astuple(row) for row in scores]
    if not rows:
        raise UsageError("there are no pictures to take the mean of", "name a folder that has some")
    return Scores(*(float(value) for value in np.mean(rows, axis=0)))


def row_baseline(height: int, width: int) -> NDArray[np.float32]:
    """(H, W) inverse depth that is a linear function of the image row, 1 at the bottom: what costs nothing."""
    rows = np.linspace(0, 1, height, dtype=np.float32)
    return np.repeat(rows[:, None], width, axis=1)
