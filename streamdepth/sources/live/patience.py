"""How long the next picture of a live source is waited for: a camera may give one in ten seconds, and say so or not."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from streamdepth.protocols import Source

PICTURES = Fraction(5, 2)
"""For so many pictures that do not come a source counts as silent."""
MOST = 150.0
"""Seconds, enough for a picture a minute: what is said of a rate may be wrong, and one that hangs is to be found."""
FEW = 10
"""A connection that fell silent before so many pictures may be that of a slow camera: the next one has more time."""
AT_FIRST = 5.0
"""Seconds for a picture of a source that states no rate."""


def patience_for(rate: Fraction | None) -> float:
    """Seconds for a picture of a source that gives so many a second; 0 where it does not say."""
    return 0.0 if not rate else min(MOST, float(PICTURES / rate))


def patience_asked(rate: Fraction | None) -> float:
    """Seconds for a picture of a source that gives so many a second, as its user says: believed, however few."""
    seconds = 0.0 if rate is None else float(PICTURES / rate)
    return seconds if seconds > AT_FIRST else 0.0


class Connecting:
    """Opens a source as often as it is called, from the second time on with the patience that its rate asks for.

    `connect` opens it with so many seconds for a picture at least. The wait of an open connection cannot be
    changed, and opening a slow camera takes half a minute: so its first connection is left, and the second one stays.
    One that states no rate, or a wrong one, has twice the time after each connection that failed with few pictures.
    `asked` is the least for each picture of an open connection.
    """

    def __init__(self, connect: Callable[[float], Source], asked: float = 0.0) -> None:
        self._connect = connect
        self._asked = asked
        self._told = 0.0
        self._learnt = 0.0

    @property
    def patience(self) -> float:
        """Seconds that a picture of a connection that begins now has at least; from any thread."""
        return max(self._told, self._learnt)

    @property
    def for_pictures(self) -> float:
        """Seconds that each picture of an open connection has at least; from any thread."""
        return max(self.patience, self._asked)

    def __call__(self) -> Source:
        """Open it; raises as `connect` does."""
        source = self._connect(self.patience)
        # A camera that is asked answers at once, however rarely that is.
        self._told = 0.0 if source.info.kind == "snapshot" else patience_for(source.info.rate)
        return source

    def fell_silent(self, pictures: int, seconds: float) -> None:
        """No picture came in time any more, after so many of a connection in so many seconds."""
        if pictures >= FEW:
            if PICTURES * Fraction(seconds) / pictures < AT_FIRST:
                self._learnt = 0.0
        elif pictures or self._learnt:  # one that was quick and hangs is to be found soon
            self._learnt = min(MOST, 2 * max(AT_FIRST, self._learnt))
