from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from engine_loading import load_engine

from streamdepth.engine.engine import Engine
from streamdepth.frames import Estimate, Frame
from streamdepth.models.registry import MIDAS_SMALL
from streamdepth.pixels import Picture
from streamdepth.promise.controller import State
from streamdepth.promise.promises import keeper_of
from streamdepth.rendering.range import MovingRange, percentile_range
from streamdepth.rendering.stabilise.stabiliser import Stabiliser
from streamdepth.rendering.stream import DepthStream
from streamdepth.reporting.events import Event, LoadBegan, ignore
from streamdepth.run.promise import rung_engine as module
from streamdepth.run.promise.rung_engine import RungEngine, rung_engines, sizes_below
from streamdepth.run.promise.spec import PromiseSpec
from streamdepth.run.spec import NetworkSpec
from streamdepth.sources.demo.source import DemoScene

PICTURE = Picture.of_bgr(DemoScene(128, 96).draw(0))
PROMISE = PromiseSpec(target_latency=0.05)
ALONE = NetworkSpec("nano")


@pytest.fixture(scope="module")
def nano() -> Engine:
    return load_engine("nano", runtime="onnxruntime", precision="fp32", threads=1)


@pytest.fixture(autouse=True)
def _times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Depth takes as long as its size says."""
    monkeypatch.setattr(module, "times_of", lambda _engine, sizes, *_: {s: s / 1e4 for s in sizes})


def engine_of(nano: Engine, network: NetworkSpec = ALONE, **more: bool) -> RungEngine:
    def load(wanted: NetworkSpec, *_: object) -> Engine:
        if wanted.model == "nano":
            return nano.resized(wanted.size)
        return Engine(nano.runtime, replace(nano.card, name=MIDAS_SMALL.name), "ab", wanted.size)

    options = {"interpolates": False, "for_several": False} | more
    engine = rung_engines(load, PROMISE, **options)(network, None, ignore)
    assert isinstance(engine, RungEngine)
    return engine


def ways(engine: RungEngine) -> list[tuple[str, int, int]]:
    assert engine.keeper is not None
    return [(rung.model, rung.size, rung.interval) for rung in engine.keeper.rungs]


def at(engine: RungEngine, rung: int) -> RungEngine:
    assert engine.keeper is not None
    engine.keeper._state = State(rung, 0.0)
    return engine


def test_sizes_go_down_from_the_one_that_was_asked_for(nano: Engine) -> None:
    assert sizes_below(nano, 256) == [256, 192, 160, 128]
    assert sizes_below(nano, 512) == [512, 256, 160, 128]
    assert sizes_below(nano, 160) == [160, 128]
    assert sizes_below(nano, 64) == [64]
    fixed = Engine(nano.runtime, replace(nano.card, fixed_size=(256, 192)), "ab", 256)
    assert sizes_below(fixed, 256) == [256]


def test_the_better_network_comes_first_where_both_may_be_taken(nano: Engine) -> None:
    found = ways(engine_of(nano, NetworkSpec("auto")))
    assert found[:2] == [("midas-small", 256, 1), ("midas-small", 192, 1)]
    assert found[2:] == [("nano", 160, 1), ("nano", 128, 1), ("nano", 128, 2), ("nano", 128, 3)]
    assert {model for model, *_ in ways(engine_of(nano, NetworkSpec("midas-small")))} == {"midas-small"}


def test_where_distances_were_taken_with_one_network_no_other_is_taken(nano: Engine) -> None:
    found = ways(engine_of(nano, NetworkSpec("auto"), one_network=True))
    assert {model for model, *_ in found} == {"midas-small"}
    assert [size for _, size, interval in found if interval == 1] == [256, 192, 160, 128]


def test_pictures_between_are_not_left_out_where_they_are_shown_too(nano: Engine) -> None:
    assert {interval for *_, interval in ways(engine_of(nano, interpolates=True))} == {1}


def test_maps_are_of_one_size_on_every_rung_and_say_the_same(nano: Engine) -> None:
    engine = engine_of(nano)
    engine.warm_up(128, 96)
    maps = [at(engine, rung).estimate_picture(PICTURE).values for rung in range(4)]
    assert {values.shape for values in maps} == {(192, 256)}
    assert np.array_equal(maps[0], nano.resized(256).estimate_picture(PICTURE).values)
    assert all(not np.array_equal(maps[0], other) for other in maps[1:])
    assert all(np.corrcoef(maps[0].ravel(), other.ravel())[0, 1] > 0.6 for other in maps[1:])


def test_what_it_says_of_itself_is_of_the_rung_it_is_on(nano: Engine) -> None:
    engine = engine_of(nano, NetworkSpec("auto"))
    assert (engine.name, engine.input_size(128, 96)) == ("midas-small", (256, 192))
    assert engine.estimate_picture(PICTURE).network == "ab"
    at(engine, 3)
    assert engine.estimate_picture(PICTURE).network == nano.sha256
    assert (engine.name, engine.sha256, engine.input_size(128, 96)) == ("nano", nano.sha256, (128, 96))
    assert (engine.runtime_name, engine.precision) == ("onnxruntime", "fp32")


def test_what_several_share_has_all_rungs_in_each_lane_and_one_promise(nano: Engine) -> None:
    engine = engine_of(nano, for_several=True)
    engine.estimate(PICTURE.bgr)
    engine.lanes[0].estimate(PICTURE.bgr)
    assert engine.keeper is not None
    assert sum(rung["maps"] for rung in engine.keeper.figures()["rungs"]) == 2
    again = rung_engines(lambda *_: engine, PROMISE, interpolates=False, for_several=False)
    assert again(NetworkSpec(), None, ignore) is engine
    assert keeper_of(engine) is engine.keeper


def test_it_is_said_that_sizes_are_being_measured(nano: Engine, tmp_path: Path) -> None:
    seen: list[Event] = []
    load = rung_engines(lambda *_: nano, PROMISE, interpolates=False, for_several=False)
    load(NetworkSpec("nano"), tmp_path, seen.append)
    assert LoadBegan() in seen


def test_a_step_to_another_size_is_no_jump_in_a_still_picture(nano: Engine) -> None:
    engine, stream = engine_of(nano), DepthStream(MovingRange(), Stabiliser())
    shown, raw = [], []
    for number in range(24):
        at(engine, 0 if number < 12 else 3)
        frame = Frame(number, Fraction(number, 30), number / 30, PICTURE)
        raw.append(engine.estimate_picture(PICTURE))
        scaled = stream.take(Estimate(frame, raw[-1], 0.0))
        shown.append((scaled.depth.values - scaled.span.low) / (scaled.span.high - scaled.span.low))
    first, last = (percentile_range(depth.values) for depth in (raw[0], raw[-1]))
    small = (raw[-1].values - last.low) / (last.high - last.low)
    jump = np.abs(small - (raw[0].values - first.low) / (first.high - first.low)).mean()
    steps = [float(np.abs(new - old).mean()) for old, new in itertools.pairwise(shown)]
    assert max(steps) < 0.1 * jump
    assert jump > 0.002
