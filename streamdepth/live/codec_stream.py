"""The encoder of one codec over time: when it is replaced, when it makes a keyframe, at what bit rate it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from functools import cached_property

from av.packet import Packet
from av.video.stream import VideoStream

from streamdepth.depthfiles.stacked import DepthDescription
from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.frames import CLOCK_TICK, Rendered
from streamdepth.live.bit_rate import BitRateControl, ceiling_for
from streamdepth.live.codec import CodecSettings, LiveCodec
from streamdepth.live.depth_picture import with_depth
from streamdepth.live.packets import LivePacket
from streamdepth.live.sendable import sendable
from streamdepth.pixels import I420
from streamdepth.values import dataclass

MOST_PIXELS = 1920 * 1080
"""Of what is sent: decoders of phones end near it (H.264 level 4), and to encode 4K takes more than a core."""
KEYFRAME_GAP = 0.5
"""Seconds between two keyframes that viewers ask for: each costs all of them twenty ordinary pictures."""
LEAST_STEP = 64
"""Ticks between two pictures: room for those that a newcomer is sent before the next one."""
RATE_MAY_DIFFER = 1.6
"""Factor by which the true rate may differ from the declared one before a new encoder is worth its keyframe."""
RATE_SETTLES = 3.0
"""Seconds that an encoder lives before its declared rate is looked at again."""


class Content(Enum):
    """What a live stream shows."""

    PICTURE = "picture"
    """The rendered pictures: the same for all viewers."""
    DEPTH = "depth"
    """The source's picture and its depth: each viewer draws it as he likes."""


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture, and the `time.monotonic()` seconds when it came."""

    rendered: Rendered
    written_at: float

    @cached_property
    def planes(self) -> I420:
        """What is encoded, for all codecs: the picture with square pixels, `MOST_PIXELS` at most.

        Browsers show what they get pixel by pixel, whatever shape its headers state.
        """
        return sendable(self.rendered.picture, MOST_PIXELS, self.rendered.estimate.frame.pixel_aspect).i420

    @cached_property
    def _with_depth(self) -> tuple[I420, DepthDescription]:
        return with_depth(self.rendered, MOST_PIXELS)

    def of(self, content: Content) -> tuple[I420, DepthDescription | None]:
        """The planes to encode, with the description of their depth where they carry depth."""
        return self._with_depth if content is Content.DEPTH else (self.planes, None)


@dataclass(frozen=True)
class StreamFigures:
    """How the encoder of one codec does; counts are since its first viewer came."""

    codec: str
    content: str
    width: int
    height: int
    viewers: int
    pictures: int
    keyframes: int
    bytes: int
    bit_rate: int
    """Asked of the encoder, in bits a second."""
    encode_seconds: float
    """Of the last picture."""


class CodecStream:
    """Encodes for all viewers of one codec and content; `encode` is called by one thread, the rest by any.

    `keyframe_seconds` is the most that lies between two keyframes, also while nobody wants one.
    """

    def __init__(
        self, kind: VideoCodec, clock: Callable[[], float], content: Content = Content.PICTURE
    ) -> None:
        self.kind = kind
        self.content = content
        self.keyframe_seconds = float("inf")
        self._clock = clock
        self._codec: LiveCodec | None = None
        self._opened_at = 0.0
        self._control = BitRateControl(1)
        self._wants_keyframe = False
        self._keyframe_at = float("-inf")
        self._origin: float | None = None
        self._last_pts = -LEAST_STEP
        self._last_shown: Shown | None = None
        self._recent: list[LivePacket] = []
        self._pictures = self._keyframes = self._bytes = 0
        self._encode_seconds = 0.0

    def want_keyframe(self) -> None:
        """Soon, but not sooner than `KEYFRAME_GAP` after the last; from any thread."""
        self._wants_keyframe = True

    def keyframe_is_due(self, now: float) -> bool:
        """Whether one is wanted and may be, or has been long in coming."""
        since = now - self._keyframe_at
        return since >= self.keyframe_seconds or (self._wants_keyframe and since >= KEYFRAME_GAP)

    def encode(self, shown: Shown, now: float, rate: float, capacities: Sequence[int]) -> LivePacket:
        """One picture as a packet, at `rate` pictures a second, for lines of these bits a second.

        Raises the encoder's own errors.
        """
        planes, depth = shown.of(self.content)
        codec = self._fitting_codec(planes, now, rate, capacities)
        captured_at = shown.rendered.estimate.frame.captured_at
        keyframe = self._codec is not codec or self.keyframe_is_due(now)
        self._codec = codec
        if keyframe:  # before it is made: a wish that comes meanwhile is a new one
            self._wants_keyframe = False
        late = now - shown.written_at if shown is self._last_shown else 0.0
        self._last_shown = shown
        pts = self._next_pts(captured_at + late)
        packet = codec.encode(planes, pts, keyframe=keyframe)
        self._count(packet, now)
        size = codec.settings.width, codec.settings.height
        moment, encoded_at = self._moment_of(pts), self._clock()
        return LivePacket(packet, packet.is_keyframe, captured_at, encoded_at, moment, depth, size)

    def keep(self, packet: LivePacket) -> None:
        """Remember a packet for viewers that join before the next keyframe; not while `beginning` is called."""
        if packet.is_keyframe:
            self._recent = [packet]
        elif self._recent and packet.encoded_at - self._recent[0].encoded_at < KEYFRAME_GAP:
            self._recent.append(packet)
        else:
            self._recent = []

    def beginning(self, now: float) -> list[LivePacket]:
        """The last keyframe and all packets since, for a viewer that joins `now`; empty where a new one is allowed.

        All are of one moment, as near as their order allows, so that a player shows the last of them at once.
        """
        pts = self._recent[-1].packet.pts if self._recent else None
        if pts is None or now - self._keyframe_at >= KEYFRAME_GAP or len(self._recent) >= LEAST_STEP:
            return []
        return [packet.at(pts + 1 + place) for place, packet in enumerate(self._recent)]

    def figures(self, *, viewers: int) -> StreamFigures:
        """How it does, with so many viewers."""
        settings = self._codec.settings if self._codec is not None else None
        return StreamFigures(
            codec=self.kind.value,
            content=self.content.value,
            width=settings.width if settings else 0,
            height=settings.height if settings else 0,
            viewers=viewers,
            pictures=self._pictures,
            keyframes=self._keyframes,
            bytes=self._bytes,
            bit_rate=self._control.rate if settings else 0,
            encode_seconds=self._encode_seconds,
        )

    def _fitting_codec(self, planes: I420, now: float, rate: float, capacities: Sequence[int]) -> LiveCodec:
        codec = self._codec
        if codec is None or not codec.fits(planes) or self._rate_is_off(codec, rate, now):
            height, width = planes.y.shape
            ceiling = ceiling_for(width, height, rate)
            if codec is None or ceiling != codec.settings.ceiling:
                self._control = BitRateControl(ceiling)
            return self._opened(planes, rate, now)
        if self._control.update(capacities, now) is None:
            return codec
        declared_over_true = codec.settings.rate / rate
        if codec.change_bit_rate(round(self._control.rate * declared_over_true)):
            return codec
        return self._opened(planes, rate, now)

    def _rate_is_off(self, codec: LiveCodec, rate: float, now: float) -> bool:
        factor = rate / codec.settings.rate
        differs = not 1 / RATE_MAY_DIFFER <= factor <= RATE_MAY_DIFFER
        return differs and now - self._opened_at >= RATE_SETTLES

    def _opened(self, planes: I420, rate: float, now: float) -> LiveCodec:
        height, width = planes.y.shape
        self._opened_at = now
        return LiveCodec(
            CodecSettings(
                kind=self.kind,
                width=width,
                height=height,
                rate=rate,
                bit_rate=self._control.rate,
                ceiling=ceiling_for(width, height, rate),
            ),
            planes,
        )

    def _next_pts(self, moment: float) -> int:
        """Ticks of `moment` since the first picture; always `LEAST_STEP` more than the last."""
        if self._origin is None:
            self._origin = moment
        self._last_pts = max(self._last_pts + LEAST_STEP, round((moment - self._origin) / CLOCK_TICK))
        return self._last_pts

    def _moment_of(self, pts: int) -> float:
        assert self._origin is not None
        return self._origin + float(pts * CLOCK_TICK)

    def _count(self, packet: Packet[VideoStream], began: float) -> None:
        now = self._clock()
        self._encode_seconds = now - began
        self._pictures += 1
        self._bytes += packet.size
        if packet.is_keyframe:
            self._keyframes += 1
            self._keyframe_at = now
