"""Encoded pictures as they come over a network, and their decoder, which leaves out what builds on a lost one."""

from __future__ import annotations

from collections.abc import Callable

from av.codec.context import CodecContext, Flags
from av.error import FFmpegError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.ffmpeg.nal_units import begins_keyframe
from streamdepth.ffmpeg.sizes import decoder_options, is_too_large
from streamdepth.frames import CLOCK_TICK
from streamdepth.values import dataclass

MOST_PIXELS = 4096 * 2304
"""Of a picture: a header may claim any size, and the decoder would allocate it."""
_VP8_START = b"\x9d\x01\x2a"


@dataclass(frozen=True, eq=False)
class SentPicture:
    """One encoded picture, whole."""

    codec: VideoCodec
    data: bytes
    """Annex B for H.264, a frame of RFC 6386 for VP8."""
    number: int
    """Counts pictures; a gap is a loss."""
    arrived_at: float
    """`time.monotonic()` seconds when its last byte was there."""
    timestamp: int = 0
    """Of RTP, in 1/90000 s from any beginning, modulo 2^32; 0 where nobody asks for it."""


class SentDecoder:
    """Decodes the pictures of one sender on the caller's thread, each at once.

    After a loss (a gap in the numbers, or damage) `want_keyframe` is called for each picture until a keyframe comes:
    what builds on a picture that is missing would show a smear. Raises nothing for damaged data.
    """

    def __init__(self, want_keyframe: Callable[[], None], most_pixels: int | None = None) -> None:
        self.met_too_large = False
        """Whether a picture was not decoded for its size."""
        self.began_anew = False
        """Whether the last picture leans on none before it, after others that were left out or lost."""
        self._most_pixels = most_pixels or MOST_PIXELS
        self._want_keyframe = want_keyframe
        self._next = 0
        self._needs_keyframe = True
        self._codec: VideoCodec | None = None
        self._context: VideoCodecContext | None = None

    def decode(self, sent: SentPicture) -> VideoFrame | None:
        """The picture, or None where it cannot be shown."""
        if sent.number != self._next or sent.codec is not self._codec:
            self._needs_keyframe = True
        self._next = sent.number + 1
        if self._needs_keyframe and not is_keyframe(sent.codec, sent.data):
            self._want_keyframe()
            return None
        self.began_anew, frame = self._needs_keyframe, self._decoded(sent)
        self._needs_keyframe = frame is None or frame.is_corrupt
        if self._needs_keyframe:
            self._want_keyframe()
            return None
        return frame

    def _decoded(self, sent: SentPicture) -> VideoFrame | None:
        if self._context is None or sent.codec is not self._codec:
            self._context, self._codec = _opened(sent.codec, self._most_pixels), sent.codec
        packet = Packet(sent.data)
        packet.time_base = CLOCK_TICK
        try:
            frames = self._context.decode(packet)
        except FFmpegError as error:
            self.met_too_large |= is_too_large(error, self._context, self._most_pixels)
            return None
        if not frames:
            return None
        if frames[-1].width * frames[-1].height > self._most_pixels:
            self.met_too_large = True
            return None
        return frames[-1]


def is_keyframe(codec: VideoCodec, data: bytes) -> bool:
    """Whether `data` is a picture that stands for itself, from its very beginning (VP8: RFC 6386, section 9.1)."""
    if codec is VideoCodec.VP8:
        return len(data) > 6 and not data[0] & 1 and data[3:6] == _VP8_START
    return begins_keyframe(data)


def _opened(codec: VideoCodec, most_pixels: int) -> VideoCodecContext:
    context = CodecContext.create(codec.decoder, "r")
    assert isinstance(context, VideoCodecContext)
    context.thread_count = 1  # more would hold pictures back, and the network needs the cores
    context.flags |= Flags.low_delay
    context.options = decoder_options(most_pixels)
    return context
