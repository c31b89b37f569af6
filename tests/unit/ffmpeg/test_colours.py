"""Colours by their code points, and the tags that an encoder and a player agree on."""

from __future__ import annotations

import av
import numpy as np
import pytest

from streamdepth.ffmpeg.colours import (
    SWSCALE,
    colour_tags,
    hdr_name,
    matrix_numbered,
    range_numbered,
    usual_colours,
)
from streamdepth.frames import Colours
from streamdepth.pixels import I420, ColourMatrix


def planes(matrix=ColourMatrix.BT709, *, full_range=False):
    grey = np.full((2, 2), 128, np.uint8)
    return I420(np.full((4, 4), 90, np.uint8), grey, grey, matrix, full_range)


@pytest.mark.parametrize("matrix", ColourMatrix)
def test_each_matrix_has_its_usual_colours_and_a_name_of_the_scaler(matrix):
    assert matrix_numbered(usual_colours(matrix).matrix) is matrix
    assert matrix in SWSCALE


@pytest.mark.parametrize("code", [0, 2, 8, 255])
def test_rgb_and_what_is_not_known_have_no_matrix(code):
    assert matrix_numbered(code) is None


def test_what_the_source_states_is_kept_where_it_is_true_of_the_planes():
    stated = Colours(9, 1, 1)
    assert colour_tags(planes(), stated)[:3] == (9, 1, 1)
    assert colour_tags(planes(ColourMatrix.BT601), stated)[:3] == (6, 6, 6)


@pytest.mark.parametrize(("full", "number"), [(False, 1), (True, 2)])
def test_a_range_has_one_number_for_tags_and_scaler(full, number):
    assert colour_tags(planes(full_range=full)).range == range_numbered(full=full) == number


def test_a_frame_bears_what_it_is_marked_with():
    frame = av.VideoFrame(4, 4, "yuv420p")
    colour_tags(planes(ColourMatrix.BT2020, full_range=True)).mark(frame)
    marked = frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range
    assert [int(value) for value in marked] == [9, 14, 9, 2]


def test_hdr_is_known_by_its_transfer():
    assert [hdr_name(code) for code in (1, 16, 18)] == [None, "PQ", "HLG"]
