"""What is named decides who writes it, and what does not go is told with what does."""

from __future__ import annotations

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from depths import info, maps, rendered, write

from streamdepth.depthfiles.open import open_depth
from streamdepth.errors import SinkError, UsageError
from streamdepth.frames import DepthMeaning
from streamdepth.sinks.depth.choice import sink_for
from streamdepth.sinks.depth.options import DepthOptions

VALUES = maps(3)


def told(path):
    return json.loads(path.read_text())


def test_video_has_one_scale_in_all_files_and_photos_each_their_own(tmp_path):
    write(sink_for(tmp_path / "film", info(), DepthOptions()), VALUES)
    write(sink_for(tmp_path / "photos", info("image"), DepthOptions()), VALUES)
    film = [told(path)["scale"] for path in sorted((tmp_path / "film").glob("0*.json"))]
    photos = [told(path)["scale"] for path in sorted((tmp_path / "photos").glob("0*.json"))]
    assert len(set(film)) == 1 != len(set(photos)) == 3
    assert told(tmp_path / "film" / "streamdepth.json")["range"] == "clip"
    assert told(tmp_path / "photos" / "streamdepth.json")["range"] == "frame"


def test_the_range_of_a_live_source_is_said_with_each_picture(tmp_path):
    write(sink_for(tmp_path / "d", info("camera", live=True), DepthOptions()), VALUES)
    index = told(tmp_path / "d" / "streamdepth.json")
    assert index["range"] == "running"
    assert all("scale" in picture for picture in index["pictures"])
    step = max(picture["scale"] for picture in index["pictures"])
    for depth, values in zip(open_depth(tmp_path / "d"), VALUES, strict=True):
        assert np.abs(depth.values - values).max() <= step


def test_the_index_says_where_depth_came_from(tmp_path):
    origin = {"model": {"name": "nano", "sha256": "ab"}, "settings": {"size": 256}}
    film = info(origin=tmp_path / "street.mp4", count=3)
    write(sink_for(tmp_path / "d.mkv", film, DepthOptions(origin=lambda: origin)), VALUES)
    index = told(tmp_path / "d.json")
    assert index["source"] == {"width": 64, "height": 48, "name": "street.mp4", "rate": "30000/1001"}
    assert (index["model"]["name"], index["settings"], index["steadied"]) == ("nano", {"size": 256}, True)
    assert (index["count"], index["complete"], index["nearer"]) == (3, True, "larger")
    assert [picture["pts"] for picture in index["pictures"]] == ["0/1", "1001/30000", "1001/15000"]


FILM = {"range": "clip", "formula": "value = pixel"}


@pytest.mark.parametrize("name", ["d.npy", "d.npz", "exr", "npy", "npz", "pfm"])
def test_an_index_of_the_values_themselves_has_no_scale_to_apply(tmp_path, name):
    write(sink_for(tmp_path / name, info(), DepthOptions(format=name)), VALUES)
    index = told(
        (tmp_path / name).with_suffix(".json") if "." in name else tmp_path / name / "streamdepth.json"
    )
    assert index.items() >= FILM.items()
    assert not {"scale", "offset"} & {key for place in (index, *index["pictures"]) for key in place}
    for depth, values in zip(open_depth(tmp_path / name), VALUES, strict=True):
        assert np.array_equal(depth.values, values)


@pytest.mark.parametrize("name", ["d.npy", "exr"])
def test_an_index_of_exact_values_says_what_those_of_a_clip_span(tmp_path, name):
    write(sink_for(tmp_path / name, info(), DepthOptions(format=name)), VALUES)
    facts = open_depth(tmp_path / name).index.facts
    low, high = min(map(np.min, VALUES)), max(map(np.max, VALUES))
    assert (facts.scale.offset, facts.scale.high) == pytest.approx((low, high))


@pytest.mark.parametrize("name", ["d.exr", "d.npy", "d.npz", "d.pfm"])
def test_a_file_of_one_map_in_floats_has_no_scale_to_apply(tmp_path, name):
    write(sink_for(tmp_path / name, info("image", count=1), DepthOptions()), VALUES[:1])
    index = told(tmp_path / "d.json")
    assert index.items() >= {"formula": "value = pixel", "meaning": "inverse relative depth"}.items()
    assert not {"scale", "offset"} & set(index)
    (depth,) = open_depth(tmp_path / name)
    assert np.array_equal(depth.values, VALUES[0])


