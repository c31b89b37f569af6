"""Live streams that carry depth, encoded as viewers get them, and films of them."""

from __future__ import annotations

import io
from fractions import Fraction

import numpy as np

from streamdepth.depthfiles.stacked_film import StackedWriter
from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.frames import DepthMap, DepthMeaning, DepthRange, Estimate, Frame, Rendered, ScaledDepth
from streamdepth.live.codec_stream import CodecStream, Content, Shown
from streamdepth.pixels import Picture

RATE = 15
SIZE = (96, 64)
SLOPE = np.linspace(2, 6, 48, dtype=np.float32)[None].repeat(24, axis=0)


def shown(number, *, size=SIZE, inner=None, measured=None, span=None, meaning=DepthMeaning.INVERSE_RELATIVE):
    """A picture that gets lighter, and a slope of depth that moves away, as sinks get them."""
    width, height = size
    image = np.full((height, width, 3), 40 + 6 * number, np.uint8)
    image[:, : width // 3, 1] = 200
    picture = Picture(width, height, image, inner)
    depth = DepthMap(SLOPE - np.float32(0.1 * number), meaning)
    frame = Frame(number, Fraction(number, RATE), 100 + number / RATE, picture)
    span = span or DepthRange(2.0 - 0.1 * number, 6.0 - 0.1 * number)
    scaled = ScaledDepth(depth, span)
    return Rendered(Estimate(frame, depth, 0.01), picture, scaled=scaled, measured=measured)


def packets(pictures, kind=VideoCodec.H264):
    """Live packets of them."""
    stream = CodecStream(kind, lambda: 0.0, Content.DEPTH)
    stream.want_keyframe()
    times = (one.estimate.frame.captured_at for one in pictures)
    return [stream.encode(Shown(one, at), at, RATE, ()) for one, at in zip(pictures, times, strict=True)]


def filmed(pictures, kind=VideoCodec.H264, *, lost=(), end=True):
    """The bytes of a film of them, as from a server; `lost` are the numbers of pictures that do not arrive."""
    made = io.BytesIO()
    writer, missing = None, 0
    for number, packet in enumerate(packets(pictures, kind)):
        data = bytes(packet.packet)
        if number in lost:
            missing += 1
            continue
        writer = writer or StackedWriter(_Plain(made), kind, data, packet.depth, {"model": {"name": "nano"}})
        writer.add(data, packet.moment, packet.depth, is_key=packet.is_keyframe, lost=missing)
    data = made.getvalue()
    writer.close()
    return made.getvalue() if end else data


class _Plain:
    """What a server writes to: nobody goes back in it."""

    def __init__(self, file):
        self.write = file.write
