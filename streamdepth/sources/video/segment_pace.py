"""Live pictures that come in segments, seconds of them at once, and are shown one after the other (HLS).

A playlist is begun three segments before its end (RFC 8216, section 6.3.3). Shown as they come, the pictures of each
would be over in a moment, and then there would be none until the next one.
"""

from __future__ import annotations

from fractions import Fraction

_LONGEST_STEP = 2.0
"""Seconds between two pictures; farther apart they are where segments were skipped, or where a clock began anew."""
_MOST_LATE = 60.0
"""Seconds that are made up for, as after the network was loaded; more is a clock that began anew."""


class SegmentPace:
    """When pictures are due: the first at once, each other one as its timestamp says; times in seconds of one clock.

    What a reader that was busy elsewhere is late is made up for. What it had to wait for pictures, because the
    network or the server was slow, is not: it would have to be waited for again at each segment.
    """

    def __init__(self, time_base: Fraction) -> None:
        self._time_base = time_base
        self._start: float | None = None

    def left(self, ticks: int | None, asked_at: float, now: float) -> float:
        """Seconds until a picture is due that was asked for at `asked_at` and is there `now`; 0 where it is due."""
        if ticks is None:
            return 0.0
        at = float(ticks * self._time_base)
        due = now if self._start is None else self._start + at
        late = now - due
        if self._start is None or not -_LONGEST_STEP <= late <= _MOST_LATE:
            self._start, late = now - at, 0.0
        elif late > 0:
            self._start += min(late, now - asked_at)
        return max(0.0, -late)
