"""Units of H.264 in an encoded picture, and whether it stands for itself."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from streamdepth.ffmpeg.nal_units import IDR, PPS, SPS, begins_keyframe, kind_of, nal_units

PARAMETERS = b"\x00\x00\x00\x01\x67\x42\x00\x00\x00\x01\x68\xce"


def pictures(count):
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = 64, 48, "yuv420p"
    context.time_base, context.options = Fraction(1, 25), {"tune": "zerolatency"}
    for index in range(count):
        image = np.full((48, 64, 3), 40 * index, np.uint8)
        frame = av.VideoFrame.from_ndarray(image, "bgr24").reformat(format="yuv420p")
        frame.pts = index
        yield from map(bytes, context.encode(frame))


def test_start_codes_of_three_and_four_bytes_part_units():
    assert nal_units(b"\x00\x00\x01ab\x00\x00\x00\x01cd\x00\x00\x01e") == [b"ab", b"cd", b"e"]


def test_zeros_belong_to_no_unit():
    assert nal_units(b"\x00" * 9 + b"\x00\x00\x01ab" + b"\x00" * 7 + b"\x01c\x00\x00") == [b"ab", b"c"]


def test_a_keyframe_comes_with_its_parameters():
    first, second = pictures(2)
    assert {SPS, PPS, IDR} <= {kind_of(unit) for unit in nal_units(first)}
    assert not {SPS, PPS, IDR} & {kind_of(unit) for unit in nal_units(second)}
    assert begins_keyframe(first)
    assert not begins_keyframe(second)


def test_a_later_slice_of_a_keyframe_is_none():
    assert begins_keyframe(PARAMETERS + b"\x00\x00\x00\x01\x65\x88\x84")
    assert not begins_keyframe(PARAMETERS + b"\x00\x00\x00\x01\x65\x48\x84")


@pytest.mark.parametrize("data", [b"", PARAMETERS, b"\x00\x00\x01", b"\x00\x00\x01\x65", b"\x65\x88\x84"])
def test_what_holds_no_whole_slice_is_no_keyframe(data):
    assert not begins_keyframe(data)
