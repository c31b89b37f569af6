from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from streamdepth.frames import DepthMap, DepthRange
from streamdepth.rendering.horizon import AT_ONCE, Coming, Horizon, View
from streamdepth.rendering.shots import FIRST, LastShown, Step

RATE = 10
NEXT = Step(1 / RATE, starts=False)
STILL = np.ones((1, 40), np.float32)


def coming(index, *, value=None, step=NEXT, stayed=STILL, shape=(2, 80)):
    """A picture whose depth is its index everywhere."""
    number = float(index if value is None else value)
    shown = LastShown(np.zeros((18, 32), np.uint8), Fraction(index, RATE))
    values = np.full(shape, number, np.float32)
    half = values[::2, ::2].copy()
    return Coming(DepthMap(values), DepthRange(number, number + 1), step, half, stayed, shown, None)


THREE = Horizon(Fraction(1), 3)


def view(*pictures, horizon=THREE):
    made = View(horizon)
    for one in pictures:
        made.add(one)
    return made


def test_without_a_horizon_nothing_is_waited_for_and_nothing_changes():
    alone = view(coming(0), horizon=AT_ONCE)
    assert alone.is_complete
    first, depth, span = alone.take()
    assert depth is first.depth
    assert span == DepthRange(0, 1)
    assert not alone.is_complete


@pytest.mark.parametrize(("seconds", "most", "needed"), [("1", 3, 4), ("0.2", 30, 3)])
def test_a_picture_waits_for_so_many_pictures_or_seconds(seconds, most, needed):
    waiting = View(Horizon(Fraction(seconds), most))
    for index in range(needed):
        assert not waiting.is_complete
        waiting.add(coming(index))
    assert waiting.is_complete


def test_what_stays_is_averaged_with_what_it_will_be_and_the_range_is_the_mean():
    _, depth, span = view(*map(coming, range(4))).take()
    assert np.allclose(depth.values, 1.5)
    assert span == DepthRange(1.5, 2.5)


def test_no_more_than_the_horizon_counts_however_much_is_known():
    _, depth, span = view(*map(coming, range(9))).take()
    assert np.allclose(depth.values, 1.5)
    assert span == DepthRange(1.5, 2.5)


def test_a_pixel_that_will_be_something_else_keeps_its_depth_until_then():
    moved = STILL.copy()
    moved[0, 0] = 0.0
    _, depth, _ = view(coming(0), coming(1), coming(2, stayed=moved), coming(3)).take()
    assert np.allclose(depth.values[:, 0], 0.5)
    assert np.allclose(depth.values[:, -1], 1.5)


def test_a_surface_that_drifts_has_no_seam_where_a_part_of_it_is_covered_later():
    covered = STILL.copy()
    covered[0, 20:] = 0.0
    _, depth, _ = view(coming(0), coming(1), coming(2, stayed=covered), coming(3)).take()
    assert np.allclose(depth.values[:, 0], 1.5)
    assert np.allclose(depth.values[:, 42:], 0.5), "what covers it counts nowhere"
    steps = np.diff(depth.values)
    assert steps.max() <= 0
    assert steps.min() > -0.2


@pytest.mark.parametrize("apart", [{"step": FIRST, "stayed": None}, {"shape": (3, 80)}])
def test_a_cut_and_another_size_of_maps_end_the_view(apart):
    made = view(coming(0), coming(1), coming(2, **apart), coming(3))
    _, depth, span = made.take()
    assert np.allclose(depth.values, 0.5)
    assert span == DepthRange(0.5, 1.5)


def test_of_many_pictures_each_so_manyth_is_averaged_and_what_moved_between_counts():
    horizon = Horizon(Fraction(100), 30)
    assert horizon.stride == 2
    moved = STILL.copy()
    moved[0, 0] = 0.0
    pictures = [coming(index, stayed=moved if index == 3 else STILL) for index in range(5)]
    _, depth, span = view(*pictures, horizon=horizon).take()
    assert np.allclose(depth.values[:, -1], (0 + 2 + 4) / 3)
    assert np.allclose(depth.values[:, 0], (0 + 2) / 2)
    assert span == DepthRange(2, 3)


def test_what_is_finer_than_half_the_size_stays_where_it_is():
    grain = np.tile(np.array([[1.0, -1.0], [-1.0, 1.0]], np.float32), 40)
    first = replace(coming(0), depth=DepthMap(grain), half=np.zeros_like(STILL))
    _, depth, _ = view(first, *map(coming, range(1, 4))).take()
    assert np.allclose(depth.values, grain + 1.5)


def test_maps_that_are_not_steadied_stay_as_they_are():
    first, depth, span = view(*(coming(index, stayed=None) for index in range(4))).take()
    assert depth is first.depth
    assert span == DepthRange(1.5, 2.5)


def test_nothing_of_what_waited_is_left_once_it_is_cleared():
    made = view(*map(coming, range(4)))
    made.clear()
    assert not made.is_complete
    assert len(made) == 0
