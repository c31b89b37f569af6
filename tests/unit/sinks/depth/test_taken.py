"""Of a calibrated camera metres are written, and what has none is left out with a sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from depths import info, maps, rendered

from streamdepth.depthfiles.open import open_depth
from streamdepth.errors import SinkError
from streamdepth.frames import DepthMap, DepthMeaning, Measured
from streamdepth.sinks.depth.choice import sink_for
from streamdepth.sinks.depth.options import DepthOptions

VALUES = maps()
TOO_FAR = (
    "the depth of {} farther than 65.5 m, where millimetres in 16 bits end: there it says 65.5 m (exr, npz, npy and "
    "pfm hold all metres)"
)
WITHHELD = Measured(None, 0.1, "the camera was moved")


def metres(index):
    """Up to 40 m."""
    return np.abs(VALUES[index]) / 10 + 1


def measured(index, times=1):
    known = Measured(DepthMap(metres(index) * np.float32(times), DepthMeaning.METRES), 0.9)
    return replace(rendered(VALUES[index], index), measured=known)


@pytest.mark.parametrize("name", ["d.mkv", "d.npz", "folder"])
def test_metres_are_written_and_pictures_without_are_left_out_and_counted(tmp_path, name):
    sink = sink_for(tmp_path / name, info(), DepthOptions())
    sink.write(measured(0))
    sink.write(replace(rendered(VALUES[1], 1), measured=WITHHELD))
    sink.write(replace(rendered(VALUES[2], 2), measured=WITHHELD))
    sink.write(measured(3))
    sink.close()
    back = list(open_depth(tmp_path / name))
    assert [one.meaning for one in back] == [DepthMeaning.METRES] * 2
    for one, index in zip(back, (0, 3), strict=True):
        assert one.values == pytest.approx(metres(index), abs=0.01)
    assert sink.warnings == ["the depth of 2 pictures was left out: the camera was moved"]


def test_what_the_network_gave_is_written_when_that_was_asked_for(tmp_path):
    sink = sink_for(tmp_path / "d.npy", info(), DepthOptions(raw=True))
    sink.write(measured(0))
    sink.close()
    (back,) = open_depth(tmp_path / "d.npy")
    assert back.meaning is DepthMeaning.INVERSE_RELATIVE
    assert np.array_equal(back.values, VALUES[0])


@pytest.mark.parametrize("options", [DepthOptions(), DepthOptions(range="frame")])
def test_where_there_are_no_metres_at_all_it_is_an_error(tmp_path, options):
    sink = sink_for(tmp_path / "folder", info(), options)
    sink.write(replace(rendered(VALUES[0]), measured=WITHHELD))
    with pytest.raises(SinkError, match="no picture has depth in metres: the camera was moved"):
        sink.close()


@pytest.mark.parametrize("name", ["d.mkv", "d.npy", "folder"])
def test_a_file_that_was_begun_without_metres_stays_so_and_it_is_told(tmp_path, name):
    sink = sink_for(tmp_path / name, info(), DepthOptions())
    sink.write(rendered(VALUES[0], 0))
    sink.write(measured(1))
    sink.close()
    back = list(open_depth(tmp_path / name))
    assert [one.meaning for one in back] == [DepthMeaning.INVERSE_RELATIVE] * 2
    assert back[1].values == pytest.approx(VALUES[1], abs=0.01)
    (warning,) = sink.warnings
    assert warning.endswith("name --metres from the start")
    assert "distances" not in json.loads(index_of(tmp_path / name).read_text())


def test_what_is_forgotten_while_it_is_written_is_left_out(tmp_path):
    sink = sink_for(tmp_path / "d.npy", info(), DepthOptions())
    sink.write(measured(0))
    sink.write(rendered(VALUES[1], 1))
    sink.close()
    assert len(list(open_depth(tmp_path / "d.npy"))) == 1
    assert sink.warnings == ["the depth of a picture was left out: its distances were forgotten"]


@pytest.mark.parametrize("name", ["d.mkv", "folder"])
def test_the_index_says_how_far_to_trust_metres(tmp_path, name):
    sink = sink_for(tmp_path / name, info(), DepthOptions())
    one = measured(0)
    sink.write(replace(one, measured=replace(one.measured, points=5, error=0.07)))
    sink.close()
    assert json.loads(index_of(tmp_path / name).read_text())["distances"] == {"points": 5, "within": 0.07}


def index_of(path):
    return path.with_suffix(".json") if path.suffix else path / "streamdepth.json"


@pytest.mark.parametrize(
    ("name", "range"),
    [("d.mkv", "clip"), ("d.npz", "clip"), *product(("png", "tiff", "exr"), ("clip", "frame", "running"))],
)
def test_pixels_stay_millimetres_where_something_is_farther_away_and_it_is_said(tmp_path, name, range):
    live, path = range == "running", tmp_path / name
    options = DepthOptions(format=name, range=None if live or "." in name else range)
    sink = sink_for(path, info("camera" if live else "video", live=live), options)
    for index in (0, 1, 2):
        sink.write(measured(index, times=1 if index != 1 else 10))
    sink.close()
    is_exact = name in ("d.npz", "exr")
    for index, depth in enumerate(open_depth(path)):
        true = metres(index) * (1 if index != 1 else 10)
        end = np.inf if is_exact else 65.535
        assert np.abs(depth.values - np.minimum(true, end)).max() <= 0.000501
    assert sink.warnings == ([] if is_exact else [TOO_FAR.format("a picture goes")])
    told = json.loads(index_of(path).read_text())
    scales = [told, *told["pictures"]]
    assert is_exact or {one["scale"] for one in scales if "scale" in one} == {0.001}


def test_room_for_more_leaves_distances_of_a_live_source_in_millimetres(tmp_path):
    sink = sink_for(tmp_path / "maps", info("camera", live=True), DepthOptions())
    for index in (0, 1):
        sink.write(measured(index, times=65 / metres(index).max()))
    sink.close()
    assert sink.warnings == []
    told = json.loads(index_of(tmp_path / "maps").read_text())
    assert {picture["scale"] for picture in told["pictures"]} == {0.001}


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("name", ["d.mkv", "d.npy", "png"])
def test_a_distance_below_0_is_no_reading_in_millimetres(tmp_path, name, raw):
    options = DepthOptions(raw=raw) if "." in name else DepthOptions(format=name, raw=raw)
    sink = sink_for(tmp_path / name, info(), options)
    values = metres(0)
    values[3, 5] = -0.25
    made = rendered(values)
    given = replace(made.estimate, depth=DepthMap(values, DepthMeaning.METRES))
    sink.write(replace(made, estimate=given))
    sink.close()
    assert sink.warnings == []
    (back,) = open_depth(tmp_path / name)
    assert back.values[3, 5] == (-0.25 if name == "d.npy" else 0)
    assert np.abs(back.values - values).max() <= 0.2505
