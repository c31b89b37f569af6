"""From a picture in which colour and depth stand together back to both, by the server's description."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from streamdepth.depthfiles.stacked import DepthDescription, colour_of, is_of_size, metres_of, values_of
from streamdepth.frames import CLOCK_TICK, DepthMap
from streamdepth.pixels import Picture
from streamdepth.values import dataclass

MOST_DESCRIBED = 100
TIMESTAMPS = 1 << 32


@dataclass(frozen=True, eq=False)
class Received:
    """One picture of a live stream, and its depth."""

    picture: Picture
    """The source's picture: `bgr` has its pixels."""
    depth: DepthMap
    """(h, w) float32, steadied, in 256 steps of the range that spans the colours; what is beyond is as its ends.

    `pts` is in seconds since the first picture."""
    metres: DepthMap | None
    """The same in metres, of a camera whose distances are known."""
    withheld: str
    """Why there are none where they are known."""
    within: float | None
    """Share by which the distances foretold each other; None where that is not known."""
    captured_at: float | None
    """`time.monotonic()` seconds of this machine when it was captured; None before the server's clock is known."""


@dataclass(frozen=True)
class _Described:
    """The description that applies to the picture of a timestamp and those after it."""

    rtp: int
    captured: float
    """Seconds by the clock of the server."""
    description: DepthDescription

    def since(self, timestamp: int) -> int:
        """Ticks from there to a picture; below 0 where the picture is older."""
        ticks = (timestamp - self.rtp) % TIMESTAMPS
        return ticks - TIMESTAMPS if ticks >= TIMESTAMPS // 2 else ticks


class Reader:
    """Collects the server's descriptions of depth, and reads pictures by them."""

    def __init__(self) -> None:
        self._described: list[_Described] = []
        self._ahead: float | None = None
        self._round_trip = float("inf")
        self._last: int | None = None
        self._ticks = 0

    def learn(self, description: Mapping[str, Any]) -> None:
        """Add the description that applies from a timestamp on; raises ValueError, KeyError or TypeError."""
        stamp = description["stamp"]
        described = _Described(
            int(stamp["rtp"]), float(stamp["captured_ms"]) / 1000, DepthDescription.from_json(description)
        )
        self._described = [*self._described, described][-MOST_DESCRIBED:]

    def answered(self, sent_at: float, clock: float, now: float) -> None:
        """Its clock showed `clock` seconds between `sent_at` and `now` of this one; the shortest way says most."""
        if now - sent_at <= self._round_trip:
            self._round_trip, self._ahead = now - sent_at, clock - (sent_at + now) / 2

    def description_of(self, timestamp: int) -> DepthDescription | None:
        """The description of a picture's depth; None where there is none yet."""
        described = self._of(timestamp)
        return None if described is None else described.description

    def read(self, stacked: Picture, timestamp: int) -> Received | None:
        """Colour and depth of the picture of an RTP timestamp; None without a description of its size."""
        described = self._of(timestamp)
        if described is None:
            return None
        planes, description = stacked.i420, described.description
        if not is_of_size(planes, description.place):  # the word of this size is on its way
            return None
        try:
            colour, values = colour_of(planes, description.place), values_of(planes, description)
        except ValueError:
            return None
        depth = DepthMap(values, description.meaning, pts=self.seconds(timestamp))
        captured_at, metres = self._captured(described, timestamp), metres_of(depth, description)
        return Received(colour, depth, metres, description.withheld, description.within, captured_at)

    def seconds(self, timestamp: int) -> Fraction:
        """Since the first picture; timestamps begin anew after 2^32 ticks."""
        self._ticks += 0 if self._last is None else (timestamp - self._last) % TIMESTAMPS
        self._last = timestamp
        return self._ticks * CLOCK_TICK

    def _of(self, timestamp: int) -> _Described | None:
        known = [described for described in self._described if described.since(timestamp) >= 0]
        return known[-1] if known else None

    def _captured(self, described: _Described, timestamp: int) -> float | None:
        if self._ahead is None:
            return None
        return described.captured + float(described.since(timestamp) * CLOCK_TICK) - self._ahead
