"""Pictures brought into another size, as planes or BGR."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from streamdepth.imaging.letterbox import letterbox, letterboxed_image, place_in
from streamdepth.pixels import I420, Picture, Rectangle, bgr_to_i420


def planes(width: int, height: int, light: int, *, full_range: bool = False) -> Picture:
    half = ((height + 1) // 2, (width + 1) // 2)
    y = np.full((height, width), light, np.uint8)
    u, v = np.full(half, 90, np.uint8), np.full(half, 160, np.uint8)
    return Picture.of_i420(I420(y, u, v, full_range=full_range))


def test_a_picture_of_the_right_size_comes_back_itself() -> None:
    picture = planes(40, 20, 200)
    assert letterbox(picture, (40, 20)) is picture


@pytest.mark.parametrize(("full_range", "black"), [(False, 16), (True, 0)])
def test_planes_stay_planes_with_black_bars(full_range: bool, black: int) -> None:
    boxed = letterbox(planes(20, 20, 200, full_range=full_range), (80, 40))
    native = boxed.native
    assert isinstance(native, I420)
    assert native.full_range is full_range
    assert native.y.shape == (40, 80)
    assert (native.y[:, 20:60] == 200).all()
    assert (native.y[:, :20] == black).all()
    assert (native.y[:, 60:] == black).all()
    for plane, value in ((native.u, 90), (native.v, 160)):
        assert plane.shape == (20, 40)
        assert (plane[:, 10:30] == value).all()
        assert (plane[:, :10] == 128).all()


def test_odd_sizes_have_chroma_rounded_up() -> None:
    native = letterbox(planes(30, 17, 100), (41, 31)).native
    assert isinstance(native, I420)
    assert native.y.shape == (31, 41)
    assert native.u.shape == native.v.shape == (16, 21)


def test_bgr_keeps_its_aspect_and_is_centred() -> None:
    boxed = letterbox(Picture.of_bgr(np.full((10, 10, 3), 200, np.uint8)), (40, 20)).bgr
    assert boxed.shape == (20, 40, 3)
    assert (boxed[:, 10:30] == 200).all()
    assert not boxed[:, :10].any()
    assert not boxed[:, 30:].any()


@pytest.mark.parametrize("size", [(80, 40), (41, 31), (40, 61), (33, 7)])
@pytest.mark.parametrize("planar", [True, False])
def test_it_is_known_what_lies_inside_the_bars_and_no_chroma_is_of_both(
    size: tuple[int, int], planar: bool
) -> None:
    picture = planes(20, 21, 200)
    boxed = letterbox(picture if planar else Picture.of_bgr(picture.bgr), size)
    inner = boxed.inner
    assert inner is not None
    assert inner.left % 2 == inner.top % 2 == 0
    right, bottom = inner.left + inner.width, inner.top + inner.height
    assert right % 2 == 0 or right == size[0]
    assert bottom % 2 == 0 or bottom == size[1]
    assert inner.width / inner.height == pytest.approx(20 / 21, rel=0.35)
    content = boxed.content
    assert (content.width, content.height) == (inner.width, inner.height)
    for plane, box, black in parts_of(boxed):
        bars = np.ones(plane.shape[:2], bool)
        bars[box] = False
        assert bars.any()
        assert (plane[bars] == black).all()
        assert np.ptp(plane[~bars], axis=0).max() <= 1


def parts_of(boxed: Picture) -> list[tuple[NDArray[np.uint8], tuple[slice, slice], int]]:
    """Each array of a picture, what is inside there, and what is black."""
    native, inner = boxed.native, boxed.inner
    assert inner is not None
    if not isinstance(native, I420):
        return [(native, inner.pixels, 0)]
    return [(native.y, inner.pixels, 16), (native.u, inner.chroma, 128), (native.v, inner.chroma, 128)]


def test_a_picture_that_has_bars_loses_them_before_it_is_fitted_again() -> None:
    wide = letterbox(planes(20, 20, 200), (80, 40))
    back = letterbox(wide, (60, 60))
    assert back.inner is None
    assert (back.i420.y == 200).all()
    assert letterbox(wide, (80, 40)).inner == Rectangle(20, 0, 40, 40)


def test_a_picture_of_the_same_shape_has_no_bars() -> None:
    picture = letterbox(planes(40, 20, 200), (81, 41))
    assert picture.inner is None
    assert picture.content is picture


@pytest.mark.parametrize(("width", "height"), [(320, 240), (641, 333), (1, 1), (200, 480)])
def test_planes_in_a_window_look_like_colour_pictures(width: int, height: int) -> None:
    image = np.full((90, 160, 3), (40, 160, 220), np.uint8)
    of_planes, of_bgr = (
        letterboxed_image(picture, (width, height), Fraction(1))
        for picture in (Picture.of_i420(bgr_to_i420(image)), Picture.of_bgr(image))
    )
    assert of_planes.shape == of_bgr.shape == (height, width, 3)
    assert np.abs(of_planes.astype(int) - of_bgr).max() <= 3


@pytest.mark.parametrize(("room", "bar"), [(202, 0), (206, 3)])
def test_a_bar_of_a_pixel_or_two_in_a_window_is_none(room: int, bar: int) -> None:
    white = Picture.of_bgr(np.full((100, 200, 3), 255, np.uint8))
    image = letterboxed_image(white, (room, 100), Fraction(1))
    assert np.count_nonzero(image[50, :, 0] == 0) == 2 * bar


def test_pixels_that_are_not_square_are_shown_in_their_shape() -> None:
    white = Picture.of_bgr(np.full((100, 100, 3), 255, np.uint8))
    image = letterboxed_image(white, (200, 100), Fraction(4, 3))
    assert abs(np.count_nonzero(image[50, :, 0]) - 133) <= 1


def test_a_picture_that_fits_a_window_is_copied() -> None:
    picture = Picture.of_bgr(np.full((20, 20, 3), 7, np.uint8))
    assert not np.shares_memory(letterboxed_image(picture, (20, 20), Fraction(1)), picture.bgr)


@pytest.mark.parametrize(
    ("size", "aspect"), [((400, 90), 1), ((160, 300), 1), ((161, 91), 1), ((320, 90), 2)]
)
def test_it_is_known_where_a_picture_is_in_a_window(size, aspect) -> None:
    picture = Picture.of_bgr(np.full((90, 160, 3), 200, np.uint8))
    image = letterboxed_image(picture, size, Fraction(aspect))
    rows, columns = place_in(picture, size, Fraction(aspect)).pixels
    assert np.all(image[rows, columns] == 200)
    assert image.sum() == image[rows, columns].sum()
