"""What goes over a viewer's data channel beside the figures: answers, and the moments of its pictures."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from streamdepth.depthfiles.stacked import DepthDescription
from streamdepth.live.encoder import Content, LivePacket
from streamdepth.values import dataclass

LONGEST_MESSAGE = 1024
MOST_PINGED = 1e15
TIMESTAMPS = 1 << 32
SENT_ABOVE = 0.002
"""Share of the range by which one of its ends moves before that is sent: half a level of grey."""


@dataclass(frozen=True)
class Answers:
    """What viewers can ask of the stream."""

    figures: Callable[[], dict[str, Any]]
    """Sent to every viewer once a second."""
    depth_at: Callable[[float, float, Content], dict[str, Any]]
    """What is at a point of a content, in shares of its width and height."""

    def to(self, message: str | bytes, now: float, content: Content) -> dict[str, Any] | None:
        """The answer to a message at `now`, seconds of `time.monotonic()`; None to one that asks for nothing.

        `{"depth at": [x, y]}`, each 0..1, asks for depth, `{"ping": NUMBER}` for the number and this clock.
        """
        match _read(message):
            case {"depth at": [int() | float() as x, int() | float() as y]} if 0 <= x <= 1 and 0 <= y <= 1:
                return self.depth_at(float(x), float(y), content)
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


class DepthWords:
    """Messages to a viewer about the depth in its pictures: not with each, as it hardly changes."""

    def __init__(self) -> None:
        self._sent: DepthDescription | None = None

    def is_new(self, depth: DepthDescription) -> bool:
        """Whether `depth` differs from what was sent last."""
        sent = self._sent
        return sent is None or _without_numbers(sent) != _without_numbers(depth) or _moved(sent, depth)

    def note(self, depth: DepthDescription) -> None:
        """It was sent."""
        self._sent = depth


def words_of(depth: DepthDescription, stamp: dict[str, Any]) -> dict[str, Any]:
    """As JSON: where depth is in the picture of a `stamp` and in those after it, and what grey means there."""
    return {"depth": {**stamp, **depth.to_json()}}


def _without_numbers(depth: DepthDescription) -> tuple[object, ...]:
    return depth.place, depth.meaning, depth.withheld, depth.within, depth.metres is None


def _moved(sent: DepthDescription, depth: DepthDescription) -> bool:
    least = SENT_ABOVE * abs(depth.span.high - depth.span.low)
    ends = zip(_ends(sent), _ends(depth), strict=True)
    if any(abs(one - other) > least for one, other in ends):
        return True
    if sent.metres is None or depth.metres is None:
        return False
    inverse = [[scale * end + shift for end in _ends(depth)] for scale, shift in (sent.metres, depth.metres)]
    return any(abs(one - other) > SENT_ABOVE * abs(other) for one, other in zip(*inverse, strict=True))


def _ends(depth: DepthDescription) -> tuple[float, float]:
    return depth.span.low, depth.span.high


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 2)


def _read(message: str | bytes) -> Any:
    if len(message) > LONGEST_MESSAGE:
        return None
    try:
        return json.loads(message)
    except (ValueError, RecursionError):
        return None
