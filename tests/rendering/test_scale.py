from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from streamdepth.frames import DepthMap, Frame
from streamdepth.pixels import I420, Picture
from streamdepth.rendering.scale import (
    CutDetector,
    DepthRange,
    FixedRange,
    FrameRange,
    MovingRange,
    grey_thumbnail,
    percentile_range,
)


def grey(level, width=320, height=180):
    return Picture.of_bgr(np.full((height, width, 3), level, np.uint8))


def frame(seconds, picture=None):
    return Frame(0, Fraction(seconds), 0.0, picture or grey(90))


def depth(low, high):
    return DepthMap(np.linspace(low, high, 64 * 64, dtype=np.float32).reshape(64, 64))


def test_percentiles_leave_out_two_percent_at_each_end():
    span = percentile_range(depth(0, 100).values)
    assert span.low == pytest.approx(2, abs=0.1)
    assert span.high == pytest.approx(98, abs=0.1)


def test_one_wild_pixel_does_not_move_the_range():
    values = depth(0, 100).values.copy()
    values[0, 0] = 1e9
    assert percentile_range(values).high < 100


@pytest.mark.parametrize("rate", [5, 60])
def test_the_range_settles_with_a_time_constant_in_seconds_whatever_the_frame_rate(rate):
    scale = MovingRange(time_constant=0.7)
    scale(frame(0), depth(0, 100))
    for n in range(1, rate * 7 // 10 + 1):
        span = scale(frame(Fraction(n, rate)), depth(0, 200))
    start, goal = percentile_range(depth(0, 100).values).high, percentile_range(depth(0, 200).values).high
    elapsed = (rate * 7 // 10) / rate
    assert (span.high - start) / (goal - start) == pytest.approx(1 - math.exp(-elapsed / 0.7), abs=0.02)


def test_a_scene_cut_leaves_no_trace_of_the_old_range():
    scale = MovingRange()
    scale(frame(0, grey(30)), depth(0, 1000))
    assert scale(frame(Fraction(1, 25), grey(200)), depth(0, 1)).high == pytest.approx(0.98, abs=0.01)


def test_without_a_cut_the_old_range_fades():
    scale = MovingRange()
    scale(frame(0), depth(0, 1000))
    assert scale(frame(Fraction(1, 25)), depth(0, 1)).high > 500


@pytest.mark.parametrize("seconds", [60, -1])
def test_a_long_gap_and_a_jump_back_start_anew(seconds):
    scale = MovingRange()
    scale(frame(10), depth(0, 1000))
    assert scale(frame(10 + seconds), depth(0, 1)).high < 1


def test_a_fixed_range_and_the_range_of_each_frame():
    assert FixedRange(DepthRange(1, 2))(frame(0), depth(0, 9)) == DepthRange(1, 2)
    per_frame = FrameRange()
    per_frame(frame(0), depth(0, 1000))
    assert per_frame(frame(0), depth(0, 1)).high < 1


def test_noise_and_a_slow_change_of_light_are_no_cuts():
    rng = np.random.default_rng(1)
    scene = rng.integers(0, 200, (180, 320, 3))
    detector = CutDetector()
    for step in range(30):
        noisy = np.clip(scene + rng.normal(0, 12, scene.shape) + step, 0, 255).astype(np.uint8)
        assert not detector.is_cut(Picture.of_bgr(noisy))


def test_a_new_picture_is_a_cut_once():
    detector = CutDetector()
    answers = [detector.is_cut(grey(level)) for level in (40, 40, 160, 160)]
    assert answers == [False, False, True, False]


def test_the_thumbnail_of_planes_is_their_luma():
    half = np.full((90, 160), 128, np.uint8)
    planes = Picture.of_i420(I420(np.full((180, 320), 77, np.uint8), half, half))
    assert np.array_equal(grey_thumbnail(planes), np.full((18, 32), 77, np.uint8))


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (33, 17), (4096, 2160)])
def test_a_thumbnail_can_be_made_of_any_size(size):
    assert grey_thumbnail(grey(5, *size)).shape == (18, 32)


def test_after_a_reset_the_range_is_the_next_frame_s_own():
    fresh, used = MovingRange(), MovingRange()
    used(frame(0), depth(0, 9))
    used.reset()
    assert used(frame(0.04), depth(20, 30)) == fresh(frame(0.04), depth(20, 30))


@pytest.mark.parametrize("scale", [FixedRange(DepthRange(1, 2)), FrameRange()])
def test_a_range_without_a_past_is_the_same_after_a_reset(scale):
    before = scale(frame(0), depth(0, 9))
    scale.reset()
    assert scale(frame(0), depth(0, 9)) == before
