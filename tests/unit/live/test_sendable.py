"""Pictures of odd shapes are sent, whatever their viewers ask for: none of them ends a run."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.frames import DepthMap, DepthRange, Estimate, Frame, Rendered, ScaledDepth
from streamdepth.live.codec_stream import CodecStream, Content, Shown
from streamdepth.live.sendable import sendable
from streamdepth.pixels import Picture

MOST = 1920 * 1080


def picture(width: int, height: int) -> Picture:
    return Picture.of_bgr(np.full((height, width, 3), 90, np.uint8))


def rendered(width: int, height: int) -> Rendered:
    depth = DepthMap(np.linspace(0, 1, 24 * 48, dtype=np.float32).reshape(24, 48))
    frame = Frame(0, Fraction(0), 0.0, picture(width, height))
    scaled = ScaledDepth(depth, DepthRange(0.0, 1.0))
    return Rendered(Estimate(frame, depth, 0.01), frame.picture, scaled=scaled)


@pytest.mark.parametrize("content", Content)
@pytest.mark.parametrize("kind", [VideoCodec.H264, VideoCodec.VP8])
@pytest.mark.parametrize("size", [(1, 1), (3, 5), (640, 1), (16, 2000), (17, 33), (2, 20_000), (20_000, 2)])
def test_a_picture_of_any_shape_is_encoded(size: tuple[int, int], kind: VideoCodec, content: Content) -> None:
    stream = CodecStream(kind, lambda: 1.0, content)
    packet = stream.encode(Shown(rendered(*size), 1.0), 1.0, 30.0, [])
    decoder = av.CodecContext.create("h264" if kind is VideoCodec.H264 else "vp8", "r")
    (frame,) = [*decoder.decode(av.Packet(bytes(packet.packet))), *decoder.decode(None)]
    assert min(frame.width, frame.height) >= 16
    if packet.depth is not None:
        left, top, width, height = packet.depth.place.box
        assert min(left, width, height) > 0
        assert left + width <= frame.width
        assert top + height <= frame.height


@pytest.mark.parametrize(
    ("size", "sent"),
    [
        ((1, 1), (16, 16)),
        ((640, 1), (640, 16)),
        ((2, 20_000), (16, 8192)),
        ((9000, 225), (8192, 206)),
        ((3840, 2160), (1920, 1080)),
    ],
)
def test_only_what_encoders_refuse_is_stretched(size: tuple[int, int], sent: tuple[int, int]) -> None:
    made = sendable(picture(*size), MOST, Fraction(1))
    assert (made.width, made.height) == sent
    as_it_is = picture(320, 240)
    assert sendable(as_it_is, MOST, Fraction(1)) is as_it_is
