"""What of a recording gets into a movie: all of it, or what lies between two times."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from av.packet import Packet

from streamdepth.frames import Recording
from streamdepth.values import dataclass

_RUN_UP = 30
"""Seconds before the part from which tracks are read: lines that are shown for longer are rare."""


@dataclass(frozen=True)
class Part:
    """In seconds of the movie, which begins at zero."""

    shift: Fraction = Fraction(0)
    """How much earlier everything is in the movie than on the recording's clock."""
    is_cut: bool = False
    """Whether something comes before it."""
    lasts: Fraction | None = None
    """None: to the end of the recording."""

    @classmethod
    def of(cls, recording: Recording) -> Part:
        """What is taken of a recording."""
        return cls(recording.start, recording.skipped > 0, recording.lasts)

    def leaves_out(self, packet: Packet[Any]) -> bool:
        """Whether a packet of sound, with its duration, is over too long before zero for a decoder to need it."""
        return self.is_cut and (packet.pts or 0) + 2 * (packet.duration or 0) <= 0

    def fit_line(self, packet: Packet[Any]) -> bool:
        """Let a subtitle begin at zero at the earliest and end with the part; False where nothing is left of it."""
        if packet.pts is None:
            return True
        begins, ends = packet.pts, packet.pts + (packet.duration or 0)
        if self.lasts is not None and packet.duration:
            ends = min(ends, int(self.lasts / packet.time_base))
        if not self.is_cut and ends >= begins + (packet.duration or 0):
            return True
        begins = max(begins, 0)
        if ends < begins or (packet.duration and ends == begins):
            return False
        packet.pts = packet.dts = begins
        packet.duration = ends - begins
        return True


def read_from(recording: Recording) -> Fraction | None:
    """Seconds of the recording's own clock from which its tracks are to be read; None: from its begin."""
    return recording.start - _RUN_UP if recording.skipped > _RUN_UP else None
