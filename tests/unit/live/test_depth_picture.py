"""Colour and depth in one picture, as they come out of a decoder again."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

from streamdepth.ffmpeg.codecs import VideoCodec
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
from streamdepth.live.bit_rate import ceiling_for
from streamdepth.live.codec import CodecSettings, LiveCodec
from streamdepth.live.depth_picture import DepthPlace, with_depth
from streamdepth.pixels import ColourMatrix, Picture, Rectangle, bgr_to_i420

MOST = 1920 * 1080
SPAN = DepthRange(2.0, 6.0)
ROWS, COLUMNS = 24, 48


def scene(
    *, meaning: DepthMeaning = DepthMeaning.INVERSE_RELATIVE, size: tuple[int, int] = (160, 90)
) -> Rendered:
    """A slope of depth with a block that stands before it, in a picture of noise."""
    values = np.linspace(1.5, 6.5, COLUMNS, dtype=np.float32)[None].repeat(ROWS, axis=0)
    values[8:16, 20:30] = 5.0
    image = np.random.default_rng(1).integers(0, 255, (size[1], size[0], 3), np.uint8)
    depth = DepthMap(values, meaning)
    frame = Frame(0, Fraction(0), 0.0, Picture.of_bgr(image))
    return Rendered(Estimate(frame, depth, 0.01), frame.picture, scaled=ScaledDepth(depth, SPAN))


def levels(rendered: Rendered) -> np.ndarray[Any, np.dtype[np.float32]]:
    """What a viewer should see of depth, 0..255."""
    return np.clip((rendered.depth.values - SPAN.low) * 255 / (SPAN.high - SPAN.low), 0, 255)


def cells(plane: np.ndarray[Any, np.dtype[np.uint8]], place: DepthPlace, black: int, white: int) -> Any:
    left, top, width, height = place.box
    grey = (plane[top : top + height, left : left + width].astype(float) - black) * 255 / (white - black)
    return grey.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))


def test_colour_stands_above_and_depth_below_with_its_edge_repeated_around() -> None:
    rendered = scene()
    planes, told = with_depth(rendered, MOST)
    assert told.place == DepthPlace((160, 90), (8, 104, 96, 48), (0.0, 0.0, 1.0, 1.0))
    assert planes.y.shape == (96 + 64, 160)
    assert np.array_equal(planes.y[:90], rendered.picture.i420.y)
    assert (planes.y[104:152, :8] == planes.y[104:152, 8:9]).all()
    assert (planes.u[48:] == 128).all()
    assert (told.span, told.meaning) == (SPAN, DepthMeaning.INVERSE_RELATIVE)
    assert np.abs(cells(planes.y, told.place, 16, 235) - levels(rendered)).max() < 1.2


def test_near_is_white_whatever_depth_means() -> None:
    near, far = (with_depth(scene(meaning=m), MOST) for m in (DepthMeaning.INVERSE, DepthMeaning.METRES))
    there, back = (cells(planes.y, told.place, 16, 235) for planes, told in (near, far))
    assert np.abs(there + back - 255).max() < 2.5


@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("kind", list(VideoCodec))
def test_depth_comes_through_a_codec(kind: VideoCodec, full_range: bool) -> None:
    rendered = scene()
    frame = rendered.estimate.frame
    colour = bgr_to_i420(frame.picture.bgr, ColourMatrix.BT709, full_range=full_range)
    frame = replace(frame, picture=Picture.of_i420(colour))
    planes, told = with_depth(replace(rendered, estimate=replace(rendered.estimate, frame=frame)), MOST)
    height, width = planes.y.shape
    rate = 8 * ceiling_for(width, height, 30)  # noise is harder than any scene
    codec = LiveCodec(CodecSettings(kind, width, height, 30.0, rate, rate), planes)
    decoder = av.CodecContext.create("h264" if kind is VideoCodec.H264 else "vp8", "r")
    for number in range(4):
        packet = codec.encode(planes, 3000 * number, keyframe=number == 0)
        (seen,) = decoder.decode(av.Packet(bytes(packet)))
    luma = np.frombuffer(seen.planes[0], np.uint8).reshape(-1, seen.planes[0].line_size)
    assert np.abs(cells(luma, told.place, 16, 235) - levels(rendered)).mean() <= 1.5


def test_both_together_are_no_larger_than_is_sent() -> None:
    planes, told = with_depth(scene(size=(1920, 1080)), MOST)
    assert planes.y.size <= MOST
    assert told.place.colour[0] >= 1700
    small, narrow = with_depth(scene(size=(64, 48)), MOST)
    assert narrow.place.box[2] == 64 - 16
    assert small.y.shape[1] == 64


def test_it_tells_the_bars_and_the_metres_or_why_there_are_none() -> None:
    rendered = scene()
    frame = rendered.estimate.frame
    barred = replace(frame.picture, inner=Rectangle(40, 0, 80, 90))
    rendered = replace(
        rendered,
        estimate=replace(rendered.estimate, frame=replace(frame, picture=barred)),
        measured=Measured(DepthMap(rendered.depth.values), 0.9, inverse=(0.5, 0.25), error=0.07),
    )
    _, told = with_depth(rendered, MOST)
    assert told.place.inner == (0.25, 0.0, 0.5, 1.0)
    assert (told.metres, told.withheld, told.within) == ((0.5, 0.25), "", 0.07)
    _, told = with_depth(replace(rendered, measured=Measured(None, 0.1, "moved")), MOST)
    assert (told.metres, told.withheld) == (None, "moved")
