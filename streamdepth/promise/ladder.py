"""The ways in which a stream could run, the best depth first, with what a depth map takes in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from streamdepth.values import dataclass

WORTH = 0.9
"""A rung that takes more than this share of the time of the better one above it is left out."""
LONGEST_INTERVAL = 3
"""Every third picture: below ten a second of a usual camera it is no film any more."""


@dataclass(frozen=True)
class Rung:
    """One way to run."""

    model: str
    """The name of the network."""
    size: int
    """As `--size`."""
    precision: str
    seconds: float
    """What a depth map took when the table was measured: its ratio to that of other rungs is what counts."""
    interval: int = 1
    """Every so-many-th of the pictures that are due gets depth; the others are left out."""

    def __str__(self) -> str:
        every = f", every {self.interval}. picture" if self.interval > 1 else ""
        return f"{self.model} at {self.size} in {self.precision}{every}"


def ladder_of(measured: Sequence[Rung], *, may_leave_out: bool) -> tuple[Rung, ...]:
    """Rungs to step down, from `measured` ones, the best depth first: each is faster than the one above.

    Where pictures may be left out, it goes on with the fastest at larger intervals. Raises ValueError for none.
    """
    kept = [measured[0]] if measured else []
    for rung in measured[1:]:
        if rung.seconds <= WORTH * kept[-1].seconds:
            kept.append(rung)
    if not kept:
        raise ValueError("a ladder needs a rung")
    more = range(2, LONGEST_INTERVAL + 1) if may_leave_out else ()
    return (*kept, *(replace(kept[-1], interval=interval) for interval in more))
