from __future__ import annotations

import numpy as np
import pytest

from streamdepth.sinks.window.marks import draw_mark, draw_tag

GREY = 100


def changed(draw, size=(240, 320), at=(160, 120), words="2.35 m, within 7%", letter=14):
    """(left, top, right, bottom) of what was drawn."""
    image = np.full((*size, 3), GREY, np.uint8)
    draw(image, at, words, letter)
    rows, columns = np.nonzero(np.any(image != GREY, axis=2))
    return columns.min(), rows.min(), columns.max(), rows.max()


def test_words_are_beside_the_place_and_not_on_it():
    left, top, _, _ = changed(draw_tag, words="2 m")
    assert left > 160
    assert top > 120


@pytest.mark.parametrize("at", [(0, 0), (319, 0), (0, 239), (319, 239)])
def test_words_stay_in_the_picture(at):
    wide = changed(draw_tag, at=at, words="2.35 m")
    middle = changed(draw_tag, words="2.35 m")
    assert wide[2] - wide[0] == middle[2] - middle[0]
    assert wide[3] - wide[1] == middle[3] - middle[1]


@pytest.mark.parametrize("size", [(8, 8), (20, 300), (300, 20)])
def test_the_smallest_window_takes_them_without_an_error(size):
    image = np.full((*size, 3), GREY, np.uint8)
    draw_mark(image, (3, 3), "no metres: the camera was moved since its distances were taken", 17)


def test_a_mark_is_around_its_place():
    left, top, _, _ = changed(draw_mark)
    assert left < 160
    assert top < 120
