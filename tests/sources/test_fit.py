"""Pictures brought into another size, as planes or BGR."""

from __future__ import annotations

import numpy as np
import pytest

from streamdepth.pixels import I420, Picture
from streamdepth.sources._fit import letterbox


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
