"""Pictures out of RTP packets: each is whole at its marker bit, and one that is lost is given up soon."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from streamdepth.values import dataclass

MOST_PACKETS = 512
"""Packets that may wait for one that is missing: several keyframes of a large picture."""
MISORDERED = 1000
"""Packets by which one may come late; one that is older begins a new count."""
PATIENCE = 0.15
"""Seconds that a missing packet is waited for: a retransmission on a usual line."""
ASK_EVERY = 0.5
"""Seconds between two requests for a keyframe, each of which costs the sender's line twenty ordinary pictures."""


@dataclass(frozen=True, eq=False)
class WholePicture:
    """The payload of one picture; `number` counts them, and a gap in it is a loss."""

    number: int
    data: bytes
    timestamp: int
    """Of its packets, as it was sent."""


@dataclass(eq=False)
class Assembled:
    """What one packet completed, in order; the library that hands it on writes `timestamp`."""

    timestamp: int
    pictures: tuple[WholePicture, ...]


class JitterBuffer:
    """Puts packets in order and gives pictures as soon as they are whole.

    It stands where aiortc has its jitter buffer, which holds each picture until the next one begins. A packet is one
    of aiortc's, with the payload without its codec's framing in `_data`. `on_packet` is called with each packet.
    """

    def __init__(
        self, on_packet: Callable[[], None] = lambda: None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._on_packet = on_packet
        self._clock = clock
        self._packets: dict[int, Any] = {}
        self._next: int | None = None
        self._part: list[bytes] = []
        self._timestamp = 0
        self._number = 0
        self._gap_since: float | None = None
        self._wants_keyframe = False
        self._asked_at = float("-inf")

    def want_keyframe(self) -> None:
        """Ask the sender for one with the next packet that comes; from any thread."""
        self._wants_keyframe = True

    def add(self, packet: Any) -> tuple[bool, Assembled | None]:
        """Whether to ask for a keyframe now, and what `packet` completed."""
        self._on_packet()
        now = self._clock()
        self._store(packet)
        done = self._whole_ones()
        if self._packets and self._gap_lasts(now):
            self._skip_to(min(self._packets))
            done += self._whole_ones()
        if not self._packets:
            self._gap_since = None
        return self._asks(now), Assembled(packet.timestamp, tuple(done)) if done else None

    def _store(self, packet: Any) -> None:
        if self._next is None:
            self._next = packet.sequence_number
        ahead = _signed(packet.sequence_number - self._next)
        if -MISORDERED < ahead < 0:
            return  # it came twice, or when it was given up
        if not 0 <= ahead < MOST_PACKETS:
            self._packets.clear()
            self._skip_to(packet.sequence_number)
            ahead = 0
        self._packets[self._next + ahead] = packet

    def _whole_ones(self) -> list[WholePicture]:
        assert self._next is not None
        done: list[WholePicture] = []
        while (packet := self._packets.pop(self._next, None)) is not None:
            self._next += 1
            self._gap_since = None
            if packet.timestamp != self._timestamp:
                done += self._finish()
            self._timestamp = packet.timestamp
            self._part.append(packet._data)
            if packet.marker:
                done += self._finish()
        return done

    def _finish(self) -> list[WholePicture]:
        data = b"".join(self._part)
        self._part.clear()
        if not data:  # packets that only probe the line
            return []
        picture = WholePicture(self._number, data, self._timestamp)
        self._number += 1
        return [picture]

    def _gap_lasts(self, now: float) -> bool:
        if self._gap_since is None:
            self._gap_since = now
        return now - self._gap_since >= PATIENCE

    def _skip_to(self, number: int) -> None:
        """Give up what is missing before packet `number`, and the picture that it belongs to."""
        self._part.clear()
        self._next = number
        self._number += 1
        self._gap_since = None
        self._wants_keyframe = True

    def _asks(self, now: float) -> bool:
        if not self._wants_keyframe or now - self._asked_at < ASK_EVERY:
            return False
        self._wants_keyframe = False
        self._asked_at = now
        return True


def _signed(difference: int) -> int:
    """The distance of two numbers of 16 bits that wrap around, -32768..32767."""
    return (difference + 0x8000) % 0x10000 - 0x8000
