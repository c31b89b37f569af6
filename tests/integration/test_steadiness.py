"""What `scripts/bench/steadiness.py` shows, on short clips: the bundled network on the demo scene and a real face."""

from __future__ import annotations

import importlib.util
import sys
from fractions import Fraction

import numpy as np
import pytest
from places import REPOSITORY

import streamdepth

MEDIA = REPOSITORY.parent / "shared" / "media"
CARPHONE, BIKES = MEDIA / "carphone.mp4", MEDIA / "bikes.mp4"


@pytest.fixture(scope="module")
def bench():
    spec = importlib.util.spec_from_file_location("steadiness", REPOSITORY / "scripts/bench/steadiness.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def engine():
    return streamdepth.load_engine(model="nano", threads=1)


@pytest.fixture(scope="module")
def demo(bench, engine):
    return bench.demo_take(engine, range(45))


def wavering(bench, take):
    """`take` as a perfect network would see it whose scale and shift waver from frame to frame."""
    random = np.random.default_rng(3)
    maps = [
        (true * random.uniform(0.85, 1.15) + random.uniform(-0.05, 0.05)).astype(np.float32)
        for true in take.true
    ]
    return bench.Take(take.frames, maps, take.still, take.true)


@pytest.fixture(scope="module")
def perfect(bench, demo):
    return wavering(bench, demo)


@pytest.fixture(scope="module")
def face(bench, engine):
    if not CARPHONE.exists():
        pytest.skip(f"there is no {CARPHONE}")
    return bench.clip_take(engine, CARPHONE, 60)


@pytest.mark.parametrize("clip", ["demo", "face"])
def test_still_pixels_change_at_most_a_fifth_as_much_as_with_per_frame_min_and_max(bench, clip, request):
    found = bench.flicker_of(request.getfixturevalue(clip))
    assert found["stabilised"] <= found["per-frame min/max"] / 5
    assert found["stabilised"] < found["percentile range"] / 3


def test_written_values_of_still_pixels_change_hardly_more_than_the_picture(bench, face):
    picture, numbers = bench.change_of_written(bench.part_of(face, 0, 40))
    assert 0 < numbers <= 1.2 * picture


@pytest.mark.parametrize("clip", ["demo", "perfect", "face"])
def test_the_edges_of_what_moves_lag_at_most_one_frame(bench, clip, request):
    assert bench.edge_lag(request.getfixturevalue(clip)) <= 1


def test_a_lag_would_be_found(bench, perfect):
    late = bench.Take(perfect.frames, perfect.maps[:1] * 3 + perfect.maps[:-3], perfect.still, perfect.true)
    shown = bench.stabilised(late)
    assert bench.edge_lag(perfect, shown=shown) == 3


def test_a_still_thing_that_starts_to_move_shows_its_new_depth_within_a_fifth_of_a_second(bench, engine):
    take = bench.demo_take(engine, [0] * 60 + list(range(1, 16)))
    for seen in (take, wavering(bench, take)):
        assert bench.seconds_to_new_depth(bench.left_of_the_old(seen, 60)) <= 0.2
    assert bench.seconds_to_new_depth([1.0] * 9) > 0.2


def test_the_first_frame_after_a_cut_has_no_trace_of_what_was_before(bench, demo, face):
    assert bench.trace_of_old_range(demo, face) == 0.0


def test_depth_is_as_true_as_before(bench, demo):
    assert bench.delta_1(demo, bench.stabilised(demo)) >= bench.delta_1(demo, demo.maps) - 0.005


def test_a_man_who_walks_by_leaves_no_outlines_behind(bench):
    if not BIKES.exists():
        pytest.skip(f"there is no {BIKES}")
    take = bench.clip_take(streamdepth.load_engine(model="nano", size=320, threads=1), BIKES, 42)
    man = bench.part_of(take, 30, 42)
    ahead = [one.depth.values for one in bench.shown_ahead(man, Fraction(1))]
    for shown in (bench.stabilised(man), ahead):
        assert bench.outlines_left(man.maps, shown) < 8
    late = [man.maps[0], *man.maps[:-1]]
    assert bench.outlines_left(man.maps, late) > 8
