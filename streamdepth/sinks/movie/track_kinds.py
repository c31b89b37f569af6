"""How one track of a file gets into a movie: as it is, or encoded anew where MP4 has no place for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Protocol

from av.audio.frame import AudioFrame
from av.audio.layout import AudioLayout
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.bitstream import BitStreamFilterContext
from av.container import OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream
from av.subtitles.stream import SubtitleStream
from av.subtitles.subtitle import SubtitleSet

_COPIED = frozenset({"aac", "ac3", "alac", "eac3", "flac", "mp3", "mov_text", "opus"})
"""What players expect in an MP4 file; the muxer would take more (PCM, for one), but few could play it."""
_TEXT = frozenset({"ass", "ssa", "srt", "subrip", "text", "webvtt"})
_AAC_RATES = frozenset({8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000})
_AAC_BITS_PER_CHANNEL = 96_000
_USUAL_LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
"""By number of channels: what FFmpeg takes sound for whose speakers are not named."""
_AAC_LAYOUTS = {
    *_USUAL_LAYOUTS.values(), "3.0", "3.0(back)", "quad", "3.1", "4.1", "6.0", "6.0(front)", "hexagonal", "6.1(back)",
    "6.1(front)", "7.0", "7.0(front)", "7.1(wide)", "7.1(wide-side)", "octagonal",
}  # fmt: skip
"""What FFmpeg's encoder takes, but for three that its decoder then cannot name."""
_BY_OTHER_NAMES = {"quad(side)": "quad", "5.0(side)": "5.0", "5.1(side)": "5.1"}
"""The same sound at the back: AAC numbers these."""
_KEPT_METADATA = ("language", "title", "handler_name")


class Track(Protocol):
    """One stream of the origin on its way into the movie."""

    warning: str
    """One sentence on what the movie has less of than the origin; empty where it has all."""

    def packets(self, packet: Packet[Stream]) -> Iterable[Packet[Stream]]:
        """What the movie gets for a packet of the origin."""

    def flush(self) -> Iterable[Packet[Stream]]:
        """What is still to come once the origin has no more."""


def track_for(stream: Stream, movie: OutputContainer, shift: Fraction) -> Track | None:
    """A new track of `movie` for a stream, `shift` seconds earlier; None where MP4 can hold nothing of it."""
    if stream.type not in ("audio", "subtitle") or stream.codec_context is None:
        return None
    if can_be_copied(stream):
        return _Copied(stream, movie, shift)
    if isinstance(stream, AudioStream):
        return _Transcoded(stream, movie, shift)
    if isinstance(stream, SubtitleStream) and stream.codec_context.codec.canonical_name in _TEXT:
        return _Captions(stream, movie, shift)
    return None


class _Copied:
    """Packets as they are."""

    warning = ""

    def __init__(self, stream: Stream, movie: OutputContainer, shift: Fraction) -> None:
        self._stream = movie.add_stream_from_template(stream)
        _keep_names(stream, self._stream)
        self._shift = _ticks(shift, stream)
        self._last: int | None = None
        # FFmpeg does this by itself for files that it writes in one piece only.
        self._bare = BitStreamFilterContext("aac_adtstoasc", stream) if _is_adts(stream) else None

    def packets(self, packet: Packet[Stream]) -> Iterable[Packet[Stream]]:
        for bare in (packet,) if self._bare is None else self._bare.filter(packet):
            yield from self._moved(bare)

    def _moved(self, packet: Packet[Stream]) -> Iterable[Packet[Stream]]:
        if packet.dts is None:
            return ()
        if not packet.duration and self._last is not None:
            # Matroska often names none; a last packet of no duration would not be played.
            packet.duration = max(0, packet.dts - self._last)
        self._last = packet.dts
        packet.pts = (packet.dts if packet.pts is None else packet.pts) - self._shift
        packet.dts -= self._shift
        packet.stream = self._stream
        return (packet,)

    def flush(self) -> Iterable[Packet[Stream]]:
        return ()


