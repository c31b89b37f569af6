"""Planes of 10 bits out of decoded frames, and into frames for encoders."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from av.video.frame import VideoFrame

from streamdepth.ffmpeg.deep_frames import DeepFrame, is_deep
from streamdepth.ffmpeg.orientation import Orientation
from streamdepth.ffmpeg.picture_from_frame import PictureMaker
from streamdepth.ffmpeg.planes import words_of
from streamdepth.imaging.deep import deep_of
from streamdepth.pixels import ColourMatrix, DeepPlanes, Picture

BT709, PQ = (1, 1, 1), (9, 16, 9)
TICK = Fraction(1, 25)


def frame(layout="yuv420p10le", colours=BT709, size=(64, 48), bits=10):
    """Noise in all planes."""
    made, rng = VideoFrame(*size, layout), np.random.default_rng(0)
    made.color_primaries, made.color_trc, made.colorspace = colours
    made.color_range = 1
    for plane in made.planes:
        words = words_of(plane)
        words[:] = rng.integers(64 << (bits - 10), 940 << (bits - 10), words.shape)
    return made


def planes_in(made):
    return [words_of(plane) for plane in made.planes]


@pytest.mark.parametrize(
    ("layout", "deep"),
    [
        ("yuv420p10le", True),
        ("yuv422p12le", True),
        ("yuv420p", False),
        ("gbrp10le", False),
        ("gray10le", False),
    ],
)
def test_what_has_more_bits_is_known_by_its_layout(layout, deep):
    assert is_deep(VideoFrame(64, 48, layout)) is deep


@pytest.mark.parametrize("colours", [BT709, PQ])
def test_a_picture_has_every_bit_of_its_frame_and_8_beside(colours):
    first = frame(colours=colours)
    picture = PictureMaker(first, keeps_bits=True).make(first)
    assert all(map(np.array_equal, (picture.deep.y, picture.deep.u, picture.deep.v), planes_in(first)))
    assert (picture.deep.primaries, picture.deep.transfer) == colours[:2]
    assert picture.deep.matrix is (ColourMatrix.BT709 if colours == BT709 else ColourMatrix.BT2020)
    assert picture.i420.y.dtype == np.uint8
    assert PictureMaker(first).make(first).deep is None


@pytest.mark.parametrize(("layout", "bits"), [("yuv422p10le", 10), ("yuv444p10le", 10), ("yuv420p12le", 12)])
def test_finer_chroma_and_more_bits_become_10_bits_of_420(layout, bits):
    first = frame(layout, bits=bits)
    deep = PictureMaker(first, keeps_bits=True).make(first).deep
    assert deep.u.shape == (24, 32)
    assert np.abs(deep.y.astype(int) - planes_in(first)[0] / 2 ** (bits - 10)).max() <= 1


def test_a_turned_picture_is_turned_in_10_bits_too():
    first = frame()
    maker = PictureMaker(first, keeps_bits=True)
    maker.orientation = Orientation(transpose=True, mirror_x=True)
    maker.size = (48, 64)
    deep = maker.make(first).deep
    assert np.array_equal(deep.y, np.rot90(planes_in(first)[0], -1))


def test_a_frame_for_the_encoder_has_the_same_bits_and_colours():
    first = frame(colours=PQ)
    picture = PictureMaker(first, keeps_bits=True).make(first)
    made = DeepFrame(picture.deep).fill(picture, 7, TICK)
    assert all(map(np.array_equal, planes_in(made), planes_in(first)))
    assert (made.pts, made.time_base) == (7, TICK)
    assert (int(made.color_primaries), int(made.color_trc), int(made.colorspace)) == PQ


@pytest.mark.parametrize(("odd", "size"), [(False, (36, 26)), (True, (35, 25))])
def test_an_odd_size_is_padded_unless_the_encoder_takes_it(odd, size):
    planes = DeepPlanes(
        np.full((25, 35), 500, np.uint16), *np.full((2, 13, 18), 512, np.uint16), ColourMatrix.BT709
    )
    picture = replace(Picture.of_bgr(np.zeros((25, 35, 3), np.uint8)), deep=planes)
    made = DeepFrame(planes, odd=odd).fill(picture, 0, TICK)
    assert (made.width, made.height) == size
    assert (words_of(made.planes[0]) == 500).all()


@pytest.mark.parametrize("size", [(48, 64), (48, 128)])
def test_a_picture_without_10_bits_is_brought_into_these_colours(size):
    first = frame(colours=PQ)
    picture = PictureMaker(first, keeps_bits=True).make(first)
    white = Picture.of_bgr(np.full((*size, 3), 255, np.uint8))
    luma = words_of(DeepFrame(picture.deep).fill(white, 0, TICK).planes[0])
    assert luma[24] == pytest.approx(float(deep_of(white.bgr[:2, :2], picture.deep).y[0, 0]), abs=1)
