"""What a program reads out of a picture in which colour and depth stand together."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from streamdepth.client.depth_pictures import Reader
from streamdepth.frames import (
    DepthMap,
    DepthMeaning,
    DepthRange,
    Estimate,
    Frame,
    Measured,
    Rendered,
    ScaledDepth,
)
from streamdepth.live.depth_picture import with_depth
from streamdepth.pixels import ColourMatrix, Picture, bgr_to_i420
from streamdepth.viewers.peers.channel import words_of

SPAN = DepthRange(2.0, 6.0)
STEP = (SPAN.high - SPAN.low) / 219
VALUES = np.linspace(2, 6, 48, dtype=np.float32)[None].repeat(24, axis=0)
FIRST = 0xFFFFFF00
"""A timestamp that begins anew soon."""


def stacked(
    meaning=DepthMeaning.INVERSE_RELATIVE, *, full_range=False, measured=None, rtp=FIRST, size=(161, 91)
):
    """A picture as a decoder gives it, and what was told of it."""
    image = np.random.default_rng(3).integers(0, 255, (*size[::-1], 3), np.uint8)
    picture = Picture.of_i420(bgr_to_i420(image, ColourMatrix.BT709, full_range=full_range))
    depth = DepthMap(VALUES, meaning)
    rendered = Rendered(
        Estimate(Frame(0, Fraction(0), 0.0, picture), depth, 0.0),
        picture,
        scaled=ScaledDepth(depth, SPAN),
        measured=measured,
    )
    planes, told = with_depth(rendered, 10**6)
    return (
        picture,
        Picture.of_i420(planes),
        words_of(told, {"stamp": {"rtp": rtp, "captured_ms": 5000.0}})["depth"],
    )


@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("meaning", [DepthMeaning.INVERSE_RELATIVE, DepthMeaning.METRES])
def test_colour_and_depth_are_what_went_in(meaning, full_range):
    picture, both, told = stacked(meaning, full_range=full_range)
    reader = Reader()
    reader.learn(told)
    found = reader.read(both, FIRST)
    assert np.array_equal(found.picture.i420.y, picture.i420.y)
    assert np.array_equal(found.picture.i420.u, picture.i420.u)
    assert (found.picture.width, found.picture.height) == (161, 91)
    assert found.depth.meaning is meaning
    assert np.abs(found.depth.values - VALUES).max() <= STEP
    assert found.metres is None


def test_metres_come_with_it_or_the_reason_why_not():
    for measured, is_known in (
        (Measured(DepthMap(VALUES), 1.0, inverse=(0.1, 0.05), error=0.07), True),
        (Measured(None, 0.1, "moved"), False),
    ):
        _, both, told = stacked(measured=measured)
        reader = Reader()
        reader.learn(told)
        found = reader.read(both, FIRST)
        assert found.withheld == ("" if is_known else "moved")
        assert (found.metres is not None) is is_known
        assert found.within == (0.07 if is_known else None)
        if found.metres is not None:
            assert np.allclose(found.metres.values, 1 / (0.1 * VALUES + 0.05), rtol=0.01)


def test_a_picture_is_read_by_what_was_told_of_it_or_of_one_before():
    _, both, told = stacked()
    reader = Reader()
    assert reader.read(both, FIRST) is None
    reader.learn(told)
    reader.learn({**told, "range": [0.0, 1.0], "stamp": {"rtp": 1000, "captured_ms": 5014.0}})
    assert reader.read(both, FIRST - 1) is None
    assert reader.read(both, 999).depth.values.max() > 5  # 2^32 lies between it and the first
    assert reader.read(both, 1000).depth.values.max() <= 1


@pytest.mark.parametrize("size", [(120, 68), (161, 45), (400, 226), (161, 181)])
def test_a_picture_of_another_size_waits_for_what_is_told_of_it(size):
    _, both, told = stacked(size=size)
    reader = Reader()
    reader.learn(stacked()[2])
    assert reader.read(both, (FIRST + 3000) % 2**32) is None
    reader.learn({**told, "stamp": {"rtp": (FIRST + 3000) % 2**32, "captured_ms": 5033.0}})
    found = reader.read(both, (FIRST + 3000) % 2**32)
    assert (found.picture.width, found.picture.height) == size


def test_the_time_of_capture_is_that_of_this_clock_by_the_quickest_answer():
    _, both, told = stacked()
    reader = Reader()
    reader.learn(told)
    first = reader.read(both, FIRST)
    assert first.captured_at is None
    reader.answered(100.0, 4.9, 100.2)  # it showed 4.9 at about 100.1
    reader.answered(101.0, 9.0, 105.0)
    later = reader.read(both, (FIRST + 9000) % 2**32)
    assert later.captured_at == pytest.approx(5.0 + 0.1 + 100.1 - 4.9)
    assert later.depth.pts - first.depth.pts == Fraction(1, 10)
