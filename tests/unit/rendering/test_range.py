from __future__ import annotations

import math

import numpy as np
import pytest

from streamdepth.frames import DepthMap
from streamdepth.rendering.range import (
    DepthRange,
    FixedRange,
    FrameRange,
    MovingRange,
    percentile_range,
)
from streamdepth.rendering.shots import FIRST, Step


def depth(low, high):
    return DepthMap(np.linspace(low, high, 64 * 64, dtype=np.float32).reshape(64, 64))


def seen(low, high):
    return percentile_range(depth(low, high).values)


def test_percentiles_leave_out_two_percent_at_each_end():
    span = percentile_range(depth(0, 100).values)
    assert span.low == pytest.approx(2, abs=0.1)
    assert span.high == pytest.approx(98, abs=0.1)


def test_one_wild_pixel_does_not_move_the_range():
    values = depth(0, 100).values.copy()
    values[0, 0] = 1e9
    assert percentile_range(values).high < 100


def after(seconds):
    return Step(seconds, starts=False)


@pytest.mark.parametrize("rate", [5, 60])
def test_the_range_settles_with_a_time_constant_in_seconds_whatever_the_frame_rate(rate):
    scale = MovingRange(time_constant=0.7)
    scale(seen(0, 100), FIRST)
    count = rate * 7 // 10
    for _ in range(count):
        span = scale(seen(0, 200), after(1 / rate))
    start, goal = percentile_range(depth(0, 100).values).high, percentile_range(depth(0, 200).values).high
    expected = 1 - math.exp(-count / rate / 0.7)
    assert (span.high - start) / (goal - start) == pytest.approx(expected, abs=0.02)


def test_a_new_shot_leaves_no_trace_of_the_old_range():
    scale = MovingRange()
    scale(seen(0, 1000), FIRST)
    assert scale(seen(0, 1), FIRST).high == pytest.approx(0.98, abs=0.01)


def test_within_a_shot_the_old_range_fades():
    scale = MovingRange()
    scale(seen(0, 1000), FIRST)
    assert scale(seen(0, 1), after(1 / 25)).high > 500


def test_a_fixed_range_and_the_range_of_each_frame():
    assert FixedRange(DepthRange(1, 2))(seen(0, 9), FIRST) == DepthRange(1, 2)
    per_frame = FrameRange()
    per_frame(seen(0, 1000), FIRST)
    assert per_frame(seen(0, 1), after(1 / 25)).high < 1
