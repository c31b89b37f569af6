"""How long the next picture of a live source is waited for: a camera may give one in ten seconds, and say so."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from streamdepth.protocols import Source

PICTURES = Fraction(5, 2)
"""For so many pictures that do not come a source counts as silent."""
MOST = 60.0
"""Seconds: what is told of a rate may be wrong."""


def patience_for(rate: Fraction | None) -> float:
    """Seconds for a picture of a source that gives so many a second; 0 where it does not say."""
    return 0.0 if not rate else min(MOST, float(PICTURES / rate))


class Connecting:
    """Opens a source as often as it is called, from the second time on with the patience that its rate asks for.

    `connect` opens it with so many seconds for a picture at least. What is open cannot be told to wait longer, and to
    open a slow camera takes half a minute: so its first connection is left, and the second one stays.
    """

    def __init__(self, connect: Callable[[float], Source]) -> None:
        self._connect = connect
        self._patience = 0.0

    def __call__(self) -> Source:
        """Open it; raises as `connect` does."""
        source = self._connect(self._patience)
        self._patience = patience_for(source.info.rate)
        return source
