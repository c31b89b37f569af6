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

from streamdepth.sinks.movie.track_names import ticks_of

CaptionEncoder = Literal["mov_text", "subrip", "webvtt"]
TEXT = frozenset({"ass", "mov_text", "ssa", "srt", "subrip", "text", "webvtt"})
"""Codecs that can be read as lines of text."""


class Captions:
    """Subtitles in another format; the styles that it knows are kept."""

    warning = ""

    def __init__(
        self, stream: SubtitleStream, movie: OutputContainer, shift: Fraction, encoder: CaptionEncoder
    ) -> None:
        self._origin = stream
        self._shift = ticks_of(shift, stream)
        self.stream = movie.add_stream(encoder, time_base=stream.time_base)
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
        return (made,)

    def flush(self) -> Iterable[Packet[Stream]]:
        """What is still to come once the origin has no more."""
        return ()

    def _lines(self, packet: Packet[Stream]) -> SubtitleSet | None:
        try:
            return self._origin.decode2(packet)
        except FFmpegError:
            return None
