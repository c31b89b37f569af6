"""Pictures as frames for an encoder: one frame, of even size, in the size and colours of the first."""

from __future__ import annotations

from fractions import Fraction
from weakref import ref

import numpy as np
import pytest

from streamdepth.ffmpeg.frame_from_picture import ReusedFrame, black_like, planes_of
from streamdepth.ffmpeg.planes import lines_of
from streamdepth.frames import Colours
from streamdepth.pixels import I420, ColourMatrix, Picture

TICK = Fraction(1, 25)


def flat(width, height, luma=90, matrix=ColourMatrix.BT709, *, full_range=False):
    chroma = np.full(((height + 1) // 2, (width + 1) // 2), 128, np.uint8)
    return I420(np.full((height, width), luma, np.uint8), chroma, chroma, matrix, full_range)


def luma(frame):
    return lines_of(frame.planes[0])


def test_one_frame_is_filled_again_and_again():
    reused = ReusedFrame(flat(64, 48))
    first = reused.fill(flat(64, 48, 100), 0, TICK)
    second = reused.fill(flat(64, 48, 200), 7, TICK)
    assert first is second
    assert (second.pts, second.time_base, int(luma(second).min())) == (7, TICK, 200)


def test_the_first_picture_is_not_kept_for_its_size():
    first = flat(64, 48)
    reused, kept = ReusedFrame(first), ref(first.y)
    del first
    assert kept() is None
    rows = luma(reused.fill(flat(64, 24, 200), 0, TICK))[:, 32].tolist()
    assert rows[:12] == rows[36:] == [16] * 12


@pytest.mark.parametrize(("size", "even"), [((63, 47), (64, 48)), ((64, 47), (64, 48)), ((1, 1), (2, 2))])
def test_an_odd_size_repeats_its_last_line_and_column(size, even):
    planes = flat(*size)
    planes.y[-1, :], planes.y[:, -1] = 10, 20
    frame = ReusedFrame(planes).fill(planes, 0, TICK)
    assert (frame.width, frame.height) == even
    assert int(luma(frame)[-1, -1]) == 20
    assert np.array_equal(luma(frame)[: size[1], : size[0]], planes.y)


def test_another_size_is_fitted_in_with_black_bars():
    frame = ReusedFrame(flat(64, 48)).fill(flat(64, 24, 200), 0, TICK)
    rows = luma(frame)[:, 32].tolist()
    assert rows[:12] == rows[36:] == [16] * 12
    assert min(rows[13:35]) >= 199


def test_another_range_is_converted_for_a_stream_cannot_change_its_own():
    frame = ReusedFrame(flat(64, 48)).fill(flat(64, 48, 255, full_range=True), 0, TICK)
    assert abs(int(luma(frame)[20, 20]) - 235) <= 1


def test_black_is_as_the_range_has_it():
    assert black_like(flat(6, 5)).y.max() == 16
    assert black_like(flat(6, 5, full_range=True)).y.max() == 0
    assert black_like(flat(5, 3)).u.tolist() == [[128] * 3] * 2


def test_a_colour_picture_gets_the_matrix_that_its_source_states():
    picture = Picture.of_bgr(np.full((4, 4, 3), (30, 200, 60), np.uint8))
    assert planes_of(picture, Colours(1, 1, 1)).matrix is ColourMatrix.BT709
    assert planes_of(picture, None).matrix is ColourMatrix.BT601
