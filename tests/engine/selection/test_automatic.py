"""The automatic choice, with engines that answer and take as long as the test says."""

from dataclasses import replace

import numpy as np
import pytest

from streamdepth.engine import Engine, EngineOptions
from streamdepth.engine.selection import automatic as pick
from streamdepth.engine.selection.automatic import pick_way
from streamdepth.engine.selection.model import ChosenFile, ChosenModel
from streamdepth.engine.selection.reference import warn_of_other_depth
from streamdepth.engine.selection.ways import Way
from streamdepth.errors import ModelError, WeightsError
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
        monkeypatch.setattr(pick, "time_ways", self._time)
        monkeypatch.setattr("streamdepth.engine.runtimes.openvino.has_bf16", lambda: True)

    def _time(self, runs):
        self.measured += 1
        return {way: SECONDS[way] for way in runs}

    def open(self, way):
        self.opened.append(way)
        if way in self.broken:
            raise self.broken[way]
        return Engine(
            Fake(way, self.errors.get(way, 0.0), self.sizes.get(way, 1)), find_card("nano"), "ab" * 32, 64
        )

    def pick(self, *ways):
        engine = pick_way(ways, self._chosen, self._options, self.told.append, self.open)
        return Way(engine.runtime_name, engine.precision)


def test_the_fastest_is_taken_told_and_remembered(house):
    assert house.pick(EXACT, HALF, OTHER) == HALF
    assert house.told == [
        "measuring which engine and precision are the fastest here, once: a few seconds",
        "openvino bf16: 1.8x the speed of fp32 here, agrees on 100.0 % of pixels",
    ]
    house.opened.clear()
    assert house.pick(EXACT, HALF, OTHER) == HALF
    assert (house.opened, house.measured, len(house.told)) == ([HALF], 1, 2)


def test_what_does_not_agree_is_not_taken_and_the_figure_is_told(house):
    house.errors[HALF] = 1.0
    assert house.pick(EXACT, HALF, OTHER) == EXACT
    assert house.told[-1].startswith("openvino fp32: the fastest of openvino fp32, onnxruntime fp32 here; ")
    assert "openvino bf16 agrees on " in house.told[-1]
    assert house.told[-1].endswith(" % of pixels only (99 % needed)")


def test_what_the_processor_cannot_do_is_not_opened(house, monkeypatch):
    monkeypatch.setattr("streamdepth.engine.runtimes.openvino.has_bf16", lambda: False)
    assert house.pick(EXACT, HALF, OTHER) == EXACT
    assert HALF not in house.opened
    assert (
        house.told[-1] == "openvino fp32: the fastest of openvino fp32, onnxruntime fp32 here; no bf16 here"
    )


def test_a_runtime_that_cannot_run_the_network_is_left_out_and_told(house):
    house.broken[EXACT] = house.broken[HALF] = ModelError("no such layer")
    assert house.pick(EXACT, HALF, OTHER) == OTHER
    assert "openvino fp32 is left out: no such layer" in house.told


def test_where_nothing_runs_the_first_error_is_raised(house):
    for way in (EXACT, OTHER):
        house.broken[way] = ModelError(f"{way} fails")
    with pytest.raises(ModelError, match="openvino fp32 fails"):
        house.pick(EXACT, OTHER)


def test_wrong_weights_are_an_error_at_once(house):
    house.broken[EXACT] = WeightsError("other keys")
    with pytest.raises(WeightsError, match="other keys"):
        house.pick(EXACT, OTHER)
    assert house.opened == [EXACT]


def test_depth_that_is_no_number_does_not_agree(house):
    house.errors[HALF] = np.nan
    assert house.pick(EXACT, HALF) == EXACT


def test_a_runtime_that_gives_other_depth_for_a_network_of_others_is_left_out_and_named(house):
    house.errors[EXACT] = house.errors[HALF] = 1.0
    assert house.pick(EXACT, HALF, OTHER) == OTHER
    assert house.told[-1].startswith(
        "onnxruntime fp32; openvino fp32 is left out: it gives other depth than "
    )
    assert "onnxruntime for this network (agrees on " in house.told[-1]
    assert "; openvino bf16 agrees on " in house.told[-1]


def test_it_is_left_out_also_where_float32_is_asked_for(house):
    house._options = EngineOptions(size=64, cache_dir=house._options.cache_dir, precision="fp32")
    house.errors[EXACT] = 1.0
    assert house.pick(EXACT, OTHER) == OTHER


def test_a_runtime_whose_maps_are_of_another_size_is_left_out(house):
    house.sizes[EXACT] = 2
    assert house.pick(EXACT, OTHER) == OTHER
    assert "agrees on 0.0 % of pixels" in house.told[-1]


def test_of_our_own_networks_the_first_in_float32_is_believed(house):
    house._chosen = ChosenModel(find_card("nano"), house._chosen.path, "ab" * 32)
    house.errors[EXACT] = 1.0
    assert house.pick(EXACT, OTHER) == EXACT


def warned(house, way, form=NetworkFormat.ONNX):
    chosen = replace(house._chosen, form=form)
    told = []
    warn_of_other_depth(house.open(way), chosen, house._options, told.append, house.open)
    return told


def test_the_one_runtime_that_was_asked_for_is_compared_once_and_warned_of_each_time(house):
    house.errors[EXACT] = 1.0
    (line,) = warned(house, EXACT)
    assert line.startswith("warning: openvino fp32: it gives other depth than onnxruntime for this network")
    assert line.endswith("use --engine auto")
    house.opened.clear()
    assert warned(house, EXACT) == [line]
    assert house.opened == [EXACT]


@pytest.mark.parametrize("way", [EXACT, OTHER])
def test_a_runtime_that_agrees_is_not_warned_of(house, way):
    assert warned(house, way) == warned(house, way) == []


def test_what_has_no_reference_is_not_compared(house):
    house.errors[EXACT] = 1.0
    assert warned(house, EXACT, form=NetworkFormat.OPENVINO) == []
    house.broken[OTHER] = ModelError("no such layer")
    assert warned(house, EXACT) == []
