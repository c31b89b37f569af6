"""Decoded frames of one video stream, whatever the packets between them are like."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from fractions import Fraction

import av.error
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame

from streamdepth.counted import fitted_sizes
from streamdepth.errors import SourceTimeout
from streamdepth.ffmpeg import errors
from streamdepth.ffmpeg.clock import RecordingClock
from streamdepth.ffmpeg.containers import demuxed, has_running_clock
from streamdepth.ffmpeg.cropping import Cropper
from streamdepth.ffmpeg.deinterlace import Deinterlacer
from streamdepth.ffmpeg.frame_numbers import FrameNumbers
from streamdepth.ffmpeg.rationals import fraction_of
from streamdepth.ffmpeg.sizes import is_too_large
from streamdepth.frames import CLOCK_TICK, Sent, SentPacket
from streamdepth.pixel_limit import too_large
from streamdepth.sources.video.load import Load
from streamdepth.sources.video.media import MAKES_UP, Media, VideoOptions
from streamdepth.sources.video.parts import IN_PARTS
from streamdepth.sources.video.pixel_shapes import PixelShapes
from streamdepth.sources.video.segment_pace import SegmentPace
from streamdepth.threads.awake import Awake
from streamdepth.values import dataclass

_MAX_FAILURES = 300
"""Damaged packets in a row, without a frame between, that end the reading: ten seconds at 30 per second."""
_LOSSY_FORMATS = {"mpegts", "rtsp", "rtp", "sdp"}
"""Where a packet with a gap in it is marked, it is still worth decoding: the decoder conceals the gap."""


@dataclass(frozen=True)
class Damage:
    """How much of a video was damaged."""

    packets: int = 0
    """Those that could not be decoded were skipped."""
    pictures: int = 0
    """Of which the decoder made up something; one that decodes several at once may mark some too late."""


class FrameReader:
    """Reads an open container in presentation order to its end; holds no more than the decoder does."""

    def __init__(
        self, media: Media, clock: Callable[[], float], wait: Callable[[float], None] = time.sleep
    ) -> None:
        self.damage = Damage()
        """What was met so far."""
        self.failure: av.error.FFmpegError | None = None
        """What ended the reading before the end of the stream, if anything did."""
        self.has_given = False
        """Whether there was a frame."""
        self._media = media
        self._sent: list[SentPacket] = []
        self._clock, self._wait = clock, wait
        self._pace = SegmentPace(media.stream.time_base or CLOCK_TICK) if media.comes_in_segments else None
        self._failures = 0
        self._last_packet_damaged = False
        self._last_frame_damaged = False
        self._is_made_up = False
        self._numbers = _numbers_of(media)
        self._leans = media.stream.codec_context.name == MAKES_UP
        """Whether all that lean on a lost picture are marked as damaged, and not the first alone."""
        self._conceals = media.container.format.name in _LOSSY_FORMATS
        running = has_running_clock(media.container)
        self.recording_clock = RecordingClock(media.stream.index, running=running)
        """That of a recording; live pictures are placed by when they come."""
        self._deinterlacer = Deinterlacer()
        self._cropper = Cropper(media.cropping)
        self._sizes: dict[tuple[int, int], None] = {}
        """(width, height) of the frames so far, the first one's first."""
        self._pixels = PixelShapes()
        self._has_begun = not media.live
        self._is_sent = False
        self.load = Load(clock)
        self._frames = self._decoded()

    def next(self, patience: float) -> VideoFrame | None:
        """The next frame, None after the last.

        Raises SourceTimeout when none came in about `patience` seconds (the wait for one packet, which FFmpeg
        bounds, comes on top), and SourceError when packet after packet cannot be decoded.
        """
        waited, asked_at = Awake(self._clock), self._clock()
        for frame in self._frames:
            if frame is not None:
                self.has_given = True
                self._await(frame, asked_at)
                return frame
            if waited.look() >= patience:
                media = self._media
                raise errors.stalled(media.name, media.path, live=media.live, begun=self.has_given)
        return None

    def _await(self, frame: VideoFrame, asked_at: float) -> None:
        if self._pace is None:
            return
        now = self._clock()
        if left := self._pace.left(frame.pts, asked_at, now):
            self._wait(left)
            self.load.waited_for(now, self._clock())

    def first_sent(self, options: VideoOptions) -> VideoFrame | None:
        """The first frame of an address, as `next`; what is live is joined anywhere, and its keyframe waited for."""
        name = self._media.name
        try:
            return self.next(options.open_timeout)
        except SourceTimeout:
            if not self._waits_for_keyframe:
                raise
        options.notify(f"{name} is sending, but has not sent a keyframe yet")
        try:
            return self.next(options.keyframe_timeout)
        except SourceTimeout as error:
            if not self._waits_for_keyframe:
                raise
            raise errors.no_keyframe(name) from error

    def close(self) -> None:
        """Stop reading; the container stays open."""
        self._frames.close()
        self.failure = None  # its traceback refers to this reader

    def moved_to(self, ticks: int) -> FrameReader:
        """A reader that begins with the key frame at or before a time, in units of the stream; this one is closed.

        Raises SourceError where the container cannot; this one then goes on.
        """
        try:
            self._media.container.seek(ticks, stream=self._media.stream)
        except av.error.FFmpegError as error:
            raise errors.cannot_move(self._media.name) from error
        self.close()
        moved = FrameReader(self._media, self._clock, self._wait)
        moved.damage, moved.has_given, moved._sizes = self.damage, self.has_given, self._sizes
        moved._pixels = self._pixels
        if self._numbers is not None and moved._numbers is not None:
            moved._numbers.missing = self._numbers.missing
        return moved

    def take_sent(self) -> Sent | None:
        """What of a live stream was decoded since the last call; None of a recording."""
        if not self._media.live:
            return None
        packets, self._sent = tuple(self._sent), []
        context = self._media.stream.codec_context
        return Sent(context.codec.canonical_name, bytes(context.extradata or b""), packets)

    @property
    def _waits_for_keyframe(self) -> bool:
        """Whether packets come, and all so far lean on one that was sent before."""
        return self._is_sent and not self._has_begun

    def remarks(self) -> Iterator[str]:
        """What was damaged so far, and what had to be changed, one sentence each."""
        packets, pictures = self.damage.packets, self.damage.pictures
        if packets:
            yield f"damaged packets: {packets}; what could not be decoded was skipped"
        if pictures and not self._media.live:
            some = "" if self._media.stream.codec_context.thread_count == 1 else "at least "
            yield f"damaged pictures: {some}{pictures}; what they lack was made up, also in those that lean on them"
        if self._numbers is not None and self._numbers.missing:
            yield f"missing pictures: at least {self._numbers.missing}; what leans on them was made up"
        if len(self._sizes) > 1 and not self._media.live:
            first, *others = self._sizes
            yield fitted_sizes(first, others)
        if not self._media.live:
            yield from self._pixels.remarks()

    @property
    def deinterlaces(self) -> bool:
        """Whether a frame so far was made of two fields."""
        return self._deinterlacer.works

    @property
    def ends_damaged(self) -> bool:
        """Whether the last packet or the last frame so far is damaged."""
        return self._last_packet_damaged or self._last_frame_damaged

    def _decoded(self) -> Generator[VideoFrame | None]:
        """Frames, and None after each packet, so that the caller may look at the clock."""
        stream = self._media.stream
        for packet in self._packets():
            # Not packet.stream_index: the empty packet that flushes a decoder does not carry it.
            if packet is not None and packet.stream.index == stream.index:
                yield from self._shown(self._decode(packet))
            yield None
        if self.failure is not None:  # demuxed() flushes after an orderly end alone
            yield from self._shown(self._attempt(stream.decode))
        yield from map(self._cropper.crop, self._deinterlacer.flush())

    def _shown(self, frames: list[VideoFrame]) -> Iterator[VideoFrame]:
        for frame in frames:
            for shown in map(self._cropper.crop, self._deinterlacer.push(frame)):
                self._sizes[shown.width, shown.height] = None
                yield shown

    def _packets(self) -> Iterator[Packet[Stream] | None]:
        """The packets of all streams, so that sound without pictures is no endless wait; None for what is none."""
        passes_over = self._media.live and self._media.container.format.name == IN_PARTS
        while True:
            packets = demuxed(self._media.container, passed_over=self._count_packet)
            try:
                yield from self.load.of(packets) if self._media.live else self.recording_clock.moved(packets)
            except av.error.InvalidDataError as error:
                if not (passes_over and self.has_given):
                    self.failure = error
                    return
                yield None
            except av.error.FFmpegError as error:
                self.failure = error
                return
            else:
                return

    def _decode(self, packet: Packet[Stream]) -> list[VideoFrame]:
        before = self.damage
        self._is_sent = True
        self._has_begun = self._has_begun or packet.is_keyframe
        if packet.is_corrupt and not self._conceals:
            self._count_packet()
            frames = []
        else:
            if packet.is_corrupt:
                self._count_packet()
            self._note(packet)
            if self._numbers is not None and packet.size:
                self._numbers.look(bytes(packet), is_key=packet.is_keyframe)
            frames = self._attempt(lambda: self._media.stream.decode(packet))
        self._has_begun = self._has_begun or bool(frames)
        if not self._has_begun:
            self.damage = before
        damaged = self.damage.packets > before.packets
        self._last_packet_damaged = damaged or (self._last_packet_damaged and packet.size == 0)
        self._bound_failures(damaged, frames)
        return frames

    def _note(self, packet: Packet[Stream]) -> None:
        if not self._media.live or not packet.size:
            return
        shown, decoded = packet.pts, packet.dts
        delay = Fraction(0) if shown is None or decoded is None else (shown - decoded) * packet.time_base
        self._sent.append(SentPacket(bytes(packet), packet.is_keyframe, delay))

    def _attempt(self, decode: Callable[[], list[VideoFrame]]) -> list[VideoFrame]:
        try:
            frames = decode()
        except av.error.FFmpegError as error:
            if is_too_large(error, self._media.stream.codec_context, self._media.limit.video):
                raise too_large(self._media.name, self._media.limit.video) from error
            self._count_packet()
            return []
        shape = fraction_of(self._media.stream.codec_context.sample_aspect_ratio)
        for frame in frames:
            self._pixels.note(frame, shape)
            self._media.limit.check_video(self._media.name, frame.width, frame.height)
            self._last_frame_damaged = frame.is_corrupt and not (self._leans and self._is_made_up)
            self._is_made_up = frame.is_corrupt
            if frame.is_corrupt:
                self.damage = replace(self.damage, pictures=self.damage.pictures + 1)
        return frames

    def _count_packet(self) -> None:
        self.damage = replace(self.damage, packets=self.damage.packets + 1)

    def _bound_failures(self, damaged: bool, frames: list[VideoFrame]) -> None:
        if frames:
            self._failures = 0
        elif damaged:
            self._failures += 1
        if self._failures >= _MAX_FAILURES:
            raise errors.too_damaged(self._media.name, self._failures)


def _numbers_of(media: Media) -> FrameNumbers | None:
    context = media.stream.codec_context
    if media.live or context.codec.canonical_name != "h264":
        return None
    return FrameNumbers(bytes(context.extradata or b""))
