"""What is missing from films in H.264, by the numbers of their pictures."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

from streamdepth.ffmpeg.frame_numbers import FrameNumbers
from streamdepth.ffmpeg.nal_units import nal_units

WAYS: list[dict[str, str]] = [
    {"preset": "ultrafast"},
    {"bf": "3", "x264-params": "b-adapt=0:b-pyramid=normal:keyint=500"},
    {"bf": "2", "x264-params": "b-adapt=0:cqm=jvt:keyint=12:open-gop=1"},
    {"bf": "2", "x264-params": "b-adapt=0:tff=1:keyint=12"},
    {"bf": "0", "x264-params": "intra-refresh=1:keyint=10"},
]


def pictures(form: str, options: dict[str, str], pix_fmt: str = "yuv420p") -> tuple[bytes, list[Any]]:
    """The codec's header and the packets of 60 pictures, as they come out of such a file."""
    memory = io.BytesIO()
    with av.open(memory, "w", format=form) as out:
        stream = out.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pix_fmt
        for index in range(60):
            noise = np.random.default_rng(index).integers(0, 80, (48, 64, 3)) + 2 * index
            frame = av.VideoFrame.from_ndarray(noise.astype(np.uint8), "bgr24")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    memory.seek(0)
    with av.open(memory) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        return bytes(container.streams.video[0].codec_context.extradata or b""), packets


def missing(header: bytes, packets: list[Any]) -> int:
    numbers = FrameNumbers(header)
    for packet in packets:
        numbers.look(bytes(packet), is_key=packet.is_keyframe)
    return numbers.missing


@pytest.mark.parametrize("options", WAYS)
@pytest.mark.parametrize("form", ["h264", "mp4", "matroska", "mpegts"])
def test_of_a_whole_film_nothing_is_missing(form: str, options: dict[str, str]) -> None:
    header, packets = pictures(form, options)
    assert len(packets) == 60
    assert missing(header, packets) == 0


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p", "yuv444p", "gray"])
@pytest.mark.parametrize("form", ["h264", "mp4"])
def test_what_others_lean_on_is_counted(form: str, pix_fmt: str) -> None:
    header, packets = pictures(form, {"bf": "0", "x264-params": "scenecut=0:cqm=jvt"}, pix_fmt)
    assert missing(header, packets) == 0
    assert missing(header, packets[:20] + packets[23:40] + packets[41:]) == 4


def test_pictures_on_which_none_leans_leave_no_mark() -> None:
    header, packets = pictures("h264", {"bf": "2", "x264-params": "b-adapt=0:b-pyramid=none:scenecut=0"})
    leaned_on = [packet for packet in packets if nal_units(bytes(packet))[-1][0] & 0x60]
    assert len(leaned_on) == 21
    assert missing(header, leaned_on) == 0
    without = [packet for packet in packets if packet is not leaned_on[5]]
    assert missing(header, without) == 1


def test_counting_begins_anew_with_a_key_frame() -> None:
    header, packets = pictures("h264", {"bf": "0", "x264-params": "keyint=10:scenecut=0"})
    assert missing(header, packets[:17] + packets[20:]) == 0


@pytest.mark.parametrize("header", [b"", b"\1", b"\0\0\1\x67", b"\0\0\1\x67\x64\0\x28\xff", b"\0\0\1\x68"])
def test_a_header_that_is_damaged_says_nothing(header: bytes) -> None:
    numbers = FrameNumbers(header)
    numbers.look(b"\0\0\1\x41\x9a\x24", is_key=False)
    numbers.look(b"\0\0\1\x41", is_key=False)
    assert numbers.missing == 0
