from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from streamdepth.frames import SourceInfo
from streamdepth.metres.calibration import Calibration
from streamdepth.metres.fit import fit
from streamdepth.metres.ruler import Ruler
from streamdepth.promise.keeper import Keeper
from streamdepth.promise.ladder import Rung
from streamdepth.promise.promises import keeper_of
from streamdepth.promise.target import Target
from streamdepth.run.network.loading import load_network
from streamdepth.run.promise import rung_engine
from streamdepth.run.promise.keep import engines_that_keep, pace_of
from streamdepth.run.promise.spec import PromiseSpec
from streamdepth.run.spec import InputSpec, RunSpec

DEMO = InputSpec(input="demo")
GREY = np.zeros((2, 2), np.uint8)
INFO = SourceInfo(64, 48, None, True, read_timeout=1.0)


class Engine:
    """One that promised something, or not."""

    def __init__(self, keeper: Keeper | None) -> None:
        self.keeper = keeper


def test_engines_stay_as_they_are_where_nothing_is_promised() -> None:
    assert engines_that_keep(load_network, RunSpec(DEMO)) is load_network
    promising = RunSpec(DEMO, promise=PromiseSpec(target_latency=0.05))
    assert engines_that_keep(load_network, promising) is not load_network


@pytest.mark.parametrize("has_distances", [False, True])
def test_a_network_is_kept_where_one_of_several_cameras_has_distances(
    monkeypatch, has_distances: bool
) -> None:
    asked: dict[str, object] = {}
    monkeypatch.setattr(rung_engine, "rung_engines", lambda *_, **options: asked.update(options))
    far = RunSpec(InputSpec(input="rtsp://a", metres=Path("a.metres") if has_distances else None))
    common = RunSpec(promise=PromiseSpec(target_latency=0.05))
    engines_that_keep(load_network, common, [RunSpec(DEMO), far])
    assert asked == {"interpolates": False, "for_several": True, "one_network": has_distances}
    engines_that_keep(load_network, replace(far, promise=common.promise))
    assert asked == {"interpolates": False, "for_several": False, "one_network": has_distances}


def test_a_run_has_a_part_in_what_its_engine_promised() -> None:
    seen: list[object] = []
    renderer = SimpleNamespace(ruler=None)
    keeper = Keeper(Target(0.05), [Rung("nano", 256, "fp32", 0.01)], lambda _line: None)
    pace = pace_of(Engine(keeper), INFO, seen.append, renderer)
    assert pace is not None
    assert pace.due_rate == 30.0  # of an input that does not say
    assert keeper.figures()["held"] is None
    values = np.ones((2, 2), np.float32)
    renderer.ruler = Ruler(
        Calibration(fit(np.array([1.0, 2.0]), np.array([2.0, 1.0])), values, GREY, "nano", "ab")
    )
    assert keeper.figures()["held"] == "nano"
    assert keeper_of(Engine(None)) is None
    assert pace_of(Engine(None), INFO, seen.append, renderer) is None
    assert pace_of(object(), INFO, seen.append, renderer) is None
    pace.close()
    assert seen == []  # nothing came, so there is nothing to tell
