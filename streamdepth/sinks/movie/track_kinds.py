"""How one track of a file gets into a movie: as it is, or encoded anew where the container has no place for it."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Protocol, cast

from av.audio.stream import AudioStream
from av.bitstream import BitStreamFilterContext
from av.container import OutputContainer
from av.packet import Packet
from av.stream import AttachmentStream, Disposition, Stream
from av.subtitles.stream import SubtitleStream
from av.video.stream import VideoStream

from streamdepth.ffmpeg.rationals import fraction_of
from streamdepth.sinks.movie.captions import TEXT, Captions, captions_unit
from streamdepth.sinks.movie.containers import Container
from streamdepth.sinks.movie.part import Part
from streamdepth.sinks.movie.sound import Transcoded
from streamdepth.sinks.movie.track_names import keep_names, ticks_of
from streamdepth.times import USUAL_RATE

_PICTURES = frozenset({
    "av1", "ffv1", "h264", "hevc", "mjpeg", "mpeg1video", "mpeg2video", "mpeg4", "prores", "theora", "vp8", "vp9",
})  # fmt: skip
"""Codecs of other video that is kept beside the depth, where the container has a place for any."""
_COVERS = {"mjpeg": "jpeg", "png": "png"}


class Track(Protocol):
    """One stream of the origin on its way into the movie."""

    warning: str
    """One sentence on what the movie has less of than the origin; empty where it has all."""
    change: str
    """A few words where it was encoded anew; empty where it is as it was."""

    def packets(self, packet: Packet[Stream]) -> Iterable[Packet[Stream]]:
        """What the movie gets for a packet of the origin."""

    def flush(self) -> Iterable[Packet[Stream]]:
        """What is still to come once the origin has no more."""


def track_for(stream: Stream, movie: OutputContainer, part: Part, container: Container) -> Track | None:
    """A new track of `movie` for that part of a stream; None where it can hold nothing of it."""
    if isinstance(stream, AttachmentStream):
        return _attached(stream, movie) if container.takes_attachments else None
    if stream.codec_context is None or is_cover(stream):
        return None
    if can_be_copied(stream, container):
        return _Copied(stream, movie, part, container)
    made: Transcoded | Captions
    if isinstance(stream, AudioStream):
        made = Transcoded(stream, movie, part, container.sound)
    elif isinstance(stream, SubtitleStream) and stream.codec_context.codec.canonical_name in TEXT:
        made = Captions(stream, movie, part, container.captions)
    else:
        return None
    keep_names(stream, made.stream, container)
    return made


class _Copied:
    """Packets as they are.

    Each waits for the one after it: what lasts from one to the next is its duration, whatever it says itself. Where a
    fragment of MP4 ends, FFmpeg counts the next one's time from that; Matroska's durations are rounded, or none.
    """

    warning = change = ""

    def __init__(self, stream: Stream, movie: OutputContainer, part: Part, container: Container) -> None:
        self._part = part
        # Opaque, for what decodes it need not encode, as libdav1d of AV1.
        self._stream = movie.add_stream_from_template(stream, opaque=True)
        keep_names(stream, self._stream, container)
        if stream.codec_context.codec.canonical_name == "mov_text":
            self._stream.time_base = captions_unit(stream, movie)
        self._shift = ticks_of(part.shift, stream)
        self._paces, self._is_sound = stream.type != "subtitle", stream.type == "audio"
        self._held: Packet[Stream] | None = None
        self._step = 0
        self._first: list[Packet[Stream]] = []
        """Of which Matroska does not say when they are decoded, where pictures lean on later ones."""
        self._usual = ticks_of(1 / (_rate_of(stream) or USUAL_RATE), stream)
        self._earliest = earliest_of(stream, part, container)
        # FFmpeg does this by itself for files that it writes in one piece only.
        self._bare = BitStreamFilterContext("aac_adtstoasc", stream) if _is_adts(stream) else None

    def packets(self, packet: Packet[Stream]) -> Iterable[Packet[Stream]]:
        for bare in (packet,) if self._bare is None else self._bare.filter(packet):
            yield from self._timed(bare)

    def flush(self) -> Iterable[Packet[Stream]]:
        if self._first:  # nothing else came
            yield from self._decoded_before(self._first[0].pts or 0)
        held, self._held = self._held, None
        if held is not None:
            held.duration = held.duration or self._step
            yield held

    def _timed(self, packet: Packet[Stream]) -> Iterable[Packet[Stream]]:
        if packet.dts is None:
            self._first += [packet] if packet.pts is not None else []
            return
        if self._first:
            yield from self._decoded_before(packet.dts)
        yield from self._moved(packet)

    def _decoded_before(self, dts: int) -> Iterable[Packet[Stream]]:
        first, self._first = self._first, []
        for steps, packet in zip(range(len(first), 0, -1), first, strict=True):
            packet.dts = dts - steps * self._usual
            yield from self._moved(packet)

    def _moved(self, packet: Packet[Stream]) -> Iterable[Packet[Stream]]:
        assert packet.dts is not None
        packet.pts = (packet.dts if packet.pts is None else packet.pts) - self._shift
        packet.dts -= self._shift
        packet.stream = self._stream
        if not self._paces and not self._part.fit_line(packet):
            return
        if self._is_sound and packet.is_discard and packet.pts >= 0:
            return  # left out by an edit list, which only before zero has its like here
        if self._earliest is not None and packet.pts * packet.time_base < self._earliest:
            return
        if not self._paces:
            yield packet
            return
        held, self._held = self._held, packet
        if held is not None and held.dts is not None:
            held.duration = self._step = max(0, packet.dts - held.dts)
            if not self._part.leaves_out(held):
                yield held


def _rate_of(stream: Stream) -> Fraction | None:
    return fraction_of(stream.average_rate) if isinstance(stream, VideoStream) else None


class _Attached:
    """A font, a cover or another file, which is written at once."""

    warning = change = ""

    def __init__(self, movie: OutputContainer, name: str, kind: str, data: bytes) -> None:
        movie.add_attachment(name, kind, data)

    def packets(self, packet: Packet[Stream]) -> Iterable[Packet[Stream]]:
        return ()

    def flush(self) -> Iterable[Packet[Stream]]:
        return ()


def attached_cover(stream: Stream, data: bytes, movie: OutputContainer) -> Track | None:
    """The picture of a file, whose bytes are `data`, as an attachment under the name that players look for.

    None where there is none, or where it is no JPEG or PNG.
    """
    suffix = _COVERS.get(stream.codec_context.codec.canonical_name) if stream.codec_context else None
    if suffix is None or not data:
        return None
    name = stream.metadata.get("filename", f"cover.{'jpg' if suffix == 'jpeg' else suffix}")
    return _Attached(movie, name, f"image/{suffix}", data)


def _attached(stream: AttachmentStream, movie: OutputContainer) -> Track:
    name = stream.name or f"attachment-{stream.index}"
    return _Attached(movie, name, stream.mimetype or "application/octet-stream", stream.data or b"")


def is_cover(stream: Stream) -> bool:
    """Whether a stream is a picture of the file, as of an album, and no film."""
    return isinstance(stream, VideoStream) and bool(stream.disposition & Disposition.attached_pic)


def can_be_copied(stream: Stream, container: Container) -> bool:
    """Whether the packets of a track can be in the container as they are."""
    codec = stream.codec_context.codec.canonical_name
    if isinstance(stream, VideoStream):
        return container.takes_further_pictures and codec in _PICTURES and not is_cover(stream)
    # MPEG-2.5 sound has no place in MP4.
    slow_mp3 = (
        codec == "mp3" and isinstance(stream, AudioStream) and stream.codec_context.sample_rate < 16_000
    )
    return codec in container.copied and not (slow_mp3 and container.has_negative_times)


def is_described_by_packets(stream: Stream) -> bool:
    """Whether MP4 can say what a copied track is only once it has packets of it."""
    return stream.codec_context.codec.canonical_name in ("ac3", "eac3") or _is_adts(stream)


def _is_adts(stream: Stream) -> bool:
    """Whether it is AAC with a header in each packet, as in transport streams."""
    context = stream.codec_context
    return context.codec.canonical_name == "aac" and not context.extradata


def earliest_of(stream: Stream, part: Part, container: Container) -> Fraction | None:
    """Seconds of the movie before which no packet of a copied track may begin; None where all may.

    Where the delay is stated, players leave out that much of the first sound, in a part of a recording as well.
    """
    if container.has_negative_times or (_states_delay(stream) and not part.is_cut):
        return None
    delay: int = getattr(stream.codec_context, "initial_padding", 0)
    return -Fraction(delay, cast(AudioStream, stream).codec_context.sample_rate) if delay > 0 else Fraction(0)


def _states_delay(stream: Stream) -> bool:
    """Whether the muxer learns how much of the sound comes before zero: it then says so in Matroska, too.

    FFmpeg 9 passes it on whatever the origin is, FFmpeg 8 for Opus and Matroska alone, and has nothing to ask.
    """
    context = stream.codec_context
    stated: int = getattr(context, "initial_padding", 0)
    return stated > 0 or context.codec.canonical_name == "opus" or "matroska" in stream.container.format.name
