"""Whether a depth map looks upside down: the ground is at the bottom of most pictures, and near."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streamdepth.values import dataclass

ENOUGH = 12
"""Maps by which one can say."""
AGAINST = -0.6
"""Mean correlation of nearness with the row below which pictures contradict."""


@dataclass
class RowsAgainst:
    """Gathers whether the rows of the first maps contradict what their values are said to mean."""

    larger_is_nearer: bool
    _sum: float = 0.0
    _count: int = 0

    def add(self, values: NDArray[np.float32]) -> None:
        """Look at one (h, w) map."""
        self._sum += _correlation(values) * (1 if self.larger_is_nearer else -1)
        self._count += 1

    @property
    def is_known(self) -> bool:
        """Whether enough were seen."""
        return self._count >= ENOUGH

    @property
    def contradict(self) -> bool:
        """Whether the bottom is farther than the top, in most pictures clearly."""
        return self._count > 0 and self._sum / self._count < AGAINST


def _correlation(values: NDArray[np.float32]) -> float:
    """Of the mean of each row with its number; 0 of a map that is flat from top to bottom."""
    rows = values.mean(axis=1, dtype=np.float64)
    rows -= rows.mean()
    numbers = np.arange(len(rows)) - (len(rows) - 1) / 2
    norm = float(np.sqrt((rows @ rows) * (numbers @ numbers)))
    return float(rows @ numbers) / norm if norm > 0 else 0.0
