"""From relative inverse depth to metres: the line 1 / metres = scale * value + shift, from a few known distances.

A network says 1 / metres up to a scale and a shift. Both follow from points whose distance is known, by least squares
on the relative error of the distance, since a tenth of it matters as much near as far: with z metres at the value v,
the sum of (z * (scale * v + shift) - 1)^2 is made least, which is linear in both. Where more than a few points are
given, those that fit badly lose their weight (Cauchy's, as in `imaging.scale_and_shift`).

Points are few and networks are wrong by more than a line can mend, so a shift is used only where it foretells points
that it was not fitted to better than a scale alone does (leave one out); the error of these points is the promise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import UsageError
from streamdepth.frames import BEYOND
from streamdepth.imaging.quantiles import quantile
from streamdepth.imaging.scale_and_shift import TUNING
from streamdepth.values import dataclass

Floats = NDArray[np.float64]

LEAST_ROBUST = 8
"""Points from which on those that fit badly lose their weight."""
MOST_FOLDS = 20
"""Of many points, so many groups are left out one after the other."""
CONTRADICTED = 0.5
"""A line that falls is believed where it misses points by less than this share of what a scale alone does."""
ROUNDS = 5
PAIRS = 300
"""Lines through two points, of which the best begins a robust fit."""


@dataclass(frozen=True)
class Line:
    """1 / metres = `scale` * value + `shift`."""

    scale: float
    shift: float

    def metres(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        """Metres of values of any shape: above 0, at most `BEYOND`."""
        inverse = values.astype(np.float64) * self.scale + self.shift
        return np.asarray(1.0 / np.maximum(inverse, 1.0 / BEYOND), np.float32)

    def after(self, scale: float, shift: float) -> Line:
        """The line of values that become those of this one by `scale` * value + `shift`."""
        return Line(self.scale * scale, self.scale * shift + self.shift)


@dataclass(frozen=True)
class Fit:
    """A line, and how far its metres can be trusted."""

    line: Line
    points: int
    error: float | None
    """Median share of the distance by which points were missed that the line was not fitted to; None where the points
    are too few."""

    @property
    def words(self) -> str:
        """How far its metres can be trusted, in words."""
        distances = "1 distance" if self.points == 1 else f"{self.points} distances"
        if self.error is None:
            return f"{distances}; a third would show how accurate they are"
        return f"{distances}, which predict each other within {self.error:.0%}"


def fit(values: NDArray[np.floating], metres: NDArray[np.floating]) -> Fit:
    """The line through points of any number from one on; both (n,), values of relative inverse depth, metres above 0.

    Two points give a scale and a shift, one a scale alone. Raises UsageError where the distances are no such numbers
    or beyond `BEYOND`, or contradict the depth: what is nearer must not be said to be farther.
    """
    x, z = values.astype(np.float64).ravel(), metres.astype(np.float64).ravel()
    known = (z > 0) & (z <= BEYOND)
    if not (z.size and x.size == z.size and np.isfinite(x).all() and known.all()):
        raise UsageError(
            f"distances must be metres above 0 and up to {BEYOND:g}, one for each point", "as in 120,80,2.5"
        )
    if z.size == 1:
        return Fit(_checked(_line(x, z, shifted=False)), 1, None)
    if z.size == 2:
        return Fit(_checked(_line(x, z, shifted=True)), 2, None)
    lines = {shifted: _line(x, z, shifted=shifted) for shifted in (False, True)}
    errors = {shifted: _foretold(x, z, shifted=shifted) for shifted in (False, True)}
    shifted = errors[True] < errors[False]
    if shifted and not _rises(lines[True]) and errors[True] > CONTRADICTED * errors[False]:
        shifted = False  # the points lie about as far: the slope is noise
    return Fit(_checked(lines[shifted]), z.size, errors[shifted])


def _rises(line: Line | None) -> bool:
    return line is not None and line.scale > 0


def _checked(line: Line | None) -> Line:
    if line is None or not _rises(line):
        raise UsageError(
            "the distances contradict the depth, in which nearer points are farther away",
            "check them, or choose points whose distances differ more",
        )
    return line


def _foretold(x: Floats, z: Floats, *, shifted: bool) -> float:
    """Median relative error at points that are left out in turns; infinite where no line can be fitted."""
    folds = np.arange(z.size) % min(z.size, MOST_FOLDS)
    errors = np.empty(z.size)
    for fold in range(folds.max() + 1):
        out = folds == fold
        line = _line(x[~out], z[~out], shifted=shifted)
        if line is None:
            return float("inf")
        errors[out] = np.abs(line.metres(x[out]) / z[out] - 1.0)
    return float(np.median(errors))


def _line(x: Floats, z: Floats, *, shifted: bool) -> Line | None:
    """None where the values of the points do not differ."""
    if z.size < LEAST_ROBUST:
        return _weighted(x, z, np.ones_like(z), shifted=shifted)
    line = _through_two(x, z, shifted=shifted)
    for _ in range(ROUNDS):
        if line is None:
            break
        missed = _missed(line, x, z)
        sigma = 1.4826 * quantile(missed, 0.5)
        if sigma <= 0.0:
            break
        line = _weighted(x, z, 1.0 / (1.0 + (missed / (TUNING * sigma)) ** 2), shifted=shifted)
    return line


def _through_two(x: Floats, z: Floats, *, shifted: bool) -> Line | None:
    """Of the lines through some pairs of points, the one with the least median error (Rousseeuw 1984)."""
    pairs = np.random.default_rng(0).integers(0, z.size, (PAIRS, 2))
    found = (_weighted(x[pair], z[pair], np.ones(2), shifted=shifted) for pair in pairs)
    lines = [line for line in found if line is not None]
    return min(lines, key=lambda line: quantile(_missed(line, x, z), 0.5), default=None)


def _missed(line: Line, x: Floats, z: Floats) -> Floats:
    return np.asarray(np.abs(z * (line.scale * x + line.shift) - 1.0))


def _weighted(x: Floats, z: Floats, weight: Floats, *, shifted: bool) -> Line | None:
    columns = np.stack([z * x, z], axis=1) if shifted else (z * x)[:, None]
    root = np.sqrt(weight)
    found, _residual, rank, _singular = np.linalg.lstsq(columns * root[:, None], root, rcond=1e-9)
    if rank < columns.shape[1]:
        return None
    return Line(float(found[0]), float(found[1]) if shifted else 0.0)
