"""What goes over a viewer's data channel beside the figures: answers, and the moments of its pictures."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from streamdepth.live.encoder import LivePacket

LONGEST_MESSAGE = 1024
MOST_PINGED = 1e15
TIMESTAMPS = 1 << 32


@dataclass(frozen=True)
class Answers:
    """What viewers can ask of the stream."""

    figures: Callable[[], dict[str, Any]]
    """Told to every viewer once a second."""
    depth_at: Callable[[float, float], dict[str, Any]]
    """What is at a point of the picture, in shares of its width and height."""

    def to(self, message: str | bytes, now: float) -> dict[str, Any] | None:
        """The answer to a message at `now`, seconds of `time.monotonic()`; None to one that asks for nothing.

        `{"depth at": [x, y]}`, each 0..1, asks for depth, `{"ping": NUMBER}` for the number and this clock.
        """
        match _read(message):
            case {"depth at": [int() | float() as x, int() | float() as y]} if 0 <= x <= 1 and 0 <= y <= 1:
                return self.depth_at(float(x), float(y))
            case {"ping": int() | float() as number} if abs(number) < MOST_PINGED:
                return {"pong": number, "clock_ms": _milliseconds(now)}
        return None


class Stamps:
    """Which moment each RTP timestamp of one sender stands for, once its first is known."""

    def __init__(self) -> None:
        self._origin: int | None = None

    def begin(self, timestamp: int, packet: LivePacket) -> None:
        """`packet` was sent with this `timestamp`, in ticks of 1/90000 s."""
        assert packet.packet.pts is not None
        self._origin = timestamp - packet.packet.pts

    def of(self, packet: LivePacket | None) -> dict[str, Any]:
        """The timestamp of `packet` and the `time.monotonic()` milliseconds of its capture; nothing when unknown."""
        if packet is None or packet.packet.pts is None or self._origin is None:
            return {}
        timestamp = (self._origin + packet.packet.pts) % TIMESTAMPS
        return {"stamp": {"rtp": timestamp, "captured_ms": _milliseconds(packet.moment)}}


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 2)


def _read(message: str | bytes) -> Any:
    if len(message) > LONGEST_MESSAGE:
        return None
    try:
        return json.loads(message)
    except (ValueError, RecursionError):
        return None
