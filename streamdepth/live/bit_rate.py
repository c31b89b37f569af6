"""How many bits a second a live stream may have: from its size, and from what its viewers can receive."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

PIXELS_OF_720P = 1280 * 720
BITS_AT_720P30 = 2_500_000
"""720p at 30 a second looks clean at this rate (superfast, half camera, half colours: 39.5 dB at 2 Mb/s)."""
SHARE = 0.85
"""Of what a viewer can receive: the rest is for retransmission and for what else uses the line."""
LOW_SHARE_OF_VIEWERS = 0.2
"""The stream fits all viewers but this share of them; of four or fewer it fits every one."""
DOWN, UP = 0.9, 1.15
"""Changes smaller than these factors are not worth one."""
LARGEST_STEP_UP = 1.5
DOWN_AFTER, UP_AFTER = 1.0, 2.0
"""Seconds after a change before the next one."""
FLOOR_SHARE = 0.1
LEAST_FLOOR = 100_000
METER_SECONDS = 3.0
LEAST_MOMENTS = 4
SILENCE_GAPS = 3.0
"""So many times as long as usual without a picture is a silence, where it is also longer than `METER_SECONDS`."""


def ceiling_for(width: int, height: int, rate: float) -> int:
    """Bits a second beyond which such a picture does not look better.

    Grows with less than the number of pixels and pictures: large pictures have more in common with themselves.
    """
    pixels = math.pow(width * height / PIXELS_OF_720P, 0.75)
    return round(BITS_AT_720P30 * pixels * math.sqrt(max(rate, 1.0) / 30))


class BitRateControl:
    """Chooses the bit rate over time; `rate` is the present one, at first the ceiling."""

    def __init__(self, ceiling: int) -> None:
        self.rate = ceiling
        self._ceiling = ceiling
        self._floor = min(ceiling, max(LEAST_FLOOR, round(ceiling * FLOOR_SHARE)))
        self._changed_at = float("-inf")

    def update(self, estimates: Sequence[int], now: float) -> int | None:
        """The new bit rate where it is time for one, from what viewers say they can receive, in bits a second."""
        wanted = self._wanted(estimates)
        since = now - self._changed_at
        falls = wanted < self.rate * DOWN and since >= DOWN_AFTER
        rises = (wanted > self.rate * UP or wanted == self._ceiling > self.rate) and since >= UP_AFTER
        if not (falls or rises):
            return None
        self.rate = min(wanted, round(self.rate * LARGEST_STEP_UP))
        self._changed_at = now
        return self.rate

    def _wanted(self, estimates: Sequence[int]) -> int:
        if not estimates:
            return self._ceiling
        low = sorted(estimates)[int(len(estimates) * LOW_SHARE_OF_VIEWERS)]
        return min(self._ceiling, max(self._floor, round(low * SHARE)))


class RateMeter:
    """Pictures a second, from the moments at which they came: set by one thread, read by any."""

    def __init__(self) -> None:
        self._moments: deque[float] = deque(maxlen=256)
        self._rate: float | None = None

    def saw(self, now: float) -> None:
        """A picture came at `now` in seconds."""
        if self._was_silent(now):
            self._moments.clear()
        self._moments.append(now)
        while len(self._moments) > LEAST_MOMENTS and now - self._moments[0] > METER_SECONDS:
            self._moments.popleft()
        lasted = now - self._moments[0]
        if len(self._moments) >= LEAST_MOMENTS and lasted > 0:
            # Worked out here: another thread could not go through the moments while one is added.
            self._rate = (len(self._moments) - 1) / lasted

    def _was_silent(self, now: float) -> bool:
        """Whether the last picture is so long ago, for their usual rate, that the time since says nothing about it."""
        if len(self._moments) < 2:
            return False
        usual = (self._moments[-1] - self._moments[0]) / (len(self._moments) - 1)
        return now - self._moments[-1] > max(METER_SECONDS, SILENCE_GAPS * usual)

    @property
    def rate(self) -> float | None:
        """Over the last three seconds, or the last four pictures where fewer came; None before there were four."""
        return self._rate
