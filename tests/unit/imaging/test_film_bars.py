"""Bars of a film are told from what is dark in it."""

from __future__ import annotations

import numpy as np
import pytest

from streamdepth.imaging.film_bars import Box, inside_bars, is_unbarred, lit_box, lit_pixels
from streamdepth.pixels import I420, Picture, Rectangle

WIDE, HIGH = 160, 90


def barred(top: int, bottom: int, left: int = 0, right: int = 0, *, planes: bool = True) -> Picture:
    """Noise between bars as a codec leaves them."""
    generator = np.random.default_rng(1)
    y = generator.integers(15, 21, (HIGH, WIDE)).astype(np.uint8)
    y[top : HIGH - bottom, left : WIDE - right] = generator.integers(
        30, 220, (HIGH - top - bottom, WIDE - left - right)
    )
    if not planes:
        return Picture.of_bgr(np.repeat((y - 15)[..., None], 3, 2))
    grey = np.full((HIGH // 2, WIDE // 2), 128, np.uint8)
    return Picture.of_i420(I420(y, grey, grey))


@pytest.mark.parametrize("planes", [True, False])
@pytest.mark.parametrize("bars", [(12, 12, 0, 0), (0, 0, 55, 54), (5, 7, 11, 11), (0, 0, 0, 0)])
def test_what_is_lit_is_what_is_inside(bars: tuple[int, int, int, int], planes: bool) -> None:
    top, bottom, left, right = bars
    assert lit_box(lit_pixels(barred(*bars, planes=planes))) == Box(left, top, WIDE - right, HIGH - bottom)


def test_a_black_picture_has_nothing_lit_and_specks_do_not_count() -> None:
    picture = barred(45, 45)
    assert isinstance(picture.native, I420)
    assert lit_box(lit_pixels(picture)) is None
    picture.native.y[10, 10] = 235
    assert lit_box(lit_pixels(picture)) is None


def test_subtitles_in_a_bar_are_no_part_of_the_film() -> None:
    picture = barred(12, 12)
    assert isinstance(picture.native, I420)
    picture.native.y[82:87, 30:130] = 235
    assert lit_box(lit_pixels(picture)) == Box(0, 12, WIDE, 78)


def test_what_is_lit_of_a_film_is_what_is_lit_in_any_of_its_pictures() -> None:
    spot = barred(30, 30, 50, 50)
    assert lit_box(lit_pixels(spot)) == Box(50, 30, WIDE - 50, 60)
    assert lit_box(lit_pixels(spot) | lit_pixels(barred(12, 12))) == Box(0, 12, WIDE, 78)


@pytest.mark.parametrize(
    ("box", "inside"),
    [
        (Box(0, 12, WIDE, 78), Rectangle(0, 12, WIDE, 66)),
        (Box(0, 11, WIDE, 79), Rectangle(0, 10, WIDE, 70)),  # even, and nothing lit outside
        (Box(55, 0, 106, HIGH), Rectangle(54, 0, 52, HIGH)),
        (Box(0, 0, WIDE, HIGH), None),
        (Box(0, 1, WIDE, 89), None),  # too thin
        (Box(0, 30, WIDE, HIGH), None),  # a dark sky
        (Box(0, 20, WIDE, 80), None),  # askew
        (Box(60, 30, 100, 60), None),  # a light in the dark
    ],
)
def test_bars_are_alike_and_leave_a_picture_between_them(box: Box, inside: Rectangle | None) -> None:
    assert inside_bars(box, WIDE, HIGH) == inside


def test_a_film_that_is_lit_at_its_edges_has_no_bars() -> None:
    assert not is_unbarred(Box(0, 12, WIDE, 70), WIDE, HIGH)
    assert not is_unbarred(Box(55, 0, 105, HIGH), WIDE, HIGH)
    assert is_unbarred(Box(0, 1, WIDE, 70), WIDE, HIGH)
