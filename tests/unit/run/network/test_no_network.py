"""A run whose input is depth colours it, or writes it in another form, and loads no network."""

from __future__ import annotations

import json

import numpy as np
import pytest
from depths import info, maps, write

from streamdepth.api import open_depth
from streamdepth.errors import ModelError
from streamdepth.pixels import Picture
from streamdepth.reporting.events import NetworkLoaded, OptionUnused
from streamdepth.run.network.no_network import NoNetwork
from streamdepth.run.run import Run
from streamdepth.run.spec import DepthFileSpec, InputSpec, NetworkSpec, OutputSpec, RunSpec
from streamdepth.sinks.depth.choice import sink_for
from streamdepth.sinks.depth.options import DepthOptions

VALUES = maps(3)
MODEL = {"model": {"name": "nano", "sha256": "ab"}}


@pytest.fixture
def film(tmp_path):
    write(sink_for(tmp_path / "d.mkv", info(), DepthOptions(origin=lambda: MODEL)), VALUES)
    return tmp_path / "d.mkv"


def unloadable(*_):
    raise AssertionError("a network was loaded")


def test_depth_is_coloured_and_written_again_without_a_network(film, tmp_path):
    output = OutputSpec(output=tmp_path / "heat.mp4", depth_output=tmp_path / "again")
    spec = RunSpec(
        InputSpec(input=str(film)),
        output=output,
        depth=DepthFileSpec(depth_format="exr"),
        network=NetworkSpec(model="midas-small"),
    )
    happened = []
    run = Run(spec, observe=happened.append, engines=unloadable)
    assert run.execute().written == 3
    for depth, values in zip(open_depth(tmp_path / "again"), VALUES, strict=True):
        assert np.abs(depth.values - values).max() < 0.01
    assert json.loads((tmp_path / "again" / "streamdepth.json").read_text())["model"] == MODEL["model"]
    assert not any(isinstance(event, NetworkLoaded) for event in happened)
    assert [event.option for event in happened if isinstance(event, OptionUnused)] == ["--model"]
    assert run.report()["model"] is None


def test_there_is_no_depth_of_a_picture_that_brings_none():
    with pytest.raises(ModelError, match="without depth"):
        NoNetwork().estimate_picture(Picture.of_bgr(np.zeros((2, 2, 3), np.uint8)))
