from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from streamdepth.engine import EngineOptions
from streamdepth.errors import UsageError
from streamdepth.server import models
from streamdepth.threads.aside import run_aside


def load(*arguments):
    """In a thread of its own, which gives way."""
    return run_aside("loading", lambda: models.load(*arguments))


@dataclass
class Stands:
    name: str
    lanes: int = 8
    warmed: list[tuple[int, int]] = field(default_factory=list)
    sha256: str = "ab"
    runtime_name: str = "stand-in"
    precision: str = "fp32"

    def lanes_of(self, most):
        return [Stands(self.name) for _ in range(min(most, self.lanes))]

    def warm_up(self, width, height):
        self.warmed.append((width, height))


def test_every_lane_has_an_engine_of_its_own_of_every_model():
    asked = []

    def load_engine(options):
        asked.append((options.model, options.threads, options.side_by_side))
        return Stands(options.model)

    found = load(EngineOptions(), ("nano", "midas-small"), 3, load_engine)
    assert asked == [("nano", 3, True), ("midas-small", 3, True)]
    assert [model.name for model in found.models] == ["nano", "midas-small"]
    assert len({id(engine) for lane in found.lanes for engine in lane.values()}) == 6
    assert all(engine.warmed for lane in found.lanes for engine in lane.values())
    assert found.named("").name == "nano"
    assert found.named("midas-small").name == "midas-small"
    with pytest.raises(UsageError, match="ask for nano, midas-small"):
        found.named("other")


def test_what_cannot_be_served_is_one_sentence():
    with pytest.raises(UsageError, match=r"one picture at a time \(use --engine"):
        load(EngineOptions(), ("nano",), 2, lambda options: Stands(options.model, lanes=1))
    with pytest.raises(UsageError, match="named twice"):
        load(EngineOptions(), ("nano", "auto"), 2, lambda _options: Stands("nano"))
