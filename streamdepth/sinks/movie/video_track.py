"""The picture of a movie: pictures in, packets with exact timestamps out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from av.container import OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.stream import VideoStream

from streamdepth.errors import SinkError
from streamdepth.ffmpeg.frame_from_picture import ReusedFrame, planes_of, relaid
from streamdepth.frames import CLOCK_TICK, SourceInfo
from streamdepth.pixels import Picture
from streamdepth.quiet import silent_encoders
from streamdepth.sinks.movie.codecs import PLAIN, Codec, Wanted

USUAL_RATE = Fraction(25)
"""Frames per second where the source names no rate: it guides the encoder, and says how long the last frame lasts."""
_FINEST = 10_000_000
"""A time base beyond this many ticks a second would overflow the 32-bit sample durations of an MP4 file."""
_KEYFRAME_EVERY = Fraction(2)
"""Seconds between keyframes of a live recording: how coarsely one can seek in it."""


class VideoTrack:
    """One stream of pictures, with the time base, rate and pixel shape of the source.

    Live: no B-frames and no lookahead, so that each packet is out at once, and a keyframe every 2 s.
    """

    def __init__(
        self, container: OutputContainer, first: Picture, info: SourceInfo, codec: Codec, wanted: Wanted
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
        self._colours = info.colours
        self._layout = codec.pixels
        self._picture = ReusedFrame(planes_of(first, info.colours), info.colours, odd=codec.takes_odd_sizes)
        self._stream = self._new_stream(container, info, codec, wanted)

    def _new_stream(
        self, container: OutputContainer, info: SourceInfo, codec: Codec, wanted: Wanted
    ) -> VideoStream:
        stream = container.add_stream(
            codec.encoder,
            rate=info.rate or USUAL_RATE,
            options=codec.options(wanted),
            time_base=self._time_base,
            width=self._picture.width,
            height=self._picture.height,
        )
        self._set_up(stream.codec_context, info, codec, wanted)
        return stream

    def _set_up(self, context: VideoCodecContext, info: SourceInfo, codec: Codec, wanted: Wanted) -> None:
        context.pix_fmt = codec.pixels
        context.thread_count = wanted.threads
        # Slices of one frame add no delay; whole frames side by side compress better.
        context.thread_type = "SLICE" if info.live or codec.copies_late else "FRAME"
        context.sample_aspect_ratio = info.sample_aspect
        tags = self._picture.tags
        (tags if codec.pixels == PLAIN else tags.limited).mark(context)
        try:
            with silent_encoders():
                context.open()
        except FFmpegError as error:
            width, height = self.size
            what = f"{codec.name} takes no pictures of {width}x{height}"
            raise SinkError(what, "choose another --codec") from error

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) as encoded."""
        return self._picture.width, self._picture.height

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
        frame = self._picture.fill(planes_of(picture, self._colours), ticks, self._time_base)
        if self._layout != PLAIN:
            frame = relaid(frame, self._layout, self._picture.tags)
        frame.pict_type = PictureType.I if self._keyframe_due(time) else PictureType.NONE
        return self._timed(self._stream.encode(frame))

    def flush(self, has_time: Callable[[], bool] = lambda: True) -> list[Packet[Stream]]:
        """The packets still in the encoder; nothing may be encoded after this.

        What is not encoded when `has_time` turns False is lost, and the film ends before it.
        """
        packets = self._timed(list(self._rest(has_time)))
        if self._held and self._newest is not None:  # not all came out
            self._last = self._newest
            self._last_ticks = self._frame_ticks
        return packets

    def _rest(self, has_time: Callable[[], bool]) -> Iterator[Packet[Stream]]:
        # One at a time: with large pictures on a busy machine each takes a second.
        for packet in self._stream.codec_context.encode_lazy(None):
            packet.stream = self._stream
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
        for packet in packets:
            pts, dts = packet.pts or 0, packet.dts or 0
            self._first = self._first or (pts, dts)
            packet.duration = self._held.pop(pts, self._frame_ticks)
            self._newest = pts if self._newest is None else max(self._newest, pts)
        return packets


def _time_base(info: SourceInfo) -> Fraction:
    if info.time_base is not None and info.time_base.denominator <= _FINEST:
        return info.time_base
    if info.rate is None or info.live:
        return CLOCK_TICK
    ticks = info.rate.numerator
    while ticks < 10_000:
        ticks *= 2
    return Fraction(1, ticks)
