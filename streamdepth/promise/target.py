"""What is promised of a live stream."""

from __future__ import annotations

from fractions import Fraction

from streamdepth.values import dataclass


@dataclass(frozen=True)
class Target:
    """At least one of them is given."""

    latency: float | None = None
    """Seconds from the capture of a picture until all outputs have it, or a newer one, with its depth."""
    fps: Fraction | None = None
    """Pictures a second that are shown, where the input gives as many."""

    def __str__(self) -> str:
        parts = [
            f"{self.latency * 1000:g} ms" if self.latency is not None else "",
            f"{float(self.fps):g} pictures a second" if self.fps is not None else "",
        ]
        return " and ".join(filter(None, parts))
