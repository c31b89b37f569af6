"""A runtime that was asked for and gives other depth than the reference."""

from dataclasses import replace

import pytest

from streamdepth.engine.selection.reference import warn_of_other_depth
from streamdepth.engine.selection.ways import Way
from streamdepth.errors import ModelError
from streamdepth.models.export.formats import NetworkFormat

EXACT, OTHER = Way("openvino", "fp32"), Way("onnxruntime", "fp32")


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
