"""One clock for all tracks of a recording: where it jumps, picture, sound and subtitles jump together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from av.packet import Packet
from av.stream import Stream

_BACK = Fraction(1, 10)
"""Seconds backwards that are a muxer's disorder; from there on the clock began anew (joined recordings)."""
_LONGEST_STEP = 1
_SKIP = Fraction(10)
"""Seconds forwards, with nothing in any track, that a running clock jumped over."""
_MOST_HELD = 500
"""Packets of other tracks that wait for the picture to jump as well."""


@dataclass
class _Track:
    """Where one track is, in seconds of the recording's one clock."""

    offset: Fraction
    """What is added to its own timestamps."""
    paces: bool
    """Whether its packets follow each other closely, as those of picture and sound do and subtitles do not."""
    last: Fraction | None = None
    step: Fraction = Fraction(0)

    def follow(self, packet: Packet[Stream], time: Fraction) -> None:
        """Note a packet at `time` of this clock."""
        if packet.duration:
            self.step = packet.duration * packet.time_base
        elif self.last is not None and 0 < time - self.last < _LONGEST_STEP:
            self.step = time - self.last
        self.last = time


class RecordingClock:
    """Moves the packets of a recording, in the order of the file, into one clock.

    `lead` is the index of the stream that is shown. Where its clock jumps it goes on one picture later, and every
    other track moves as much once its own packets come from beyond the jump: a demuxer gives the last ones before it
    late. Each reader of the same file moves the same packets by the same time, so several may read it.

    A jump backwards is recognised by its length; one forwards is a jump only where `running` says that the clock of the
    format always runs (a broadcast), and all tracks have it: in other files it is a pause.
    """

    def __init__(self, lead: int, *, running: bool) -> None:
        self.jumps = 0
        """How often the clock has jumped so far."""
        self._lead = lead
        self._running = running
        self._offset = Fraction(0)
        self._reached: Fraction | None = None
        self._tracks: dict[int, _Track] = {}
        self._held: list[Packet[Stream]] = []

    def moved(self, packets: Iterable[Packet[Stream]]) -> Iterator[Packet[Stream]]:
        """All of `packets` with their timestamps in one clock; those that carry none pass as they are."""
        for packet in packets:
            if packet.dts is not None:
                yield from self._settled(packet)
            elif packet.pts is not None:
                # Times of presentation alone go back and forth: Matroska has no others for the first B-frames.
                yield self._shifted(packet, self._track(packet.stream))
            else:
                yield from self._release()
                yield packet
        yield from self._release()

    def _settled(self, packet: Packet[Stream]) -> Iterator[Packet[Stream]]:
        index = packet.stream.index
        track = self._track(packet.stream)
        if any(other.stream.index == index for other in self._held):
            self._held.append(packet)
        elif self._fits(packet, track):
            yield self._placed(packet, track)
        elif index == self._lead:
            self.jumps += 1
            self._offset = self._go_on(packet, track)
            yield self._placed(packet, track)
            yield from self._release()
        else:
            self._held.append(packet)
        if len(self._held) > _MOST_HELD:
            yield from self._release()

    def _release(self) -> Iterator[Packet[Stream]]:
        """Let go of what waited; a track that jumped without the picture has that jump for itself."""
        held, self._held = self._held, []
        for packet in held:
            track = self._track(packet.stream)
            if not self._fits(packet, track):
                self._go_on(packet, track)
            yield self._placed(packet, track)

    def _track(self, stream: Stream) -> _Track:
        paces = stream.type in ("video", "audio")
        return self._tracks.setdefault(stream.index, _Track(self._offset, paces))

    def _fits(self, packet: Packet[Stream], track: _Track) -> bool:
        """Whether a packet goes on where its track is, with the track's offset or with that of the last jump."""
        time = _seconds(packet)
        here = track.last if track.paces else self._reached
        if packet.is_discard or here is None:
            return True
        here += track.step
        if abs(time + self._offset - here) < abs(time + track.offset - here):
            track.offset = self._offset
            return True
        return not track.paces or self._is_a_step(track, time + track.offset)

    def _is_a_step(self, track: _Track, time: Fraction) -> bool:
        assert track.last is not None
        if time < track.last - _BACK:
            return False
        return not self._running or self._reached is None or time <= self._reached + _SKIP

    def _go_on(self, packet: Packet[Stream], track: _Track) -> Fraction:
        assert track.last is not None
        track.offset = track.last + track.step - _seconds(packet)
        return track.offset

    def _placed(self, packet: Packet[Stream], track: _Track) -> Packet[Stream]:
        time = _seconds(packet) + track.offset
        if track.paces and not packet.is_discard:
            track.follow(packet, time)
            self._reached = time if self._reached is None else max(self._reached, time)
        return self._shifted(packet, track)

    def _shifted(self, packet: Packet[Stream], track: _Track) -> Packet[Stream]:
        ticks = round(track.offset / packet.time_base)
        if ticks:
            packet.pts = None if packet.pts is None else packet.pts + ticks
            packet.dts = None if packet.dts is None else packet.dts + ticks
        return packet


def _seconds(packet: Packet[Stream]) -> Fraction:
    return (packet.dts or 0) * packet.time_base
