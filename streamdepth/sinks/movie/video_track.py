"""The H.264 track of a movie: pictures in, packets with exact timestamps out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import PictureType

from streamdepth.errors import UsageError
from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.ffmpeg.frame_from_picture import ReusedFrame, planes_of
from streamdepth.frames import CLOCK_TICK, SourceInfo
from streamdepth.pixels import Picture

PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
_USUAL_RATE = Fraction(25)
"""Frames per second where the source names no rate: it guides the encoder, and says how long the last frame lasts."""
_FINEST = 10_000_000
"""A time base beyond this many ticks a second would overflow the 32-bit sample durations of an MP4 file."""
_LOOKAHEAD = 10
"""Pictures; as many as x264's preset veryfast takes."""
_KEYFRAME_EVERY = Fraction(2)
"""Seconds between keyframes of a live recording: how coarsely one can seek in it."""


@dataclass(frozen=True)
class Mp4Options:
    """How a movie is encoded."""

    crf: int = 19
    """Quality, 1 (best, largest) to 51; 19 shows no loss on depth pictures, and 6 more halves the size."""
    preset: str = "superfast"
    """Time spent on a small file, one of x264's: ultrafast ... veryslow."""
    threads: int | None = None
    """Encoder threads, 1 to 16. None: one a core, and live one for two cores; 4 at most."""

    def __post_init__(self) -> None:
        if not 1 <= self.crf <= 51:
            raise UsageError(f"crf is {self.crf}", "choose 1 (best) to 51 (smallest)")
        if self.preset not in PRESETS:
            raise UsageError(
                f"there is no encoder preset {self.preset!r}", f"choose from {', '.join(PRESETS)}"
            )
        if self.threads is not None and not 1 <= self.threads <= 16:
            raise UsageError(f"{self.threads} encoder threads", "choose 1 to 16")

    def thread_count(self, *, live: bool) -> int:
        """Encoder threads to use on this machine.

        With one thread, drawing waits for encoding; that suits live, where the network needs the cores.
        """
        cores = os.cpu_count() or 1
        return self.threads or min(4, max(1, cores // 2 if live else cores))


class VideoTrack:
    """One H.264 stream, yuv420p in High profile, with the time base, rate and pixel shape of the source.

    Live: no B-frames and no lookahead, so that each packet is out at once, and a keyframe every 2 s.
    """

    def __init__(
        self, container: OutputContainer, first: Picture, info: SourceInfo, options: Mp4Options
    ) -> None:
        self._live = info.live
        self._follow_gaps = info.rate is None and not info.live
        self._time_base = _time_base(info)
        self._frame_ticks = max(1, round(1 / (info.rate or _USUAL_RATE) / self._time_base))
        self._last: int | None = None
        self._last_ticks = self._frame_ticks
        self._held: dict[int, int] = {}
        """Ticks that each picture in the encoder is shown, by its timestamp."""
        self._first: tuple[int, int] | None = None
        self._newest: int | None = None
        """Times of presentation and of decoding of the first packet."""
        self._next_keyframe = Fraction(0)
        self._colours = info.colours
        self._picture = ReusedFrame(planes_of(first, info.colours), info.colours)
        self._stream = container.add_stream(
            VideoCodec.H264.encoder,
            rate=info.rate or _USUAL_RATE,
            options=_encoder_options(options, live=info.live),
            time_base=self._time_base,
            width=self._picture.width,
            height=self._picture.height,
        )
        self._set_up(info, options)

    def _set_up(self, info: SourceInfo, options: Mp4Options) -> None:
        context = self._stream.codec_context
        context.thread_count = options.thread_count(live=info.live)
        # Slices of one frame add no delay; whole frames side by side compress better.
        context.thread_type = "SLICE" if info.live else "FRAME"
        context.sample_aspect_ratio = info.sample_aspect
        self._picture.tags.mark(context)

    @property
    def time_base(self) -> Fraction:
        """Seconds per tick of this track."""
        return self._time_base

    @property
    def end(self) -> Fraction:
        """Seconds at which the last frame given to `encode` ceases to be shown."""
        return ((self._last or 0) + self._last_ticks) * self._time_base

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
        if packets and self._first is not None:
            pts, dts = self._first
            # A file's length is counted in decoding times: it is right if the last packet ends with the last picture.
            length = (self._last or 0) + self._last_ticks - pts
            decoded = (packets[-1].dts or 0) - dts
            packets[-1].duration = max(packets[-1].duration or 0, length - decoded)
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


def _encoder_options(options: Mp4Options, *, live: bool) -> dict[str, str]:
    chosen = {"crf": str(options.crf), "preset": options.preset}
    if live:  # a recording that may be cut off at any moment must not sit in the encoder
        return chosen | {"tune": "zerolatency"}
    if (
        options.preset == "superfast"
    ):  # which does not look ahead; it saves bits and time (docs/benchmarks/clips.md)
        return chosen | {"x264-params": f"mbtree=1:rc-lookahead={_LOOKAHEAD}"}
    return chosen
