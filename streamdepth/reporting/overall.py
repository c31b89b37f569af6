"""How long several files take together, by the share of the work that each of them is."""

from __future__ import annotations

from streamdepth.reporting.pace import Pace
from streamdepth.values import dataclass

LONGEST = 32
"""Letters of a name beside a bar."""


@dataclass(frozen=True)
class Overall:
    """One file among several."""

    number: int
    """From 1."""
    count: int
    name: str
    share_done: float
    """Of all the work, what was done before this file, from 0 to 1."""
    share: float
    """Of all the work, this file."""
    seconds: float
    """What was done before took so long."""

    def done(self, part: float) -> float:
        """The share of all that is done when a `part` of this file is, from 0 to 1."""
        return min(1.0, self.share_done + self.share * part)

    def seconds_left(self, part: float, seconds_of_file: float) -> float | None:
        """Until all are done, at the pace so far; None before there is one."""
        done = self.done(part)
        return (1 - done) * (self.seconds + seconds_of_file) / done if done > 0 else None

    def seconds_left_at(self, pace: Pace) -> float | None:
        """The same at the pace of this file; None where that is all there is, and it does not tell yet."""
        is_known = pace.total is not None and (self.share_done > 0 or pace.seconds_left is not None)
        return self.seconds_left(pace.part, pace.seconds) if is_known else None


def duration(seconds: float) -> str:
    """`38 s`, `12:40` or `3:04:05`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def short(name: str) -> str:
    """The end of a long name, which is what differs."""
    return name if len(name) <= LONGEST else "..." + name[3 - LONGEST :]
