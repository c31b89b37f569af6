"""Encoded pictures on their way to one viewer: a bounded queue that always starts with a keyframe."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

from av.packet import Packet
from av.video.stream import VideoStream

from streamdepth.depthfiles.stacked import DepthDescription
from streamdepth.threads.worker import Lock
from streamdepth.values import dataclass

QUEUE_CAPACITY = 8
"""Pictures that may wait for one viewer: a quarter of a second at 30 a second."""


@dataclass(frozen=True, eq=False)
class LivePacket:
    """One encoded picture, shared by all viewers: nobody changes `packet`."""

    packet: Packet[VideoStream]
    """Annex B for H.264; `pts` in ticks of 1/90000 s."""
    is_keyframe: bool
    captured_at: float
    """`time.monotonic()` seconds when the picture was captured."""
    encoded_at: float
    moment: float
    """`time.monotonic()` seconds that its `pts` stands for: `captured_at`, or later where a picture is repeated."""
    depth: DepthDescription | None = None
    """How its depth is read, where it carries that."""
    size: tuple[int, int] | None = None
    """(width, height) in pixels, where that is known."""

    def at(self, pts: int) -> LivePacket:
        """The same picture at another time; a copy, because the packet is shared."""
        copied = cast("Packet[VideoStream]", Packet(bytes(self.packet)))
        copied.pts, copied.is_keyframe = pts, self.is_keyframe
        if self.packet.time_base:
            copied.time_base = self.packet.time_base
        return replace(self, packet=copied)


class PacketQueue:
    """What waits for one viewer; one thread puts, another takes, neither ever waits.

    Nothing is kept before `open`: a viewer who still connects is not behind. What is taken begins with a keyframe,
    and after an overflow everything up to the next keyframe is left out: a picture that builds on one that is missing
    cannot be shown. `want_keyframe` is called once for each such beginning, when somebody takes again, so that a
    viewer who has stopped taking costs the others nothing; with `is_patient` for the first alone, since another comes
    by itself before long.
    """

    def __init__(
        self,
        want_keyframe: Callable[[], None],
        capacity: int = QUEUE_CAPACITY,
        *,
        is_patient: bool = False,
    ) -> None:
        self._want_keyframe = want_keyframe
        self._capacity = capacity
        self._is_patient = is_patient
        self._lock = Lock()
        self._past: deque[LivePacket] = deque()
        """Not counted as waiting: it is the beginning's, and all of it is taken at once."""
        self._packets: deque[LivePacket] = deque()
        self._is_open = False
        self._needs_keyframe = True
        self._has_asked = False
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """Packets that this viewer did not get, since it began."""
        return self._dropped

    def open(self, past: Sequence[LivePacket] = ()) -> None:
        """Begin, or begin again, with packets that were put before: a keyframe and all since, or none."""
        with self._lock:
            self._is_open = True
            self._past = deque(past)
            self._packets.clear()
            self._needs_keyframe = not past

    def put(self, packet: LivePacket) -> None:
        """Let `packet` wait, or leave it out where it cannot be shown."""
        with self._lock:
            if not self._is_open:
                return
            if packet.is_keyframe:
                self._begin_with(packet)
            elif self._needs_keyframe:
                self._dropped += 1
            elif len(self._packets) >= self._capacity:
                self._overflow()
            else:
                self._packets.append(packet)

    def take(self) -> LivePacket | None:
        """The oldest packet, or None where none waits."""
        with self._lock:
            waiting = self._past or self._packets
            packet = waiting.popleft() if waiting else None
            asks = packet is None and self._needs_keyframe and not self._has_asked
            self._has_asked |= asks
        if asks:
            self._want_keyframe()
        return packet

    def _begin_with(self, keyframe: LivePacket) -> None:
        if len(self._packets) >= self._capacity:
            self._clear()
        self._packets.append(keyframe)
        self._needs_keyframe = False
        self._has_asked = False

    def _overflow(self) -> None:
        self._clear()
        self._dropped += 1
        self._needs_keyframe = True
        self._has_asked = self._is_patient

    def _clear(self) -> None:
        self._dropped += len(self._packets)
        self._packets.clear()
