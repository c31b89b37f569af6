from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from streamdepth.frames import DepthMap, DepthRange, Estimate, Frame
from streamdepth.pipeline.ahead import in_view
from streamdepth.pixels import Picture
from streamdepth.rendering.horizon import AT_ONCE, Horizon
from streamdepth.rendering.range import MovingRange, percentile_range
from streamdepth.rendering.stabilise.stabiliser import Stabiliser
from streamdepth.rendering.stream import DepthStream

SCENE = np.kron(np.random.default_rng(2).integers(80, 140, (18, 32)), np.ones((10, 10))).astype(np.uint8)


def frame(index, image=SCENE):
    return Frame(index, Fraction(index, 30), index / 30, Picture.of_bgr(image[:, :, None].repeat(3, axis=2)))


def estimate(index, low=0.0, high=1.0, image=SCENE):
    values = np.tile(np.linspace(low, high, 64, dtype=np.float32), (36, 1))
    return Estimate(frame(index, image), DepthMap(values), 0.01)


def test_without_a_stabiliser_depth_is_the_networks_own():
    stream = DepthStream(MovingRange())
    for index in range(3):
        given = estimate(index, high=index + 1.0)
        assert stream.take(given).depth is given.depth


def test_with_one_depth_and_its_range_hold_still():
    stream = DepthStream(MovingRange(), Stabiliser())
    first = stream.take(estimate(0))
    second = stream.take(estimate(1, low=0.1, high=1.3))
    assert np.abs(second.depth.values - first.depth.values).max() < 0.03
    assert second.span.high == pytest.approx(first.span.high, abs=0.01)


