"""What the window writes on a picture: where the ground lies, and how high the letters are."""

from __future__ import annotations

import numpy as np
import pytest

from streamdepth.pixels import BGRImage
from streamdepth.sinks.window.captions import with_caption

GREY = 100
DARK = 35
"""What is left of the grey under a caption."""


def grey(width: int, height: int) -> BGRImage:
    return np.full((height, width, 3), GREY, np.uint8)


def ground(image: BGRImage) -> tuple[int, int, int, int]:
    """First and last column, first and last row of all that a caption changed."""
    rows, columns = np.nonzero((image != GREY).any(axis=2))
    return int(columns.min()), int(columns.max()), int(rows.min()), int(rows.max())


def inked(image: BGRImage) -> tuple[int, int]:
    """Height and width of the box round the letters in pixels."""
    rows, columns = np.nonzero(image.max(axis=2) > 200)
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def test_the_picture_itself_stays_as_it_is() -> None:
    image = grey(320, 240)
    captioned = with_caption(image, ["freeze"], 12, centred=False)
    assert np.array_equal(image, grey(320, 240))
    assert captioned.shape == image.shape
    assert not np.array_equal(captioned, image)


def test_a_message_stands_in_the_lower_left_corner_on_a_darkened_ground() -> None:
    captioned = with_caption(grey(640, 480), ["inferno"], 12, centred=False)
    left, right, top, bottom = ground(captioned)
    assert (left, bottom) == (0, 479)
    assert right < 200
    assert bottom - top + 1 == round(1.8 * 12 + 12)
    assert (captioned[top, left] == DARK).all()
    assert captioned.max() == 255


def test_help_stands_in_the_middle() -> None:
    captioned = with_caption(grey(640, 480), ["space: pause", "q: quit"], 12, centred=True)
    left, right, top, bottom = ground(captioned)
    assert abs(left - (639 - right)) <= 1
    assert abs(top - (479 - bottom)) <= 1
    assert bottom - top + 1 == round(2 * 1.8 * 12 + 12)


@pytest.mark.parametrize("letter", [8, 16, 40])
def test_capital_letters_are_as_high_as_is_asked(letter: int) -> None:
    height, _ = inked(with_caption(grey(1280, 720), ["H"], letter, centred=True))
    assert height == pytest.approx(letter, rel=0.12, abs=2)


def test_each_line_is_below_the_one_before() -> None:
    captioned = with_caption(grey(640, 480), ["HHH"] * 3, 20, centred=True)
    has_ink = (captioned.max(axis=2) > 200).any(axis=1)
    begins = np.flatnonzero(np.diff(has_ink.astype(int)) == 1)
    assert np.diff(begins).tolist() == pytest.approx([36, 36], abs=1)


@pytest.mark.parametrize(("width", "height"), [(160, 480), (640, 30), (24, 18)])
@pytest.mark.parametrize("centred", [True, False])
def test_letters_shrink_until_all_lines_fit(width: int, height: int, centred: bool) -> None:
    lines = ["a line that is long enough for the widest of windows", "gj"]
    captioned = with_caption(grey(width, height), lines, 30, centred=centred)
    edges = (captioned[0], captioned[-1], captioned[:, 0], captioned[:, -1])
    assert max(int(edge.max()) for edge in edges) <= GREY, "no letter reaches an edge"
    assert captioned.max() > GREY, "there are letters"


def test_the_widest_line_decides_how_wide_the_ground_is() -> None:
    one = ground(with_caption(grey(640, 480), ["m" * 20], 12, centred=False))
    two = ground(with_caption(grey(640, 480), ["i", "m" * 20], 12, centred=False))
    assert one[1] == two[1]
