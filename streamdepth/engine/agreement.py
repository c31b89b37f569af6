"""How well a network that is reduced to be faster agrees with the same network in float32.

Depth is relative, so a map may differ by a scale and a shift without being another picture. What is left after that
is compared with the range that colours are spread over: a ratio would mean nothing where values are near zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import UsageError
from streamdepth.imaging.scale_and_shift import least_squares
from streamdepth.values import dataclass

TOLERANCE = 0.02
"""Largest difference of a pixel that agrees, as a share of the reference's 2nd to 98th percentile range."""
BUDGET = 0.99
"""Share of pixels that must agree before anything reduced is used."""
_ROUNDING = 1e-6
"""Of the largest value: no map is more exact than float32, so a flat one still agrees with itself."""

Map = NDArray[np.float32] | NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """What a comparison over some frames found."""

    share: float
    """Of all pixels, how many agree: 0 to 1."""
    worst: float
    """The same of the frame with the fewest."""
    frames: int

    @property
    def within_budget(self) -> bool:
        """Whether the candidate may stand in for the reference."""
        return self.share >= BUDGET

    def __str__(self) -> str:
        # Rounded down: what is below the budget must not read as if it had reached it.
        return f"{math.floor(self.share * 1000 + 1e-9) / 10:.1f} % of pixels"


def agreement(pairs: Iterable[tuple[Map, Map]]) -> Agreement:
    """Compare (reference, candidate) maps frame by frame, both (h, w) of one size; each frame is aligned by itself.

    Raises `UsageError` where there is no pair, or where the maps of one differ in size.
    """
    counts = [(agreeing_pixels(reference, candidate), reference.size) for reference, candidate in pairs]
    if not counts:
        raise UsageError("there is no frame to compare", "give at least one")
    agreeing, pixels = (sum(column) for column in zip(*counts, strict=True))
    worst = min(part / whole for part, whole in counts)
    return Agreement(agreeing / pixels, worst, len(counts))


def standing_in(pairs: Sequence[tuple[Map, Map]]) -> Agreement:
    """`agreement` of maps that somebody else made: of another size than the reference's, they agree nowhere."""
    if any(reference.shape != candidate.shape for reference, candidate in pairs):
        return Agreement(0.0, 0.0, len(pairs))
    return agreement(pairs)


def residual(reference: Map, candidate: Map) -> float:
    """Mean square of what is left after alignment, in units of the reference's range squared; finite maps only.

    Unlike the share of pixels it ranks two bad candidates, and the errors of several causes add up in it.
    """
    wanted = reference.astype(np.float64).ravel()
    low, high = np.percentile(wanted, (2, 98))
    return float(np.mean((_aligned(candidate, wanted) - wanted) ** 2)) / max(float(high - low), 1e-12) ** 2


def agreeing_pixels(reference: Map, candidate: Map) -> int:
    """How many pixels of a candidate agree once scale and shift are fitted by least squares.

    A candidate with a value that is no number agrees nowhere. A scale below 0 is taken as 0: depth turned inside out
    is another picture, not another scale.
    """
    if reference.shape != candidate.shape or reference.size == 0:
        raise UsageError(
            f"maps of {reference.shape} and {candidate.shape} cannot be compared",
            "compare maps of one picture at one size",
        )
    if not np.isfinite(candidate).all():
        return 0
    wanted = reference.astype(np.float64).ravel()
    low, high = np.percentile(wanted, (2, 98))
    allowed = TOLERANCE * (high - low) + _ROUNDING * np.abs(wanted).max()
    return int(np.count_nonzero(np.abs(_aligned(candidate, wanted) - wanted) <= allowed))


def _aligned(candidate: Map, wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    given = candidate.astype(np.float64).ravel()
    found = least_squares(given, wanted, least_scale=0.0)
    return np.asarray(found.scale * given + found.shift)
