"""Encoded pictures of a sender: what is shown of them, and what is not after a loss."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.sources.browser import sent_video as _sent_video
from streamdepth.sources.browser.sent_video import SentDecoder, SentPicture, is_keyframe

ENCODERS = {
    VideoCodec.H264: ("libx264", {"tune": "zerolatency"}),
    VideoCodec.VP8: ("libvpx", {"deadline": "realtime"}),
}
BOTH = pytest.mark.parametrize("codec", VideoCodec, ids=lambda codec: codec.name)


def encoded(codec, count, size=(96, 64), first=0):
    """So many pictures, the first of them a keyframe, each lighter than the one before."""
    name, options = ENCODERS[codec]
    context = av.CodecContext.create(name, "w")
    context.width, context.height = size
    context.pix_fmt, context.time_base, context.gop_size = "yuv420p", Fraction(1, 30), 100
    context.options = {**options, "lag-in-frames": "0"} if codec is VideoCodec.VP8 else options
    pictures = []
    for index in range(count):
        image = np.full((size[1], size[0], 3), 40 + 20 * index, np.uint8)
        frame = av.VideoFrame.from_ndarray(image, "bgr24").reformat(format="yuv420p")
        frame.pts = index
        data = b"".join(bytes(packet) for packet in context.encode(frame))
        pictures.append(SentPicture(codec, data, first + index, arrived_at=float(index)))
    return pictures


def lightness(frame):
    return None if frame is None else round(float(frame.to_ndarray(format="gray").mean()))


class Decoding:
    def __init__(self):
        self.asked = 0
        self.decoder = SentDecoder(self._ask)

    def _ask(self):
        self.asked += 1

    def __call__(self, *pictures):
        return [lightness(self.decoder.decode(picture)) for picture in pictures]


@BOTH
def test_each_picture_comes_out_at_once(codec):
    decoding = Decoding()
    shown = decoding(*encoded(codec, 5))
    assert None not in shown
    assert shown == sorted(set(shown))
    assert decoding.asked == 0


@BOTH
def test_nothing_is_shown_before_a_keyframe_which_is_asked_for(codec):
    decoding = Decoding()
    assert decoding(*encoded(codec, 4)[1:]) == [None] * 3
    assert decoding.asked == 3


@BOTH
def test_after_a_gap_nothing_is_shown_until_a_keyframe(codec):
    decoding = Decoding()
    before, again = encoded(codec, 5), encoded(codec, 2, first=5)
    shown = decoding(*before[:2], *before[3:], *again)
    assert [light is None for light in shown] == [False, False, True, True, False, False]
    assert decoding.asked == 2


@BOTH
def test_damage_is_a_loss_and_raises_nothing(codec):
    decoding = Decoding()
    good = encoded(codec, 3)
    start = good[0].data[:12]
    damaged = SentPicture(codec, start + b"\xff" * 40, 0, 0.0)
    assert decoding(damaged) == [None]
    assert decoding.asked == 1
    later = [SentPicture(codec, picture.data, picture.number + 1, 0.0) for picture in good]
    assert None not in decoding(*later)


@BOTH
def test_a_size_may_change_with_a_keyframe(codec):
    decoder = Decoding().decoder
    pictures = [*encoded(codec, 2), *encoded(codec, 2, (64, 96), first=2)]
    frames = [decoder.decode(picture) for picture in pictures]
    assert [(frame.width, frame.height) for frame in frames] == [(96, 64)] * 2 + [(64, 96)] * 2


def test_a_codec_may_change_with_a_keyframe():
    decoding = Decoding()
    assert None not in decoding(*encoded(VideoCodec.VP8, 2), *encoded(VideoCodec.H264, 2, first=2))


@BOTH
def test_a_size_beyond_all_screens_is_not_decoded(codec, monkeypatch):
    monkeypatch.setattr(_sent_video, "MOST_PIXELS", 64 * 64)
    decoding = Decoding()
    assert decoding(*encoded(codec, 1)) == [None]
    assert None not in decoding(*encoded(codec, 1, (48, 48), first=1))


@BOTH
def test_only_a_picture_that_stands_for_itself_is_a_keyframe(codec):
    first, second = encoded(codec, 2)
    assert is_keyframe(codec, first.data)
    assert not is_keyframe(codec, second.data)
    assert not is_keyframe(codec, b"")
    assert not is_keyframe(codec, first.data[-30:])
    assert not is_keyframe(codec, first.data[:5])
