"""One clock for all tracks of a recording: where it jumps, picture, sound and subtitles jump together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction

from av.packet import Packet
from av.stream import Stream

from streamdepth.values import dataclass

_BACK = Fraction(1, 10)
"""Seconds backwards that are a muxer's disorder; from there on the clock began anew (joined recordings)."""
_LONGEST_STEP = 1
_SKIP = 10
"""Seconds forwards, with nothing in any track, that a running clock jumped over."""
_MOST_HELD = 500
"""Packets of other tracks that wait for the picture to jump as well."""


@dataclass
class _Track:
    """Where one track is, in units of the recording's one clock."""

    tick: int
    """Units in one tick of its own timestamps."""
    offset: int
    """What is added to its own timestamps."""
    paces: bool
    """Whether its packets follow each other closely, as those of picture and sound do and subtitles do not."""
    last: int | None = None
    step: int = 0

    def time(self, packet: Packet[Stream]) -> int:
        """That of a packet by its own timestamp."""
        return (packet.dts or 0) * self.tick

    def follow(self, packet: Packet[Stream], time: int, longest: int) -> None:
        """Note a packet at `time` of this clock; a gap of more than `longest` is not a step."""
        if duration := packet.duration:
            self.step = duration * self.tick
        elif self.last is not None and 0 < time - self.last < longest:
            self.step = time - self.last
        self.last = time

    def rescale(self, factor: int) -> None:
        """Make each unit as many."""
        self.tick *= factor
        self.offset *= factor
        self.step *= factor
        self.last = None if self.last is None else self.last * factor


class RecordingClock:
    """Moves the packets of a recording, in the order of the file, into one clock.

    `lead` is the index of the stream that is shown. Where its clock jumps it goes on one picture later, and every
    other track moves as much once its own packets come from beyond the jump: a demuxer gives the last ones before it
    late. Each reader of the same file moves the same packets by the same time, so several may read it.

    A jump backwards is recognised by its length; one forwards is a jump only where `running` says that the clock of the
    format always runs (a broadcast), and all tracks have it: in other files it is a pause.

    It counts in whole units, so many a second that each track's tick is some of them: exact, and a tenth of the work
    that fractions are.
    """

    def __init__(self, lead: int, *, running: bool) -> None:
        self.jumps = 0
        """How often the clock has jumped so far."""
        self._lead = lead
        self._running = running
        self._second = _BACK.denominator
        """Units a second."""
        self._offset = 0
        self._reached: int | None = None
        self._tracks: dict[int, _Track] = {}
        self._held: list[Packet[Stream]] = []

    def moved(self, packets: Iterable[Packet[Stream]]) -> Iterator[Packet[Stream]]:
        """All of `packets` with their timestamps in one clock; those that carry none pass as they are."""
        for packet in packets:
            if packet.dts is not None:
                yield from self._settled(packet)
            elif packet.pts is not None:
                # Times of presentation alone go back and forth: Matroska has no others for the first B-frames.
                yield _shifted(packet, self._track(packet))
            else:
                yield from self._release()
                yield packet
        yield from self._release()

    def _settled(self, packet: Packet[Stream]) -> Iterator[Packet[Stream]]:
        index = packet.stream_index
        track = self._track(packet)
        if self._held and any(other.stream_index == index for other in self._held):
            self._held.append(packet)
        elif self._fits(packet, track):
            yield self._placed(packet, track)
        elif index == self._lead:
            self.jumps += 1
            self._offset = _go_on(packet, track)
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
            track = self._track(packet)
            if not self._fits(packet, track):
                _go_on(packet, track)
            yield self._placed(packet, track)

    def _track(self, packet: Packet[Stream]) -> _Track:
        track = self._tracks.get(packet.stream_index)
        if track is None:
            base = packet.time_base
            self._divide(base.denominator)
            tick = base.numerator * (self._second // base.denominator)
            track = _Track(tick, self._offset, packet.stream.type in ("video", "audio"))
            self._tracks[packet.stream_index] = track
        return track

    def _divide(self, a_second: int) -> None:
        """Make the units as small as it takes for so many ticks a second."""
        factor = math.lcm(self._second, a_second) // self._second
        self._second *= factor
        self._offset *= factor
        self._reached = None if self._reached is None else self._reached * factor
        for track in self._tracks.values():
            track.rescale(factor)

    def _fits(self, packet: Packet[Stream], track: _Track) -> bool:
        """Whether a packet goes on where its track is, with the track's offset or with that of the last jump."""
        here = track.last if track.paces else self._reached
        if here is None or packet.is_discard:
            return True
        time, here = track.time(packet), here + track.step
        if abs(time + self._offset - here) < abs(time + track.offset - here):
            track.offset = self._offset
            return True
        return not track.paces or self._is_a_step(track, time + track.offset)

    def _is_a_step(self, track: _Track, time: int) -> bool:
        assert track.last is not None
        if time < track.last - self._second // _BACK.denominator:
            return False
        return not self._running or self._reached is None or time <= self._reached + _SKIP * self._second

    def _placed(self, packet: Packet[Stream], track: _Track) -> Packet[Stream]:
        if track.paces and not packet.is_discard:
            time = track.time(packet) + track.offset
            track.follow(packet, time, _LONGEST_STEP * self._second)
            self._reached = time if self._reached is None else max(self._reached, time)
        return _shifted(packet, track)


def _go_on(packet: Packet[Stream], track: _Track) -> int:
    """The offset with which the track goes on with this packet, which it has from now on."""
    assert track.last is not None
    track.offset = track.last + track.step - track.time(packet)
    return track.offset


def _shifted(packet: Packet[Stream], track: _Track) -> Packet[Stream]:
    if ticks := round(Fraction(track.offset, track.tick)) if track.offset else 0:
        packet.pts = None if packet.pts is None else packet.pts + ticks
        packet.dts = None if packet.dts is None else packet.dts + ticks
    return packet
