"""Blur by distance from what is in focus."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from streamdepth.pixels import I420, Picture, Rectangle
from streamdepth.rendering.colormaps import lookup_table
from streamdepth.rendering.layouts.focus import Focus
from streamdepth.rendering.layouts.registry import layout_with
from streamdepth.rendering.parallax import USUAL

WIDTH, HEIGHT = 256, 128
TABLE = lookup_table("gray")
HALF = slice(0, WIDTH // 2), slice(WIDTH // 2, WIDTH)


def stripes() -> NDArray[np.uint8]:
    """Of two pixels each, black and white: a blur is seen everywhere."""
    row = np.where(np.arange(WIDTH) // 2 % 2, 255, 0).astype(np.uint8)
    return np.repeat(np.tile(row, (HEIGHT, 1))[:, :, None], 3, axis=2)


def left_is_near() -> NDArray[np.uint8]:
    grey = np.zeros((HEIGHT, WIDTH), np.uint8)
    grey[:, HALF[0]] = 255
    return grey


def contrast(image: NDArray[np.uint8], columns: slice) -> float:
    return float(image[:, columns].astype(np.float32).std())


def draw(picture: Picture, grey: NDArray[np.uint8], focus: float) -> Picture:
    return Picture.of(Focus(focus).draw(picture, grey, TABLE, 0.6))


@pytest.mark.parametrize(("focus", "sharp", "soft"), [(0.0, 0, 1), (1.0, 1, 0)])
@pytest.mark.parametrize("as_planes", [False, True])
def test_what_is_in_focus_stays_and_the_rest_is_blurred(
    focus: float, sharp: int, soft: int, as_planes: bool
) -> None:
    picture = Picture.of_bgr(stripes())
    if as_planes:
        picture = Picture.of_i420(picture.i420)
    drawn = draw(picture, left_is_near(), focus)
    assert isinstance(drawn.native, I420) is as_planes
    inside = [slice(8, WIDTH // 2 - 8), slice(WIDTH // 2 + 8, WIDTH - 8)]
    assert np.array_equal(drawn.bgr[:, inside[sharp]], picture.bgr[:, inside[sharp]])
    assert contrast(drawn.bgr, inside[soft]) < 0.05 * contrast(picture.bgr, inside[soft])


def test_nothing_that_is_sharp_spills_over_its_edge() -> None:
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[:, HALF[0]] = 255  # white and near, before black
    drawn = draw(Picture.of_bgr(image), left_is_near(), 0.0).bgr
    assert drawn[:, HALF[1]].max() < 32
    assert drawn[:, HALF[0]].min() == 255


def test_bars_stay_black_and_stay_out_of_the_blur() -> None:
    image = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    image[:32] = image[-32:] = 0
    picture = replace(Picture.of_bgr(image), inner=Rectangle(0, 32, WIDTH, HEIGHT - 64))
    drawn = draw(picture, np.zeros((HEIGHT, WIDTH), np.uint8), 0.0).bgr
    assert drawn[:32].max() == drawn[-32:].max() == 0
    assert drawn[32:-32].min() > 190


def test_the_tiniest_picture_is_drawn_and_the_focus_is_what_was_asked_for() -> None:
    tiny = Picture.of_bgr(np.full((1, 2, 3), 9, np.uint8))
    assert draw(tiny, np.zeros((1, 2), np.uint8), 0.0).bgr.tolist() == [[[9] * 3] * 2]
    assert layout_with("focus", USUAL, 0.25) == Focus(0.25)
    assert Focus().size((64, 48)) == (64, 48)
    assert Focus().point((0.25, 0.5)) == (0.25, 0.5)
