"""The automatic choice, with engines that answer and take as long as the test says."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from streamdepth.engine import EngineOptions
from streamdepth.engine.selection.model import ChosenModel
from streamdepth.engine.selection.ways import Way
from streamdepth.errors import ModelError, WeightsError
from streamdepth.models.registry import find_card

BOUND = 20.0
"""Seconds against hanging."""
EXACT, HALF, OTHER = Way("openvino", "fp32"), Way("openvino", "bf16"), Way("onnxruntime", "fp32")


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


def test_what_is_taken_has_nothing_left_of_the_pictures_that_were_compared(house):
    house.errors[HALF] = 1.0
    assert house.pick(EXACT, HALF) == EXACT
    assert house.opened == [EXACT, HALF, EXACT]


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


class TwoLanes:
    """A runtime that, alone, answers at once, and whose lanes answer only when both are at work."""

    precision = "fp32"

    def __init__(self, name, answered):
        self.name = name
        self._both, self._answered = threading.Barrier(2), answered

    def infer(self, batch):
        self._answered.append("alone")
        return batch[:, 0]

    def lanes(self, most):
        return (Lane(self), Lane(self))

    def infer_in_lane(self, batch):
        if threading.current_thread() is not threading.main_thread():  # where it is judged, there is one
            self._both.wait(BOUND)
        self._answered.append("both")
        return batch[:, 0]


class Lane:
    def __init__(self, runtime):
        self.name, self.precision, self.infer = runtime.name, runtime.precision, runtime.infer_in_lane


@pytest.mark.parametrize(("side_by_side", "ran"), [(False, {"alone"}), (True, {"both"})])
def test_what_is_timed_is_a_picture_or_one_in_each_lane_at_the_same_time(house, side_by_side, ran):
    answered = []
    house.run = lambda run: (answered.clear(), run())
    house._options = replace(house._options, side_by_side=side_by_side)
    house.make_runtime = lambda way: TwoLanes(way.runtime, answered)
    house.pick(EXACT, OTHER)
    assert set(answered) == ran


def test_the_best_for_one_picture_and_for_many_are_remembered_apart(house):
    house.pick(EXACT, OTHER)
    house._options = replace(house._options, side_by_side=True)
    for _ in range(2):
        house.pick(EXACT, OTHER)
    assert house.measured == 2
