"""Packets are kept where Matroska takes them as they come."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import pytest
from sessions import sent_frames

from streamdepth.ffmpeg.header_template import template_of
from streamdepth.frames import Sent, SentPacket
from streamdepth.sessions.sent import as_annex_b, can_be_kept

FRAMES = sent_frames(6)


@pytest.mark.parametrize(
    ("codec", "header", "is_kept"),
    [
        ("h264", b"", True),
        ("h264", b"\0\0\0\1\x67", True),
        ("h264", b"nonsense", False),
        ("hevc", b"\0\0\1\x40", True),
        ("hevc", b"\1\1\x60", False),
        ("mjpeg", b"", True),
        ("vp8", b"", True),
        ("mpeg4", b"\0\0\1", False),
    ],
)
def test_which_codecs_are_kept(codec, header, is_kept):
    assert can_be_kept(Sent(codec, header, ())) is is_kept


def in_front(packets):
    """The same pictures as MP4 and RTMP have them: lengths before units, and parameters in a header of their own."""
    made = io.BytesIO()
    with (
        template_of("h264", b"".join(one.data for one in packets)) as template,
        av.open(made, "w", format="mp4") as movie,
    ):
        stream = movie.add_stream_from_template(template.streams.video[0], opaque=True)
        for number, one in enumerate(packets):
            packet = av.Packet(one.data)
            packet.stream, packet.time_base = stream, Fraction(1, 25)
            packet.pts = packet.dts = number
            packet.is_keyframe = one.is_key
            movie.mux(packet)
    made.seek(0)
    with av.open(made) as movie:
        stream = movie.streams.video[0]
        sent = tuple(SentPacket(bytes(p), p.is_keyframe) for p in movie.demux(stream) if p.size)
        return Sent("h264", bytes(stream.codec_context.extradata), sent)


def test_h264_with_lengths_gets_start_codes_and_decodes_to_the_same_pictures():
    sent = in_front([one for frame in FRAMES for one in frame.sent.packets])
    assert sent.header[0] == 1
    assert can_be_kept(sent)
    made = as_annex_b(sent)
    decoder = av.CodecContext.create("h264", "r")
    decoder.extradata = made.header
    decoded = [f for one in made.packets for f in decoder.decode(av.Packet(one.data))] + decoder.decode(None)
    assert len(decoded) == len(FRAMES)
    for frame, original in zip(decoded, FRAMES, strict=True):
        assert (frame.to_ndarray()[:48, :64] == original.picture.i420.y).all()


def test_what_has_start_codes_stays_as_it_is():
    sent = FRAMES[0].sent
    assert as_annex_b(sent) is sent


def test_only_h264_and_h265_need_a_template():
    assert template_of("vp8", b"") is None
    with template_of("h264", b"".join(one.data for one in FRAMES[0].sent.packets)) as template:
        assert (template.streams.video[0].width, template.streams.video[0].height) == (64, 48)
