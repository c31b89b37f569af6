"""Timestamps that a consumer can rely on: exact, present and strictly increasing."""

from __future__ import annotations

from fractions import Fraction

_FALLBACK_RATE = Fraction(25)
_JUMP = 1
"""Seconds backwards from which on a timestamp starts a new count (joined recordings) and is not just disorder."""


class Timeline:
    """Places the frames of one stream in time.

    `time_base` is the unit of the timestamps in seconds, `rate` the nominal frames per second, which serves only
    where a timestamp is missing, and `origin` what is subtracted from each timestamp, in units of `time_base`.
    """

    def __init__(self, time_base: Fraction, rate: Fraction | None = None, origin: int = 0) -> None:
        self.adjusted = 0
        """How many timestamps did not increase and were moved."""
        self._time_base = time_base
        self._step = max(1, round(1 / ((rate or _FALLBACK_RATE) * time_base)))
        self._origin = origin
        self._last: int | None = None

    def place(self, ticks: int | None) -> Fraction:
        """Seconds of a frame whose timestamp is `ticks`; None stands one frame after the last."""
        if ticks is None:
            self._last = 0 if self._last is None else self._last + self._step
        else:
            self._last = self._after_last(ticks - self._origin)
        return self._last * self._time_base

    def _after_last(self, ticks: int) -> int:
        last = self._last
        if last is None or ticks > last:
            return ticks
        self.adjusted += 1
        if (last - ticks) * self._time_base < _JUMP:
            return last + 1
        self._origin += ticks - last - self._step
        return last + self._step