@pytest.mark.parametrize("name", ["depth.gif", "depth.mp4", "depth.dpt"])
def test_what_is_not_written_is_refused_with_what_is(tmp_path, name):
    with pytest.raises(UsageError, match=r"choose from \.png .*\.mkv .*\.jpeg, or name a folder"):
        sink_for(tmp_path / name, info(), DepthOptions())


@pytest.mark.parametrize("kind", ["video", "camera", "image"])
def test_one_file_of_one_map_for_several_pictures_is_refused(tmp_path, kind):
    with pytest.raises(UsageError, match="name a folder"):
        sink_for(tmp_path / "depth.exr", info(kind), DepthOptions())


def test_a_clip_in_one_file_has_one_range(tmp_path):
    with pytest.raises(UsageError, match="has one range"):
        sink_for(tmp_path / "d.mkv", info(), DepthOptions(range="frame"))
    with pytest.raises(UsageError, match="of a live input is never known"):
        sink_for(tmp_path / "d.npz", info("camera", live=True), DepthOptions())


def test_the_input_is_never_the_output(tmp_path):
    film = tmp_path / "in.mkv"
    film.write_bytes(b"the input")
    with pytest.raises(UsageError, match="where the input is"):
        sink_for(film, info(origin=film), DepthOptions())
    with pytest.raises(UsageError, match="where the input is"):
        sink_for(tmp_path, info("image", origin=tmp_path), DepthOptions())


@pytest.mark.parametrize("name", ["depth", "depth.mkv"])
def test_a_missing_parent_is_refused(tmp_path, name):
    with pytest.raises(SinkError, match="no folder"):
        sink_for(tmp_path / "missing" / name, info(), DepthOptions())


@pytest.mark.parametrize("range", ["clip", "frame"])
def test_metres_are_millimetres_in_16_bits_as_other_programs_take_them(tmp_path, range):
    metres = np.float32([[0.5, 1.25], [20.0, 65.0]])
    one = rendered(metres)
    depth = replace(one.estimate.depth, meaning=DepthMeaning.METRES)
    sink = sink_for(tmp_path / "d", info(), DepthOptions(range=range))
    sink.write(replace(one, estimate=replace(one.estimate, depth=depth)))
    sink.close()
    pixels = cv2.imread(str(tmp_path / "d" / "000000.png"), cv2.IMREAD_UNCHANGED)
    assert pixels.tolist() == [[500, 1250], [20000, 65000]]
    (back,) = open_depth(tmp_path / "d")
    assert np.allclose(back.values, metres)


@pytest.mark.parametrize("output", ["d.mkv", "d.png"])
def test_the_index_of_another_file_and_any_other_json_stay(tmp_path, output):
    of = info("image", count=1)
    (tmp_path / "d.json").write_text('{"labels": ["car"]}')
    with pytest.raises(UsageError, match=r"which is no index of depth"):
        sink_for(tmp_path / output, of, DepthOptions())
    (tmp_path / "d.json").unlink()
    write(sink_for(tmp_path / "d.npy", of, DepthOptions()), VALUES[:1])
    with pytest.raises(UsageError, match=r"which is the index of d\.npy"):
        sink_for(tmp_path / output, of, DepthOptions())
    write(sink_for(tmp_path / "d.npy", of, DepthOptions()), VALUES[1:2])
    (tmp_path / "d.npy").unlink()
    write(sink_for(tmp_path / output, of, DepthOptions()), VALUES[:1])


@pytest.mark.parametrize("output", ["d.ply", "d.jpg"])
def test_a_file_without_an_index_may_stand_beside_that_of_another(tmp_path, output):
    of = info("image", count=1)
    write(sink_for(tmp_path / "d.npy", of, DepthOptions()), VALUES[:1])
    index = (tmp_path / "d.json").read_bytes()
    write(sink_for(tmp_path / output, of, DepthOptions()), VALUES[:1])
    assert (tmp_path / "d.json").read_bytes() == index
    assert (tmp_path / output).stat().st_size


def test_depth_is_not_written_over_itself(tmp_path):
    write(sink_for(tmp_path / "d", info(), DepthOptions()), VALUES)
    again = replace(info(origin=tmp_path / "d"), depth={})
    with pytest.raises(UsageError, match="where the input is"):
        sink_for(tmp_path / "d", again, DepthOptions())
