"""One running video encoder for live viewers: H.264 that starts at once and never waits, or VP8."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from av.codec.context import CodecContext
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.stream import VideoStream

from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.ffmpeg.colours import colour_tags
from streamdepth.ffmpeg.frame_from_picture import ReusedFrame, black_like
from streamdepth.frames import CLOCK_TICK
from streamdepth.pixels import I420, ColourMatrix
from streamdepth.values import dataclass

HEADROOM = 2
"""The ceiling of the decoder's buffer model over the stream's own, for rates that turn out lower than declared."""
BUFFER_SECONDS = 0.5
NO_KEYFRAME_UNASKED = 1_000_000
"""Pictures between keyframes that the encoder makes of itself: its user asks for them, by the clock."""
LEVEL_31_BLOCKS = 3600
LEVEL_31_BLOCKS_A_SECOND = 108_000


@dataclass(frozen=True)
class CodecSettings:
    """What an encoder is opened for; another size needs another encoder."""

    kind: VideoCodec
    width: int
    """Pixels of the pictures that come; 4:2:0 video has an even number, of which the last may repeat another."""
    height: int
    rate: float
    """Pictures a second, as they really come: the encoder shares its bits out by it."""
    bit_rate: int
    ceiling: int
    """Bits a second."""


class LiveCodec:
    """Encodes pictures of one size on the caller's thread; each call gives one packet."""

    def __init__(self, settings: CodecSettings, like: I420) -> None:
        self.settings = settings
        self._frame = ReusedFrame(_readable_like(like, settings.kind))
        self._context = _opened(settings, self._frame)

    def fits(self, planes: I420) -> bool:
        """Whether `planes` are of the size and colours that this encoder was opened for."""
        tags = colour_tags(planes if is_readable(planes, self.settings.kind) else _as_bt601(planes))
        return planes.y.shape == (self.settings.height, self.settings.width) and tags == self._frame.tags

    def encode(self, planes: I420, pts: int, *, keyframe: bool) -> Packet[VideoStream]:
        """The packet of one picture, at `pts` ticks of `CLOCK_TICK`; `keyframe` makes it stand for itself."""
        frame = self._frame.fill(planes, pts, CLOCK_TICK)
        frame.pict_type = PictureType.I if keyframe else PictureType.NONE
        packets = self._context.encode(frame)
        if len(packets) != 1:
            raise RuntimeError(f"{len(packets)} packets came out of one picture")
        return packets[0]

    def change_bit_rate(self, bit_rate: int) -> bool:
        """Go on with another bit rate; False where this codec needs a new encoder for it."""
        if self.settings.kind is not VideoCodec.H264:
            return False
        self._context.bit_rate = min(bit_rate, self.settings.ceiling * HEADROOM)
        return True


def is_readable(planes: I420, kind: VideoCodec) -> bool:
    """Whether every viewer of `kind` reads the colours of `planes` right, so that they need no conversion.

    H.264 says in its headers which matrix was used, and browsers obey it; full range is not obeyed everywhere. VP8 is
    BT.601 in limited range by definition (RFC 6386, section 9.2).
    """
    return not planes.full_range and (kind is VideoCodec.H264 or planes.matrix is ColourMatrix.BT601)


def _readable_like(planes: I420, kind: VideoCodec) -> I420:
    """`planes`, or dark ones of their size whose colours can be read."""
    if is_readable(planes, kind):
        return planes
    return black_like(_as_bt601(planes))


def _as_bt601(planes: I420) -> I420:
    return replace(planes, matrix=ColourMatrix.BT601, full_range=False)


def _opened(settings: CodecSettings, frame: ReusedFrame) -> VideoCodecContext:
    context = CodecContext.create(settings.kind.encoder, "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = frame.width, frame.height, "yuv420p"
    context.time_base = CLOCK_TICK
    context.framerate = Fraction(settings.rate).limit_denominator(1001)
    context.bit_rate = settings.bit_rate
    context.gop_size = NO_KEYFRAME_UNASKED
    context.thread_count = 1
    frame.tags.mark(context)
    context.options = _h264_options(settings) if settings.kind is VideoCodec.H264 else _vp8_options(settings)
    context.open()
    return context


def _h264_options(settings: CodecSettings) -> dict[str, str]:
    most = settings.ceiling * HEADROOM
    options = {
        "preset": "superfast",
        "tune": "zerolatency",
        "profile": "baseline",
        "forced-idr": "1",
        "sc_threshold": "0",  # a keyframe costs everybody; changes of scene do without
        # Without these two the encoder ignores later changes of its bit rate.
        "maxrate": str(most),
        "bufsize": str(round(most * BUFFER_SECONDS)),
    }
    blocks = (settings.width + 15) // 16 * ((settings.height + 15) // 16)
    if blocks <= LEVEL_31_BLOCKS and blocks * settings.rate <= LEVEL_31_BLOCKS_A_SECOND:
        options["level"] = "3.1"  # what the offer of every browser names
    return options


def _vp8_options(settings: CodecSettings) -> dict[str, str]:
    return {
        "deadline": "realtime",
        "cpu-used": "-12",
        "noise-sensitivity": "0",
        "lag-in-frames": "0",
        "static-thresh": "1",  # blocks that stay, as those beside depth, are not searched: the packets are the same
        "minrate": str(settings.bit_rate),
        "maxrate": str(settings.bit_rate),
        "bufsize": str(round(settings.bit_rate * BUFFER_SECONDS)),
    }
