from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from streamdepth.pixels import (
    I420,
    ColourMatrix,
    Picture,
    Rectangle,
    bgr_to_i420,
    bgr_to_yuv,
    halved,
    i420_to_bgr,
    sampled_i420,
    yuv_to_bgr,
)

BOTH_RANGES = pytest.mark.parametrize("full_range", [False, True])
EVERY_MATRIX = pytest.mark.parametrize("matrix", list(ColourMatrix))


def planes_of(bgr, matrix, full_range, width=64, height=48):
    """One colour as planes, by the definition of Y'CbCr in ITU-T H.273."""
    blue, green, red = (c / 255 for c in bgr)
    k_r, k_b = matrix.value
    y = k_r * red + (1 - k_r - k_b) * green + k_b * blue
    cb, cr = (blue - y) / (2 * (1 - k_b)), (red - y) / (2 * (1 - k_r))
    scale = (255, 255, 0) if full_range else (219, 224, 16)
    levels = (y * scale[0] + scale[2], cb * scale[1] + 128, cr * scale[1] + 128)
    sizes = ((height, width), ((height + 1) // 2, (width + 1) // 2), ((height + 1) // 2, (width + 1) // 2))
    return I420(
        *(np.full(s, round(v), np.uint8) for s, v in zip(sizes, levels, strict=True)), matrix, full_range
    )


@pytest.mark.parametrize("matrix", list(ColourMatrix))
@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize(
    "bgr", [(200, 30, 60), (20, 180, 40), (40, 60, 210), (128, 128, 128), (250, 250, 250)]
)
def test_every_matrix_and_range_gives_the_colour_back(matrix, full_range, bgr):
    image = i420_to_bgr(planes_of(bgr, matrix, full_range))
    assert np.abs(image.astype(int) - bgr).max() <= 3


@EVERY_MATRIX
@BOTH_RANGES
@pytest.mark.parametrize(
    "bgr", [(200, 30, 60), (20, 180, 40), (40, 60, 210), (128, 128, 128), (250, 250, 250)]
)
def test_bgr_becomes_the_levels_of_the_definition(matrix, full_range, bgr):
    planes = bgr_to_i420(np.full((48, 64, 3), bgr, np.uint8), matrix, full_range=full_range)
    expected = planes_of(bgr, matrix, full_range)
    assert (planes.matrix, planes.full_range) == (matrix, full_range)
    for got, want in ((planes.y, expected.y), (planes.u, expected.u), (planes.v, expected.v)):
        assert got.shape == want.shape
        assert np.abs(got.astype(int) - want).max() <= 1


@EVERY_MATRIX
@BOTH_RANGES
def test_random_colours_come_back_from_yuv(matrix, full_range):
    image = np.random.default_rng(1).integers(0, 256, (20, 30, 3), np.uint8)
    back = yuv_to_bgr(bgr_to_yuv(image, matrix, full_range=full_range), matrix, full_range)
    assert np.abs(back.astype(int) - image).max() <= 2


def test_a_half_is_the_mean_of_each_four_and_repeats_an_odd_last_row_and_column():
    plane = np.array([[0, 40, 9], [80, 120, 9], [10, 20, 200]], np.uint8)
    assert halved(plane).tolist() == [[60, 9], [15, 200]]


def test_chroma_of_a_bgr_picture_is_the_mean_of_four_pixels():
    image = np.zeros((2, 2, 3), np.uint8)
    image[0, 0] = 255, 0, 0
    one, all_four = bgr_to_i420(image).u[0, 0], bgr_to_i420(np.full_like(image, (255, 0, 0))).u[0, 0]
    assert one - 128 == round((int(all_four) - 128) / 4)


@pytest.mark.parametrize("convert", [bgr_to_i420, sampled_i420])
@pytest.mark.parametrize("size", [(1, 1), (3, 5), (17, 32), (64, 49)])
def test_odd_sizes_survive_both_ways(size, convert):
    image = np.full((size[1], size[0], 3), (200, 120, 60), np.uint8)
    planes = convert(image)
    assert planes.y.shape == (size[1], size[0])
    assert planes.u.shape == ((size[1] + 1) // 2, (size[0] + 1) // 2)
    back = i420_to_bgr(planes)
    assert back.shape == image.shape
    assert np.abs(back.astype(int) - image).max() <= 4


def test_a_picture_makes_the_other_layout_once():
    picture = Picture.of_bgr(np.zeros((4, 6, 3), np.uint8))
    assert picture.i420 is picture.i420
    assert picture.bgr is picture.native
    assert (picture.width, picture.height) == (6, 4)
    planes = Picture.of_i420(planes_of((0, 0, 255), ColourMatrix.BT709, False))
    assert planes.bgr is planes.bgr
    assert planes.i420 is planes.native


def test_a_picture_is_made_of_either_layout():
    planes = planes_of((0, 0, 255), ColourMatrix.BT709, False, 7, 5)
    assert (Picture.of(planes).native, Picture.of(planes).width) == (planes, 7)
    image = np.zeros((4, 6, 3), np.uint8)
    assert (Picture.of(image).native is image, Picture.of(image).height) == (True, 4)


@pytest.mark.parametrize("inner", [None, Rectangle(16, 0, 30, 48)])
def test_a_picture_whose_inside_was_looked_at_goes_with_its_last_user(inner):
    picture = Picture(64, 48, np.zeros((48, 64, 3), np.uint8), inner)
    assert (picture.content is picture) is (inner is None)
    kept = weakref.ref(picture)
    gc.disable()
    try:
        del picture
        assert kept() is None
    finally:
        gc.enable()


def test_the_inside_of_a_picture_is_no_copy():
    image = np.zeros((48, 64, 3), np.uint8)
    content = Picture(64, 48, image, Rectangle(16, 2, 30, 40)).content
    assert (content.width, content.height) == (30, 40)
    assert np.shares_memory(content.native, image)