def test_a_cut_leaves_no_trace_of_depth_and_range_before():
    stream = DepthStream(MovingRange(), Stabiliser())
    stream.take(estimate(0, high=1000.0))
    other = estimate(1, image=255 - SCENE // 4)
    scaled = stream.take(other)
    assert np.array_equal(scaled.depth.values, other.depth.values)
    assert scaled.span == percentile_range(other.depth.values)


def test_a_locked_range_holds_until_it_is_let_go_and_then_is_the_present_one():
    stream = DepthStream(MovingRange(time_constant=0.001))
    span = stream.take(estimate(0)).span
    assert stream.toggle_lock() is True
    assert stream.take(estimate(1, high=50.0)).span == span
    assert stream.toggle_lock() is False
    assert stream.take(estimate(2, high=50.0)).span.high > 40


def test_a_range_given_at_the_start_can_be_let_go():
    stream = DepthStream(MovingRange(), locked=DepthRange(3, 4))
    assert stream.take(estimate(0)).span == DepthRange(3, 4)
    assert stream.toggle_lock() is False
    assert stream.take(estimate(1)).span.high < 1


@pytest.mark.parametrize("horizon", [AT_ONCE, Horizon(Fraction(1), 5)])
def test_a_picture_that_was_recorded_with_a_range_keeps_it_unless_another_is_held(horizon):
    spans = [DepthRange(0.1 * number - 0.1, 5.0) for number in range(8)]
    given = [estimate(number) for number in range(8)]
    given = [
        replace(one, frame=replace(one.frame, span=span)) for one, span in zip(given, spans, strict=True)
    ]
    held = DepthRange(1.0, 2.0)
    for locked, expected in ((None, spans), (held, [held] * 8)):
        stream = DepthStream(MovingRange(), locked=locked, horizon=horizon)
        assert [scaled.span for scaled, _ in drawn(stream, given)] == expected


def test_there_is_nothing_to_lock_before_the_first_map():
    assert DepthStream(MovingRange()).toggle_lock() is False


def test_between_two_maps_depth_moves_with_the_picture():
    stream = DepthStream(MovingRange())
    taken = stream.take(estimate(0))
    moved = stream.between(frame(2, np.roll(SCENE, 20, axis=1)))  # by four pixels of the map
    expected = np.roll(taken.depth.values, 4, axis=1)
    assert np.abs(moved.depth.values - expected)[6:-6, 12:-12].mean() < 0.01
    assert np.abs(taken.depth.values - expected)[6:-6, 12:-12].mean() > 0.05
    assert moved.span == taken.span


def test_between_does_not_change_what_comes_after():
    def later(*, looks):
        stream = DepthStream(MovingRange(), Stabiliser())
        stream.take(estimate(0))
        if looks:
            stream.between(frame(1, np.roll(SCENE, 9, axis=1)))
        return stream.take(estimate(2, high=1.2)).depth.values

    assert np.array_equal(later(looks=True), later(looks=False))


def test_depth_is_not_moved_before_there_is_any_nor_across_a_cut():
    stream = DepthStream(MovingRange())
    assert stream.between(frame(0)) is None
    stream.take(estimate(0))
    assert stream.between(frame(1, 255 - SCENE // 4)) is None


def test_after_a_reset_the_next_frame_starts_anew_and_a_held_range_stays():
    stream = DepthStream(MovingRange(), Stabiliser())
    stream.take(estimate(0, high=9.0))
    stream.reset()
    assert stream.between(frame(1)) is None
    other = estimate(1, low=20.0, high=30.0)
    scaled = stream.take(other)
    assert np.array_equal(scaled.depth.values, other.depth.values)
    assert scaled.span == percentile_range(other.depth.values)
    stream.toggle_lock()
    stream.reset()
    assert stream.take(estimate(2, high=500.0)).span == scaled.span


def test_steadying_is_turned_off_and_on_and_then_begins_anew():
    stream = DepthStream(MovingRange(), Stabiliser())
    stream.take(estimate(0, high=1.0))
    stream.steady(False)
    assert not stream.is_steadied
    bare = estimate(1, high=1.3)
    assert stream.take(bare).depth is bare.depth
    stream.steady(True)
    begun = stream.take(estimate(2, high=1.6))
    assert begun.depth.values.max() == pytest.approx(1.6)  # nothing is left of the first map
    stream.steady(True)  # again: it goes on
    assert np.abs(stream.take(estimate(3, high=1.9)).depth.values - begun.depth.values).max() < 0.05


@pytest.mark.parametrize("shape", [(320, 180), (90, 160)])
def test_depth_is_not_moved_to_a_picture_of_another_size(shape):
    stream = DepthStream(MovingRange())
    stream.take(estimate(0))
    other = np.ascontiguousarray(np.resize(SCENE, shape))
    assert stream.between(frame(1, other)) is None


def drawn(stream, estimates):
    """What a stream shows of them, each with what is known after it."""
    return [
        (stream.take(one), stream.state)
        for one in in_view(estimates, stream.foresee, lambda: stream.knows_next)
    ]


def of_flickering_scene(count=40, cut=25):
    rng = np.random.default_rng(5)
    scene = rng.random((36, 64)).astype(np.float32)
    for index in range(count):
        image = SCENE if index < cut else 255 - SCENE // 4
        flicker = rng.normal(0, 0.1, (18, 32)).astype(np.float32)  # of a network that is coarser than its map
        values = scene + np.kron(flicker, np.ones((2, 2), np.float32))
        yield Estimate(frame(index, image), DepthMap(values * (1 + index % 3 * 0.1)), 0.01)


def change_of(shown):
    return float(np.mean([np.abs(a.depth.values - b.depth.values).mean() for a, b in pairwise(shown)]))


def test_looking_ahead_makes_still_depth_and_range_steadier():
    estimates = list(of_flickering_scene())
    ahead, at_once = (
        [scaled for scaled, _ in drawn(DepthStream(MovingRange(), Stabiliser(), horizon=horizon), estimates)]
        for horizon in (Horizon(Fraction(1, 2), 15), AT_ONCE)
    )
    assert change_of(ahead[:20]) < 0.7 * change_of(at_once[:20])
    settled = at_once[24].span.high
    assert abs(ahead[0].span.high - settled) < 0.5 * abs(at_once[0].span.high - settled)


def test_nothing_of_what_comes_after_a_cut_is_seen_before_it():
    estimates = list(of_flickering_scene(cut=10))
    horizon = Horizon(Fraction(1, 2), 15)
    alone = drawn(DepthStream(MovingRange(), Stabiliser(), horizon=horizon), estimates[:10])
    in_all = drawn(DepthStream(MovingRange(), Stabiliser(), horizon=horizon), estimates)
    for (expected, _), (scaled, _) in zip(alone, in_all[:10], strict=True):
        assert np.array_equal(scaled.depth.values, expected.depth.values)
        assert scaled.span == expected.span


@pytest.mark.parametrize("border", [1, 7, 24, 25, 26, 39])
def test_a_stream_that_goes_on_from_a_state_comes_to_the_same_to_the_bit(border):
    estimates = list(of_flickering_scene())
    horizon = Horizon(Fraction(1, 3), 8)
    whole = drawn(DepthStream(MovingRange(), Stabiliser(), horizon=horizon), estimates)
    later = DepthStream(MovingRange(), Stabiliser(), horizon=horizon)
    later.restore(whole[border - 1][1])
    rest = drawn(later, estimates[border:])
    for (expected, _), (scaled, _) in zip(whole[border:], rest, strict=True):
        assert np.array_equal(scaled.depth.values, expected.depth.values)
        assert scaled.span == expected.span
