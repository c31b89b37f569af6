from __future__ import annotations

import numpy as np
import pytest
from estimates import HEIGHT, SPAN, WIDTH, draw

from streamdepth.pixels import I420, ColourMatrix, Picture, bgr_to_i420, i420_to_bgr
from streamdepth.rendering import Look, Renderer
from streamdepth.rendering.layouts.registry import layout_with
from streamdepth.rendering.layouts.stereo import Anaglyph, Stereo
from streamdepth.rendering.parallax import Parallax

TABLE = np.zeros((256, 1, 3), np.uint8)


def wall(level: int = 90, size: tuple[int, int] = (48, 64)) -> tuple[np.ndarray, np.ndarray]:
    """A grey wall with a white pole, and depth that has the pole before the wall."""
    image, grey = np.full((*size, 3), level, np.uint8), np.zeros(size, np.uint8)
    image[:, 30:36], grey[:, 30:36] = 255, 255
    return image, grey


def test_stereo_is_both_eyes_side_by_side() -> None:
    image, grey = wall()
    drawn = Stereo(Parallax(20, 1.0)).draw(Picture.of_bgr(image), grey, TABLE, 0.6)
    assert isinstance(drawn, np.ndarray)
    assert drawn.shape == (48, 128, 3)
    left, right = (np.nonzero(half[24, :, 0] > 230)[0].mean() for half in (drawn[:, :64], drawn[:, 64:]))
    assert left - right == pytest.approx(0.2 * 64, abs=1)
    assert Stereo().size((64, 48)) == (128, 48)
    assert Stereo().point((0.75, 0.5)) == (0.5, 0.5)


def test_an_anaglyph_of_what_lies_in_the_screen_keeps_its_grey_and_what_is_near_gets_two_edges() -> None:
    image, grey = wall()
    drawn = Anaglyph(Parallax(20, 1.0)).draw(Picture.of_bgr(image), grey, TABLE, 0.6)
    assert isinstance(drawn, np.ndarray)
    assert np.abs(drawn[24, 2].astype(int) - 90).max() <= 4
    blue, _, red = (np.nonzero(drawn[24, :, channel] > 200)[0].mean() for channel in range(3))
    assert red - blue == pytest.approx(0.2 * 64, abs=2)
    assert Anaglyph().size((64, 48)) == (64, 48)


@pytest.mark.parametrize("layout", [Stereo(), Anaglyph()], ids=["stereo", "anaglyph"])
def test_planes_stay_planes_in_their_matrix_and_range(layout: Stereo | Anaglyph) -> None:
    image, grey = wall(size=(47, 63))
    planes = bgr_to_i420(image, ColourMatrix.BT709, full_range=True)
    drawn = layout.draw(Picture.of_i420(planes), grey, TABLE, 0.6)
    assert isinstance(drawn, I420)
    assert (drawn.matrix, drawn.full_range) == (ColourMatrix.BT709, True)
    assert drawn.y.shape[::-1] == layout.size((63, 47))
    assert np.abs(i420_to_bgr(drawn)[20, 2].astype(int) - 90).max() <= 5


def test_the_look_says_how_deep_it_is() -> None:
    assert layout_with("stereo", Parallax(7, 0.2)) == Stereo(Parallax(7, 0.2))
    assert layout_with("anaglyph", Parallax(7, 0.2)) == Anaglyph(Parallax(7, 0.2))
    image = draw(Renderer(look=Look("stereo", parallax=Parallax(0.0, 0.5)), scale=SPAN), level=123)
    assert image.shape == (HEIGHT, 2 * WIDTH, 3)
    assert (image == 123).all()


def test_rgbd_is_grey_on_the_right_whatever_the_colours_are() -> None:
    drawn = draw(Renderer(look=Look("rgbd", "turbo", invert=True), scale=SPAN), level=123)
    grey = draw(Renderer(look=Look("depth", "gray"), scale=SPAN))
    assert (drawn[:, :WIDTH] == 123).all()
    assert np.array_equal(drawn[:, WIDTH:], grey)
