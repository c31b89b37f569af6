import json

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import SHARED

from streamdepth.errors import UsageError
from streamdepth.models import preprocess
from streamdepth.models.preprocess import input_size, prepare
from streamdepth.models.registry import IMAGENET_MEAN, IMAGENET_STD, Resampling
from streamdepth.pixels import I420, ColourMatrix, Picture, bgr_to_i420

RELEASE = SHARED / "conformance/midas_small/network_input_size.json"
GREYS = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


def picture(width: int, height: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.skipif(not RELEASE.is_file(), reason="the release's sizes are not beside this checkout")
def test_the_input_has_the_size_that_the_release_gives_it():
    for text, expected in json.loads(RELEASE.read_text()).items():
        width, height = map(int, text.split("x"))
        assert input_size(width, height) == tuple(expected), text


@pytest.mark.parametrize(
    ("picture_size", "size", "expected"),
    [
        ((1920, 1080), 256, (256, 128)),
        ((1920, 1080), 384, (384, 224)),
        ((1920, 1080), 300, (288, 160)),
        ((480, 480), 310, (288, 288)),
        ((4000, 40), 256, (256, 32)),
        ((40, 4000), 256, (32, 256)),
        ((1, 1), 32, (32, 32)),
    ],
)
def test_the_longer_side_is_at_most_the_size_and_no_side_vanishes(picture_size, size, expected):
    assert input_size(*picture_size, size) == expected


@given(st.integers(1, 8000), st.integers(1, 8000), st.integers(32, 1024))
def test_each_side_is_a_multiple_of_the_stride_between_it_and_the_size(width, height, size):
    for side in input_size(width, height, size):
        assert side % 32 == 0
        assert 32 <= side <= size


def test_a_size_below_the_stride_and_an_empty_picture_are_refused():
    with pytest.raises(UsageError, match="use 32 or more"):
        input_size(640, 480, 31)
    with pytest.raises(UsageError, match="0x480"):
        input_size(0, 480)


@pytest.mark.parametrize("resampling", Resampling)
def test_each_channel_is_normalised_by_its_own_mean_and_deviation_in_rgb_order(resampling):
    blue, green, red = 10, 128, 250
    image = np.full((90, 160, 3), (blue, green, red), np.uint8)
    batch = prepare(image, (64, 32), IMAGENET_MEAN, IMAGENET_STD, resampling)
    assert batch.shape == (1, 3, 32, 64)
    assert batch.dtype == np.float32
    assert batch.flags.c_contiguous
    for channel, value in enumerate((red, green, blue)):
        expected = (value / 255 - IMAGENET_MEAN[channel]) / IMAGENET_STD[channel]
        np.testing.assert_allclose(batch[0, channel], expected, atol=1e-5)


def test_cubic_takes_the_pixels_that_the_release_takes():
    image = picture(640, 272)
    batch = prepare(image, (256, 96), IMAGENET_MEAN, IMAGENET_STD, Resampling.CUBIC)
    rgb = cv2.resize(image[:, :, ::-1] / 255.0, (256, 96), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    release = ((rgb - IMAGENET_MEAN) / IMAGENET_STD).transpose(2, 0, 1)
    half_a_grey_level = 0.51 / 255 / min(IMAGENET_STD)
    np.testing.assert_allclose(batch[0], release, atol=half_a_grey_level)


@pytest.mark.parametrize("width", [1920, 1919, 1000])
def test_area_does_not_let_fine_lines_through_as_broad_ones(width):
    lines = np.zeros((600, width, 3), np.uint8)
    lines[:, ::2] = 255
    grey = prepare(lines, (96, 64), *GREYS, Resampling.AREA)
    assert abs(grey - 0.5).max() < 0.08


@pytest.mark.parametrize("resampling", Resampling)
def test_a_picture_smaller_than_the_input_grows(resampling):
    ramp = np.repeat(np.arange(0, 250, 10, np.uint8)[None, :, None], 20, 0).repeat(3, 2)
    batch = prepare(ramp, (256, 192), *GREYS, resampling)
    assert (np.diff(batch[0, 0, 96]) >= 0).all()


def test_what_lies_left_and_above_stays_there():
    image = np.zeros((100, 200, 3), np.uint8)
    image[:50, :100] = 255
    batch = prepare(image, (64, 32), *GREYS)
    assert batch[0, :, :15, :31].min() == pytest.approx(1)
    assert batch[0, :, 17:].max() == 0


def test_a_buffer_of_the_right_shape_is_used_again_and_any_other_is_left_alone():
    first = prepare(picture(100, 100), (64, 64), *GREYS)
    kept = first.copy()
    assert prepare(picture(50, 50), (64, 64), *GREYS, out=first) is first
    assert not np.array_equal(first, kept)
    other = prepare(picture(50, 50), (96, 64), *GREYS, out=first)
    assert other.shape == (1, 3, 64, 96)


def test_a_view_gives_the_same_as_its_copy():
    mirrored = picture(100, 80)[:, ::-1]
    np.testing.assert_array_equal(
        prepare(mirrored, (64, 32), *GREYS), prepare(mirrored.copy(), (64, 32), *GREYS)
    )


def noise_planes(width: int, height: int, matrix: ColourMatrix, full_range: bool) -> I420:
    random = np.random.default_rng(5)
    half = ((height + 1) // 2, (width + 1) // 2)
    y, u, v = (random.integers(30, 226, shape, np.uint8) for shape in ((height, width), half, half))
    return I420(y, u, v, matrix, full_range)


def colours(
    matrix: ColourMatrix, full_range: bool, y: np.ndarray, u: np.ndarray, v: np.ndarray
) -> np.ndarray:
    """(3, h, w) red, green, blue in 0..1, by the definition (ITU-T H.273, 8.3)."""
    red, blue = matrix.value
    luma, chroma, black = (255, 255, 0) if full_range else (219, 224, 16)
    y, cb, cr = (y - black) / luma, (u - 128) / chroma, (v - 128) / chroma
    r, b = y + 2 * (1 - red) * cr, y + 2 * (1 - blue) * cb
    return np.stack([r, (y - red * r - blue * b) / (1 - red - blue), b]).clip(0, 1)


def block_means(plane: np.ndarray, rows: int, columns: int) -> np.ndarray:
    high, wide = plane.shape[0] // rows, plane.shape[1] // columns
    whole = plane[: high * rows, : wide * columns].astype(float)
    return whole.reshape(rows, high, columns, wide).mean(axis=(1, 3))


def smooth_picture(width: int, height: int) -> np.ndarray:
    random = np.random.default_rng(8).integers(40, 216, (6, 8, 3), np.uint8)
    return cv2.resize(random, (width, height), interpolation=cv2.INTER_LINEAR)


def assert_near(batch: np.ndarray, expected: np.ndarray) -> None:
    """Within five levels everywhere, three nearly everywhere and one on average."""
    levels = np.abs(batch - expected) * 255
    assert levels.max() < 5.1
    assert np.quantile(levels, 0.99) < 3.1
    assert levels.mean() < 1


EVERY_MATRIX = pytest.mark.parametrize("matrix", list(ColourMatrix))
BOTH_RANGES = pytest.mark.parametrize("full_range", [False, True])


@EVERY_MATRIX
@BOTH_RANGES
@pytest.mark.parametrize("extra", [0, 1])
def test_planes_become_the_colours_of_the_definition_after_the_mean_of_their_pixels(
    matrix, full_range, extra
):
    planes = noise_planes(4 * 96 + extra, 4 * 64 + extra, matrix, full_range)
    means = [block_means(plane, 64, 96) for plane in (planes.y, planes.u, planes.v)]
    batch = prepare(Picture.of_i420(planes), (96, 64), *GREYS, Resampling.AREA)
    # Planes are rounded to levels at each halving, and a level of chroma is up to 2.2 of blue.
    assert_near(batch[0], colours(matrix, full_range, *means))


@EVERY_MATRIX
@BOTH_RANGES
@pytest.mark.parametrize("resampling", Resampling)
@pytest.mark.parametrize("size", [(1280, 720), (641, 273), (270, 481)])
def test_planes_and_the_same_picture_in_bgr_give_the_same_input(matrix, full_range, resampling, size):
    picture = Picture.of_i420(bgr_to_i420(smooth_picture(*size), matrix, full_range=full_range))
    inner = input_size(*size, 128)
    from_planes = prepare(picture, inner, *GREYS, resampling)
    from_bgr = prepare(picture.bgr, inner, *GREYS, resampling)
    assert_near(from_planes, from_bgr)


@pytest.mark.parametrize("resampling", Resampling)
def test_planes_of_a_picture_hardly_larger_than_the_input_give_exactly_what_bgr_gives(resampling):
    picture = Picture.of_i420(noise_planes(177, 145, ColourMatrix.BT601, False))
    from_planes = prepare(picture, (256, 192), *GREYS, resampling)
    np.testing.assert_array_equal(from_planes, prepare(picture.bgr, (256, 192), *GREYS, resampling))


@pytest.mark.parametrize("resampling", Resampling)
def test_planes_twice_as_large_as_the_input_are_never_made_bgr(resampling, monkeypatch):
    monkeypatch.delattr(preprocess, "i420_to_bgr")
    picture = Picture.of_i420(noise_planes(512, 256, ColourMatrix.BT709, False))
    assert prepare(picture, (256, 128), *GREYS, resampling).shape == (1, 3, 128, 256)
    assert "bgr" not in vars(picture)


@pytest.mark.parametrize("chroma", [(16, 31), (17, 32), (32, 64)])
def test_planes_that_do_not_fit_together_are_refused(chroma):
    planes = I420(np.zeros((32, 64), np.uint8), *(np.zeros(chroma, np.uint8) for _ in range(2)))
    with pytest.raises(UsageError, match="half as large"):
        prepare(Picture.of_i420(planes), (64, 32), *GREYS)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        np.zeros((10, 10), np.uint8),
        np.zeros((10, 10, 4), np.uint8),
        np.zeros((10, 10, 3), np.float32),
        np.zeros((0, 10, 3), np.uint8),
    ],
)
def test_what_is_no_bgr_picture_is_refused(wrong):
    with pytest.raises(UsageError, match="a picture must be"):
        prepare(wrong, (64, 32), *GREYS)
