"""Engines that answer and take as long as the test says."""

import pytest

from streamdepth.engine import Engine, EngineOptions
from streamdepth.engine.selection import automatic as pick
from streamdepth.engine.selection.automatic import pick_way
from streamdepth.engine.selection.model import ChosenFile
from streamdepth.engine.selection.ways import Way
from streamdepth.models.export.formats import NetworkFormat
from streamdepth.models.registry import find_card

EXACT, HALF, OTHER = Way("openvino", "fp32"), Way("openvino", "bf16"), Way("onnxruntime", "fp32")
SECONDS = {EXACT: 0.009, HALF: 0.005, OTHER: 0.010}


class Fake:
    """A runtime whose depth is the red channel with some error in it."""

    def __init__(self, way, error, step=1):
        self.name, self.precision = way.runtime, way.precision
        self._error, self._step = error, step

    def infer(self, batch):
        depth = batch[:, 0].copy()
        depth[:, ::2] += self._error
        return depth[:, :: self._step]


@pytest.fixture
def house(monkeypatch, tmp_path):
    return House(monkeypatch, tmp_path)


class House:
    """Opens the ways, remembers which, and has the clock."""

    def __init__(self, monkeypatch, folder):
        self.opened, self.told, self.broken = [], [], {}
        self.errors, self.sizes = {}, {}
        self._options = EngineOptions(size=64, cache_dir=folder)
        self._chosen = ChosenFile(folder / "net.onnx", NetworkFormat.ONNX, "ab" * 32, "auto")
        self.measured = 0
        self.run = lambda run: run()
        monkeypatch.setattr(pick, "time_ways", self._time)
        monkeypatch.setattr("streamdepth.engine.runtimes.openvino.has_bf16", lambda: True)

    def _time(self, runs):
        self.measured += 1
        for run in runs.values():
            self.run(run)
        return {way: SECONDS[way] for way in runs}

    def open(self, way):
        self.opened.append(way)
        if way in self.broken:
            raise self.broken[way]
        return Engine(self.make_runtime(way), find_card("nano"), "ab" * 32, 64)

    def make_runtime(self, way):
        return Fake(way, self.errors.get(way, 0.0), self.sizes.get(way, 1))

    def pick(self, *ways):
        engine = pick_way(ways, self._chosen, self._options, self.told.append, self.open)
        return Way(engine.runtime_name, engine.precision)
