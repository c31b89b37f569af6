from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from estimates import SPAN, draw
from places import REPOSITORY

from streamdepth.errors import UsageError
from streamdepth.rendering import LAYOUTS, Renderer
from streamdepth.rendering.layouts.focus import HasFocus
from streamdepth.rendering.layouts.registry import layout_named, layout_of_size
from streamdepth.rendering.layouts.stereo import HasParallax

HELP = REPOSITORY / "docs/reference/command.md"
EVERY_LAYOUT = pytest.mark.parametrize("name", LAYOUTS)
POINTS = [(x, y) for x in (0.0, 0.2, 0.5, 0.8, 1.0) for y in (0.0, 0.4, 1.0)]


@EVERY_LAYOUT
@pytest.mark.parametrize("size", [(64, 36), (33, 7)])
def test_a_layout_draws_in_the_size_that_it_tells(name, size):
    width, height = size
    shape = draw(Renderer(name, scale=SPAN), width=width, height=height).shape
    assert layout_named(name).size(size) == shape[1::-1]


@EVERY_LAYOUT
def test_a_layout_is_found_by_its_word(name):
    assert layout_named(name).name == name


def test_a_word_for_no_layout_says_which_there_are():
    with pytest.raises(UsageError, match=r"no layout 'upside-down'.*overlay, depth, side-by-side"):
        layout_named("upside-down")


@EVERY_LAYOUT
def test_the_help_of_the_command_names_every_layout(name):
    of_a_run = HELP.read_text(encoding="utf-8").partition("## streamdepth completion")[0]
    assert name in of_a_run


@EVERY_LAYOUT
def test_the_layout_of_a_picture_is_found_by_the_sizes(name):
    size = (64, 36)
    shown = layout_named(name).size(size)
    found = layout_of_size(shown, size)
    assert found is not None
    assert found.size(size) == shown


def test_a_picture_of_a_size_that_no_layout_draws_has_none():
    assert layout_of_size((64, 36), (64, 35)) is None


def test_layouts_of_one_size_show_every_point_in_the_same_place():
    """So a point of a picture can be found by the sizes alone."""
    for first, second in combinations(map(layout_named, LAYOUTS), 2):
        if first.size((64, 36)) == second.size((64, 36)):
            assert [first.point(at) for at in POINTS] == [second.point(at) for at in POINTS]


@pytest.mark.parametrize(
    "name", [name for name in LAYOUTS if not isinstance(layout_named(name), HasParallax | HasFocus)]
)
def test_a_point_of_the_shown_picture_is_the_one_with_that_depth(name):
    """Depth rises from left to right: what is brighter in the shown depth is farther right in the picture."""
    image = draw(Renderer(name, "gray", 1.0, scale=SPAN)).mean(axis=2)
    layout, width = layout_named(name), image.shape[1]
    columns = range(0, width, 7)
    points = [layout.point(((x + 0.5) / width, 0.5)) for x in columns]
    assert all(point is not None for point in points)
    shown = layout.size((1, 1))[0]
    right = [
        (point[0], image[90, x])
        for point, x in zip(points, columns, strict=True)
        if x >= width - width / shown
    ]
    assert np.allclose([255 * x for x, _ in right], [level for _, level in right], atol=4)
