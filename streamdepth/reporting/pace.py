"""How fast the frames of one file come, and how long the rest of it takes."""

from __future__ import annotations

from dataclasses import replace

from streamdepth.values import dataclass

_TELLS = 1.0
"""Seconds after the first frame from which on the pace tells how long the rest takes."""


@dataclass(frozen=True)
class Pace:
    """Frames that are done of one file, and in which time; `total` is None where nobody knows how many there are.

    A file that is gone through several times has its frames as often; `behind` are those of the times before.
    """

    total: int | None
    started: float
    count: int = 0
    now: float = 0.0
    behind: int = 0
    first: tuple[int, float] | None = None
    """The count and the time from which on the rate is counted: before, the network is loaded and looks ahead."""

    def at(self, count: int, now: float, of: int | None = None) -> Pace:
        """The same later on; `of` is how many frames there are in the file where those are fewer than was thought."""
        total = self.total if self.total is None or of is None else min(self.total, self.behind + of)
        return replace(self, total=total, count=count, now=now, first=self.first or (count, now))

    @property
    def seconds(self) -> float:
        """Since it started, above 0."""
        return max(self.now - self.started, 1e-6)

    @property
    def rate(self) -> float | None:
        """Frames a second since the first one; None before there are two."""
        if self.first is None or self.count == self.first[0]:
            return None
        return (self.count - self.first[0]) / max(self._since_first, 1e-6)

    @property
    def part(self) -> float:
        """The share of the file that is done, from 0 to 1; 0 where the total is not known."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def done(self) -> int:
        """All frames so far."""
        return self.behind + self.count

    @property
    def seconds_left(self) -> float | None:
        """Until the file is done, at this rate; None where that is not known, or not yet."""
        rate = self.rate
        if self.total is None or rate is None or self._since_first < _TELLS:
            return None
        return max(0, self.total - self.done) / rate

    @property
    def _since_first(self) -> float:
        return 0.0 if self.first is None else self.now - self.first[1]
