"""Subtitles in text form that become those of the movie's container."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Literal

from av.container import OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream
from av.subtitles.stream import SubtitleStream
from av.subtitles.subtitle import SubtitleSet

from streamdepth.sinks.movie.part import Part
from streamdepth.sinks.movie.track_names import ticks_of

CaptionEncoder = Literal["mov_text", "subrip", "webvtt"]
TEXT = frozenset({"ass", "mov_text", "ssa", "srt", "subrip", "text", "webvtt"})
"""Codecs that can be read as lines of text."""


_NOTHING = b"\0\0"
"""A line of no text as MP4 has it (3GPP TS 26.245, 5.17)."""


def captions_unit(stream: Stream, movie: OutputContainer) -> Fraction:
    """The time base of a track of text in MP4, in seconds: no other track of the movie has a finer one.

    To know whether a line has ended, FFmpeg's muxer compares ticks of this track with those of the others, whatever
    their length (8.1).
    """
    sound = (one.sample_rate for one in stream.container.streams.audio)
    pictures = (one.time_base.denominator for one in movie.streams.video if one.time_base)
    return Fraction(1, max(1000, stream.time_base.denominator if stream.time_base else 1, *sound, *pictures))


class Captions:
    """Subtitles in another format; the styles that it knows are kept.

    In MP4 something is always shown, so where a line ends one of no text begins. FFmpeg's muxer would add it, but
    while it has a packet of another track in hand, which then comes one place too late if a fragment ends there (8.1).
    """

    warning = ""

    def __init__(
        self, stream: SubtitleStream, movie: OutputContainer, part: Part, encoder: CaptionEncoder
    ) -> None:
        self._part = part
        self._origin = stream
        self._fills_gaps = encoder == "mov_text"
        self._ends: int | None = None
        self._shift = ticks_of(part.shift, stream)
        self.stream = movie.add_stream(encoder, time_base=captions_unit(stream, movie))
        stream.codec_context.open(strict=False)
        # FFmpeg hands subtitles from decoder to encoder as lines of ASS, and these need its header.
        self.stream.codec_context.subtitle_header = stream.codec_context.subtitle_header
        name = stream.codec_context.codec.canonical_name
        self.change = "" if name == encoder else f"subtitles ({name}) became {encoder}"

    def packets(self, packet: Packet[Stream]) -> Iterable[Packet[Stream]]:
        """What the movie gets for a packet of the origin."""
        lines = self._lines(packet)
        if lines is None or packet.pts is None:
            return ()
        made = self.stream.codec_context.encode_subtitle(lines)
        made.pts = made.dts = packet.pts - self._shift
        made.duration, made.time_base, made.stream = packet.duration, packet.time_base, self.stream
        if not self._part.fit_line(made):
            return ()
        if self._fills_gaps and made.duration:
            self._ends = made.pts + made.duration
        return (made,)

    def before(self, time: Fraction) -> Iterable[Packet[Stream]]:
        """The end of the last line, if it ends before `time` seconds of the movie."""
        unit = self._origin.time_base
        if self._ends is None or unit is None or self._ends * unit >= time:
            return ()
        end: Packet[Stream] = Packet(_NOTHING)
        end.pts = end.dts = self._ends
        end.duration, end.time_base, end.stream = 1, unit, self.stream
        self._ends = None
        return (end,)

    def flush(self) -> Iterable[Packet[Stream]]:
        """What is still to come once the origin has no more."""
        return ()

    def _lines(self, packet: Packet[Stream]) -> SubtitleSet | None:
        try:
            return self._origin.decode2(packet)
        except FFmpegError:
            return None
