"""The borders of a film: at each of them the encoder begins anew, so that a later run can go on from there."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple, Protocol

from av.packet import Packet
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext

from streamdepth.ffmpeg.payloads import as_encoded
from streamdepth.ffmpeg.rationals import fraction_of
from streamdepth.files import OutputFile, Patience
from streamdepth.values import dataclass


class Stamp(NamedTuple):
    """Of one packet, in ticks of its track."""

    shown: int
    decoded: int
    duration: int


@dataclass(frozen=True)
class Segment:
    """The pictures between two borders as they were encoded: all that one encoder gave."""

    header: bytes
    """What the encoder says of itself before its first picture."""
    time_base: Fraction
    """Seconds a tick."""
    stamps: tuple[Stamp, ...]
    """One a packet, in the order of decoding."""
    sum: int
    """CRC-32 of all packets in the form of `ffmpeg.payloads.as_encoded`, one after the other."""


class Borders(Protocol):
    """What makes a film have borders, and may have what an earlier run made of it."""

    @property
    def every(self) -> int:
        """Pictures from one border to the next."""

    @property
    def file(self) -> OutputFile:
        """The film's, whose name is taken; the sink that writes it ends it."""

    @property
    def patience(self) -> Patience:
        """For a disk that is full."""

    @property
    def earlier(self) -> Sequence[Segment]:
        """What the part that an earlier run left holds of this film, from its start; empty where it begins anew."""

    def packets(self) -> Iterator[Packet[Stream]]:
        """All packets of `earlier`, with their times."""

    @property
    def can_go_on(self) -> bool:
        """Whether a later run could go on with what the part has now."""

    def begins(self) -> None:
        """The film is about to be written: what an earlier run left is lost, but for `earlier`."""

    def check(self) -> None:
        """Called while much is copied or encoded; raises `StopRequested` where the run is to end."""

    def reached(self, segment: Segment) -> None:
        """The pictures up to a border were handed to the muxer; what is on disk may lag behind."""


class Notes:
    """What becomes a segment: the packets of one encoder, as they come."""

    def __init__(self, context: VideoCodecContext) -> None:
        self._codec = context.codec.canonical_name
        self._header = bytes(context.extradata or b"")
        unit = fraction_of(context.time_base)
        assert unit is not None  # an encoder has one
        self._time_base = unit
        self._stamps: list[Stamp] = []
        self._sum = 0

    def add(self, packet: Packet[Stream]) -> None:
        """The next packet, with its final times."""
        self._stamps.append(Stamp(packet.pts or 0, packet.dts or 0, packet.duration or 0))
        self._sum = zlib.crc32(as_encoded(bytes(packet), self._codec), self._sum)

    def segment(self) -> Segment:
        """All so far."""
        return Segment(self._header, self._time_base, tuple(self._stamps), self._sum)