class _Transcoded:
    """Sound as AAC, of as many channels as there were, where AAC has a layout for them."""

    def __init__(self, stream: AudioStream, movie: OutputContainer, shift: Fraction) -> None:
        self._origin = stream
        self._shift = _ticks(shift, stream)
        layout = aac_layout(stream.codec_context.layout)
        self.warning = _mixing_warning(stream.codec_context.layout, layout)
        self._stream = movie.add_stream(
            "aac", rate=_aac_rate(stream.codec_context.sample_rate), layout=layout
        )
        self._stream.codec_context.bit_rate = _AAC_BITS_PER_CHANNEL * self._stream.codec_context.channels
        self._resampler = self._new_resampler()
        self._kind: tuple[object, ...] = ()
        _keep_names(stream, self._stream)

    def packets(self, packet: Packet[Stream]) -> Iterable[Packet[Stream]]:
        return self._encoded(self._decoded(packet))

    def flush(self) -> Iterable[Packet[Stream]]:
        yield from self._encoded(self._decoded(None))
        yield from self._sent(self._resampler.resample(None))
        yield from self._stream.encode(None)

    def _decoded(self, packet: Packet[Stream] | None) -> list[AudioFrame]:
        try:
            return self._origin.decode(packet)
        except FFmpegError:
            # A player goes on after a damaged packet as well: the rest of the sound keeps its place in time.
            return []

    def _encoded(self, frames: Iterable[AudioFrame]) -> Iterator[Packet[Stream]]:
        for frame in frames:
            if frame.pts is not None:
                frame.pts -= self._shift
            yield from self._sent(self._resampled(frame))

    def _resampled(self, frame: AudioFrame) -> list[AudioFrame]:
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        rest: list[AudioFrame] = []
        if kind != self._kind:  # at the start, and where a broadcast turns from stereo to surround and back
            rest, self._resampler, self._kind = self._resampler.resample(None), self._new_resampler(), kind
        return rest + self._resampler.resample(frame)

    def _new_resampler(self) -> AudioResampler:
        context = self._stream.codec_context
        return AudioResampler(context.format, context.layout, context.sample_rate)

    def _sent(self, frames: Iterable[AudioFrame]) -> Iterator[Packet[Stream]]:
        for frame in frames:
            yield from self._stream.encode(frame)


class _Captions:
    """Subtitles in text form, in the format of MP4; the styles that it knows are kept."""

    warning = ""

    def __init__(self, stream: SubtitleStream, movie: OutputContainer, shift: Fraction) -> None:
        self._origin = stream
        self._shift = _ticks(shift, stream)
        self._stream = movie.add_stream("mov_text", time_base=stream.time_base)
        stream.codec_context.open(strict=False)
        # FFmpeg hands subtitles from decoder to encoder as lines of ASS, and these need its header.
        self._stream.codec_context.subtitle_header = stream.codec_context.subtitle_header
        _keep_names(stream, self._stream)

    def packets(self, packet: Packet[Stream]) -> Iterable[Packet[Stream]]:
        lines = self._lines(packet)
        if lines is None or packet.pts is None:
            return ()
        made = self._stream.codec_context.encode_subtitle(lines)
        made.pts = made.dts = packet.pts - self._shift
        made.duration, made.time_base, made.stream = packet.duration, packet.time_base, self._stream
        return (made,)

    def flush(self) -> Iterable[Packet[Stream]]:
        return ()

    def _lines(self, packet: Packet[Stream]) -> SubtitleSet | None:
        try:
            return self._origin.decode2(packet)
        except FFmpegError:
            return None


def can_be_copied(stream: Stream) -> bool:
    """Whether the packets of a track can be in an MP4 file as they are."""
    codec = stream.codec_context.codec.canonical_name
    # MPEG-2.5 sound has no place in MP4.
    slow_mp3 = (
        codec == "mp3" and isinstance(stream, AudioStream) and stream.codec_context.sample_rate < 16_000
    )
    return codec in _COPIED and not slow_mp3


def is_described_by_packets(stream: Stream) -> bool:
    """Whether MP4 can say what a copied track is only once it has packets of it."""
    return stream.codec_context.codec.canonical_name in ("ac3", "eac3") or _is_adts(stream)


def _is_adts(stream: Stream) -> bool:
    """Whether it is AAC with a header in each packet, as in transport streams."""
    context = stream.codec_context
    return context.codec.canonical_name == "aac" and not context.extradata


def _keep_names(stream: Stream, copy: Stream) -> None:
    copy.metadata.update({key: stream.metadata[key] for key in _KEPT_METADATA if key in stream.metadata})
    if title := stream.metadata.get("title"):
        # Where players look for it in an MP4 file.
        copy.metadata["handler_name"] = title
    copy.disposition = stream.disposition


def _ticks(seconds: Fraction, stream: Stream) -> int:
    return round(seconds / stream.time_base) if stream.time_base else 0


def _aac_rate(rate: int) -> int:
    return rate if rate in _AAC_RATES else 48_000


def aac_layout(given: AudioLayout) -> str:
    """The layout to encode: the given one, where speakers are not named the usual one of as many, else the most."""
    name = _BY_OTHER_NAMES.get(given.name, given.name)
    if name in _AAC_LAYOUTS:
        return name
    return _USUAL_LAYOUTS.get(given.nb_channels, _USUAL_LAYOUTS[max(_USUAL_LAYOUTS)])


def _mixing_warning(given: AudioLayout, layout: str) -> str:
    if given.nb_channels <= max(_USUAL_LAYOUTS):
        return ""
    return f"sound of {given.nb_channels} channels ({given.name}) was mixed to {layout}: AAC has no place for more"
