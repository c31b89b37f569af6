"""The picture of a movie: pictures in, packets with exact timestamps out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from av.codec.context import CodecContext
from av.container import OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.stream import VideoStream

from streamdepth.errors import SinkError
from streamdepth.ffmpeg.payloads import without_parameter_sets
from streamdepth.frames import CLOCK_TICK, SourceInfo
from streamdepth.pixels import Mastering, Picture
from streamdepth.quiet import silent_encoders
from streamdepth.sinks.movie.borders import Notes, Segment
from streamdepth.sinks.movie.codecs import Codec, Wanted
from streamdepth.sinks.movie.encoder_frames import EncoderFrames
from streamdepth.threads.scheduling import usual_threads
from streamdepth.times import USUAL_RATE

_FINEST = 10_000_000
"""A time base beyond this many ticks a second would overflow the 32-bit sample durations of an MP4 file."""
_LONGEST_DELAY = Fraction(3600)
"""Seconds from decoding a picture to showing it that no encoder means."""
_KEYFRAME_EVERY = Fraction(2)
"""Seconds between keyframes of a live recording: how coarsely one can seek in it."""


class VideoTrack:
    """One stream of pictures, with the time base, rate and pixel shape of the source.

    Live: no B-frames and no lookahead, so that each packet is out at once, and a keyframe every 2 s. Where it
    `has_borders`, `begin_anew` ends what one encoder gives; the next one's pictures stand for themselves.
    """

    def __init__(
        self,
        container: OutputContainer,
        first: Picture,
        info: SourceInfo,
        codec: Codec,
        wanted: Wanted,
        *,
        has_borders: bool = False,
    ) -> None:
        self._live = info.live
        self._follow_gaps = info.rate is None and not info.live
        self._time_base = _time_base(info)
        self._frame_ticks = max(1, round(1 / (info.rate or USUAL_RATE) / self._time_base))
        self._last: int | None = None
        self._last_ticks = self._frame_ticks
        self._held: dict[int, int] = {}
        """Ticks that each picture in the encoder is shown, by its timestamp."""
        self._first: tuple[int, int] | None = None
        self._newest: int | None = None
        """Times of presentation and of decoding of the first packet."""
        self._next_keyframe = Fraction(0)
        self._frames = EncoderFrames(first, info.colours, codec)
        self._repeats_header = codec.takes_mastering and self.mastering is not None
        self._longest_delay = int(_LONGEST_DELAY / self._time_base)
        self._decoded: int | None = None
        """When the last packet is decoded, in ticks."""
        self._of_encoder = info, codec, wanted
        self._stream = container.add_stream(codec.encoder, rate=info.rate or USUAL_RATE)
        self._context = self._set_up(self._stream.codec_context)
        self._notes: Notes | None = None
        if has_borders:  # the stream keeps its own encoder, and what that holds, to the end
            self._begin_encoder()

    def _set_up(self, context: VideoCodecContext) -> VideoCodecContext:
        info, codec, wanted = self._of_encoder
        pixels, mastering = self.size[0] * self.size[1], self.mastering
        context.options = codec.options(replace(wanted, pixels=pixels, mastering=mastering))
        context.framerate = info.rate or USUAL_RATE
        context.time_base = self._time_base
        context.width, context.height = self.size
        context.pix_fmt = self._frames.layout
        context.thread_count = wanted.threads
        # Slices of one frame add no delay; whole frames side by side compress better.
        context.thread_type = "SLICE" if info.live or codec.copies_late else "FRAME"
        context.sample_aspect_ratio = info.sample_aspect
        self._frames.tags.mark(context)
        try:
            with silent_encoders(), usual_threads():
                context.open()
        except FFmpegError as error:
            width, height = self.size
            what = f"{codec.name} takes no pictures of {width}x{height}"
            raise SinkError(what, "choose another --codec") from error
        return context

    @property
    def stream(self) -> VideoStream:
        """Of the container."""
        return self._stream

    @property
    def header(self) -> bytes:
        """What the encoder says of itself before its first picture."""
        return bytes(self._context.extradata or b"")

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) as encoded."""
        return self._frames.size

    @property
    def mastering(self) -> Mastering | None:
        """What HDR says of all its pictures; None where it is not encoded as such, or says nothing."""
        return self._frames.mastering

    @property
    def time_base(self) -> Fraction:
        """Seconds per tick of this track."""
        return self._time_base

    @property
    def begins(self) -> tuple[int, int]:
        """When the first packet is shown and when it is decoded, in ticks; that of the first one is 0 before it."""
        return self._first or (0, 0)

    @property
    def ends(self) -> int:
        """Ticks at which the last frame given to `encode` ceases to be shown."""
        return (self._last or 0) + self._last_ticks

    @property
    def end(self) -> Fraction:
        """The like in seconds."""
        return self.ends * self._time_base

    @property
    def first(self) -> Fraction:
        """Seconds at which the first frame appears of which there is a packet."""
        return (self._first[0] if self._first is not None else 0) * self._time_base

    @property
    def last(self) -> Fraction:
        """Seconds at which the last frame given to `encode` appears."""
        return (self._last or 0) * self._time_base

    def encode(
        self, picture: Picture, time: Fraction, shown_for: Fraction | None = None
    ) -> list[Packet[Stream]]:
        """Take a picture shown from `time` seconds on, for `shown_for` if it is the last; returns what is ready.

        Times must rise: a picture that does not come later than the one before is put one tick after it.
        """
        ticks = self._advance(round(time / self._time_base))
        self._last_ticks = (
            self._frame_ticks if shown_for is None else max(1, round(shown_for / self._time_base))
        )
        self._held[ticks] = self._last_ticks
        frame = self._frames.fill(picture, ticks, self._time_base)
        frame.pict_type = PictureType.I if self._keyframe_due(time) else PictureType.NONE
        return self._timed(self._context.encode(frame))

    def flush(self, has_time: Callable[[], bool] = lambda: True) -> list[Packet[Stream]]:
        """The packets still in the encoder; nothing may be encoded after this.

        What is not encoded when `has_time` turns False is lost, and the film ends before it.
        """
        packets = self._timed(list(self._rest(has_time)))
        if self._held and self._newest is not None:  # not all came out
            self._last = self._newest
            self._last_ticks = self._frame_ticks
        return packets

    def begin_anew(self, check: Callable[[], None]) -> tuple[list[Packet[Stream]], Segment]:
        """The packets still in the encoder, and all that it gave; the next picture is for another one like it.

        `check` is called after each packet, since large ones take long; what it raises leaves the rest undone.
        """

        def goes_on() -> bool:
            check()
            return True

        packets = self.flush(goes_on)
        assert self._notes is not None
        segment = self._notes.segment()
        self._begin_encoder()
        return packets, segment

    def go_on_after(self, segments: Sequence[Segment]) -> None:
        """Go on behind pictures that were encoded before, and that the caller puts into the file.

        Raises SinkError where this encoder is not what theirs was.
        """
        if segments[-1].header != self.header:
            raise SinkError("this film was made with another encoder", "start anew: --no-resume")
        stamps = [stamp for segment in segments for stamp in segment.stamps]
        shown = sorted(stamp.shown for stamp in stamps)
        self._first = stamps[0].shown, stamps[0].decoded
        self._newest = self._last = shown[-1]
        self._decoded = stamps[-1].decoded
        if self._follow_gaps and len(shown) > 1:
            self._frame_ticks = shown[-1] - shown[-2]

    def follow(self, last: Fraction) -> None:
        """Go on behind a picture that is shown from `last` on, in seconds, and that somebody else encodes."""
        self._last = round(last / self._time_base)

    def _begin_encoder(self) -> None:
        del self._context  # what it holds, before that of the next one
        of_stream = self._stream.codec_context
        context = CodecContext.create(of_stream.codec, "w")
        assert isinstance(context, VideoCodecContext)
        context.flags = of_stream.flags
        self._context = self._set_up(context)
        self._notes = Notes(self._context)

    def _rest(self, has_time: Callable[[], bool]) -> Iterator[Packet[Stream]]:
        # One at a time: with large pictures on a busy machine each takes a second.
        for packet in self._context.encode_lazy(None):
            yield packet
            if not has_time():
                return

    def _advance(self, ticks: int) -> int:
        if self._last is not None:
            ticks = max(ticks, self._last + 1)
            if self._follow_gaps:
                self._frame_ticks = ticks - self._last
        self._last = ticks
        return ticks

    def _keyframe_due(self, time: Fraction) -> bool:
        due = self._live and time >= self._next_keyframe
        if due:
            self._next_keyframe = time + _KEYFRAME_EVERY
        return due

    def _timed(self, packets: list[Packet[Stream]]) -> list[Packet[Stream]]:
        # The muxer needs the duration for the last frame alone, and which one is last is not known yet.
        if self._repeats_header:
            packets = [_lean(packet) if packet.is_keyframe else packet for packet in packets]
        for packet in packets:
            packet.stream = self._stream
            if not 0 <= (packet.pts or 0) - (packet.dts or 0) <= self._longest_delay:
                # x265 makes one up where it has one or two pictures, which it does not reorder; of a picture that is
                # behind a long gap the encoder counts it back, and pictures may come that are shown before that one.
                packet.dts = packet.pts if self._decoded is None else self._decoded + 1
            if self._decoded is not None and (packet.dts or 0) <= self._decoded:
                packet.dts = self._decoded + 1  # an encoder that begins after a gap counts that back
            pts, dts = packet.pts or 0, packet.dts or 0
            self._first = self._first or (pts, dts)
            self._decoded = dts
            packet.duration = self._held.pop(pts, self._frame_ticks)
            self._newest = pts if self._newest is None else max(self._newest, pts)
            if self._notes is not None:
                self._notes.add(packet)
        return packets


def _lean(packet: Packet[Stream]) -> Packet[Stream]:
    """As x265 gives it without mastering data, with which it repeats its header, and MP4 keeps that only once."""
    lean: Packet[Stream] = Packet(without_parameter_sets(bytes(packet)))
    lean.pts, lean.dts, lean.time_base = packet.pts, packet.dts, packet.time_base
    lean.is_keyframe = True
    return lean


def _time_base(info: SourceInfo) -> Fraction:
    if info.time_base is not None and info.time_base.denominator <= _FINEST:
        return info.time_base
    if info.rate is None or info.live:
        return CLOCK_TICK
    ticks = info.rate.numerator
    while ticks < 10_000:
        ticks *= 2
    return Fraction(1, ticks)
