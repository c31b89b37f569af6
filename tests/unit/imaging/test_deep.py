"""8-bit colours in pictures of 10 bits."""

from __future__ import annotations

import numpy as np
import pytest

from streamdepth.imaging.deep import HLG, PQ, copy_box, deep_of, deep_tables
from streamdepth.pixels import ColourMatrix, DeepPlanes, bgr_to_i420
from streamdepth.rendering.colormaps import lookup_table

SDR = 1


def planes(transfer=SDR, matrix=ColourMatrix.BT709, *, full_range=False, size=(6, 8)):
    height, width = size
    half = (height + 1) // 2, (width + 1) // 2
    y, u, v = (np.full(shape, 300, np.uint16) for shape in (size, half, half))
    return DeepPlanes(y, u, v, matrix, full_range, 9, transfer)


def white(size=(6, 8)):
    return np.full((*size, 3), 255, np.uint8)


@pytest.mark.parametrize(
    ("like", "luma"),
    [
        (planes(), 940),
        (planes(full_range=True), 1023),
        (planes(PQ, ColourMatrix.BT2020), 64 + 876 * 0.58),
        (planes(HLG, ColourMatrix.BT2020), 64 + 876 * 0.75),
    ],
)
def test_white_is_as_bright_as_captions_are_and_has_no_colour(like, luma):
    made = deep_of(white(), like)
    assert made.y == pytest.approx(luma, abs=3)
    assert (made.u == 512).all()
    assert (made.v == 512).all()
    assert (made.transfer, made.matrix, made.primaries) == (like.transfer, like.matrix, 9)


@pytest.mark.parametrize("transfer", [SDR, PQ, HLG])
def test_black_is_black(transfer):
    made = deep_of(np.zeros((6, 8, 3), np.uint8), planes(transfer))
    assert made.y == pytest.approx(64, abs=2)


@pytest.mark.parametrize("matrix", list(ColourMatrix))
def test_of_sdr_all_is_as_in_8_bits_but_finer(matrix):
    image = np.kron(np.random.default_rng(0).integers(0, 256, (4, 5, 3)), np.ones((2, 2, 1))).astype(np.uint8)
    made, coarse = deep_of(image, planes(matrix=matrix)), bgr_to_i420(image, matrix)
    for deep, plane in ((made.y, coarse.y), (made.u, coarse.u), (made.v, coarse.v)):
        assert np.abs(deep / 4 - plane).max() <= 0.76


def test_a_table_gives_what_its_colours_are():
    like, table = planes(PQ), lookup_table("inferno")
    y, u, v = deep_tables(table, like)
    made = deep_of(np.repeat(np.repeat(table.reshape(1, 256, 3), 2, 0), 2, 1), like)
    for one, plane in ((y, made.y[0, ::2]), (u, made.u[0]), (v, made.v[0])):
        assert np.abs(one[:, 0].astype(int) - plane).max() <= 1


@pytest.mark.parametrize("as_planes", [False, True])
def test_a_box_of_words_is_copied_and_nothing_else(as_planes):
    like = planes(size=(9, 11))
    image = white((9, 11))
    copy_box(like, bgr_to_i420(image) if as_planes else image, (slice(4, None), slice(6, None)))
    assert like.y[4:, 6:] == pytest.approx(940, abs=3)
    assert (like.y[:4] == 300).all()
    assert (like.y[:, :6] == 300).all()
    assert (like.u[:2] == 300).all()
    assert like.u[2:, 3:] == pytest.approx(512, abs=3)
