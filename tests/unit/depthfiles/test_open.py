"""Every form that is written is read back: values, meaning, timestamps and names."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from depths import RATE, info, maps, rendered, write

from streamdepth.api import open_depth
from streamdepth.depthfiles.open import is_depth
from streamdepth.errors import SourceError, SourceMissing
from streamdepth.frames import DepthMeaning
from streamdepth.sinks.depth.choice import sink_for
from streamdepth.sinks.depth.options import DepthOptions

VALUES = maps()
STEP = (max(map(np.max, VALUES)) - min(map(np.min, VALUES))) / 65535
"""Of 16 bits that span the whole clip."""
FORMS = ["depth.mkv", "depth.npz", "depth.npy", "png", "tiff", "exr", "npz", "npy", "pfm"]


def written(folder, form, values=VALUES, **more):
    name = form if "." in form else "maps"
    options = DepthOptions(format="png" if "." in form else form, **more)
    write(sink_for(folder / name, info(), options), values)
    return folder / name


@pytest.mark.parametrize(
    ("form", "range"), [*((form, None) for form in FORMS), *((form, "frame") for form in FORMS[3:])]
)
def test_every_form_comes_back_within_a_step_of_16_bits(tmp_path, form, range):
    depths = open_depth(written(tmp_path, form, range=range))
    assert len(depths) == len(list(depths)) == 5
    for index, (depth, values) in enumerate(zip(depths, VALUES, strict=True)):
        assert depth.values.dtype == np.float32
        assert np.abs(depth.values - values).max() <= STEP
        assert depth.pts == index / RATE
        assert depth.meaning is DepthMeaning.INVERSE_RELATIVE
    assert depths.source_size == (64, 48)


@pytest.mark.parametrize("form", ["exr", "npz", "npy", "pfm", "depth.npz", "depth.npy"])
def test_floating_point_forms_are_exact(tmp_path, form):
    for depth, values in zip(open_depth(written(tmp_path, form)), VALUES, strict=True):
        assert np.array_equal(depth.values, values)


@pytest.mark.parametrize("form", FORMS)
def test_maps_are_the_callers_own_to_change(tmp_path, form):
    depths = open_depth(written(tmp_path, form))
    for depth, again in zip(depths, depths, strict=True):
        depth.values[:] = 0
        assert again.values.min() > 0


@pytest.mark.parametrize("suffix", [".png", ".tiff", ".tif", ".exr", ".npz", ".npy", ".pfm"])
def test_one_image_is_one_file_with_its_index_beside_it(tmp_path, suffix):
    sink = sink_for(tmp_path / f"depth{suffix}", info("image", count=1), DepthOptions())
    sink.write(rendered(VALUES[0], name="street.jpg"))
    sink.close()
    (depth,) = open_depth(tmp_path / f"depth{suffix}")
    assert np.abs(depth.values - VALUES[0]).max() <= STEP
    assert depth.name == "street.jpg"


@pytest.mark.parametrize("form", ["depth.mkv", "depth.npz"])
def test_a_clip_that_is_moved_without_its_json_still_says_all(tmp_path, form):
    path = written(tmp_path, form)
    moved = path.rename(tmp_path / f"moved{path.suffix}")
    assert [depth.pts for depth in open_depth(moved)] == [index / RATE for index in range(5)]


def test_bars_are_cut_off_again(tmp_path):
    sink = sink_for(tmp_path / "d.npy", info(), DepthOptions(size="source"))
    write(sink, VALUES[:2], inner=(16, 0, 32, 24))
    depths = list(open_depth(tmp_path / "d.npy"))
    assert np.load(tmp_path / "d.npy").shape == (2, 48, 64)
    assert all(np.array_equal(depth.values, values) for depth, values in zip(depths, VALUES[:2], strict=True))


def test_a_folder_of_the_release_before_is_read_by_its_json_files(tmp_path):
    folder = written(tmp_path, "png", range="frame")
    (folder / "streamdepth.json").unlink()
    for depth, values in zip(open_depth(folder), VALUES, strict=True):
        assert np.abs(depth.values - values).max() <= STEP


def test_a_spool_of_a_run_that_was_ended_is_read(tmp_path):
    sink = sink_for(tmp_path / "d.mkv", info(), DepthOptions())
    write(sink, VALUES, complete=False)
    assert [depth.pts for depth in open_depth(sink.kept)] == [index / RATE for index in range(5)]
    assert all(np.array_equal(d.values, v) for d, v in zip(open_depth(sink.kept), VALUES, strict=True))


@pytest.mark.parametrize("meaning", list(DepthMeaning))
def test_the_meaning_comes_back(tmp_path, meaning):
    sink = sink_for(tmp_path / "d.mkv", info(), DepthOptions())
    one = rendered(VALUES[0])
    depth = replace(one.estimate.depth, meaning=meaning)
    sink.write(replace(one, estimate=replace(one.estimate, depth=depth)))
    sink.close()
    assert open_depth(tmp_path / "d.mkv").meaning is meaning


def test_what_is_no_depth_of_ours_is_told(tmp_path):
    with pytest.raises(SourceMissing, match="no depth at"):
        open_depth(tmp_path / "nothing.mkv")
    np.save(tmp_path / "other.npy", VALUES[0])
    with pytest.raises(SourceError, match="not known what the values"):
        open_depth(tmp_path / "other.npy")
    with pytest.raises(SourceError, match="holds no depth"):
        open_depth(tmp_path)
    assert not is_depth(tmp_path / "other.npy")


@pytest.mark.parametrize(
    "told", [{"version": 2}, {"pictures": [{"index": 0, "pts": "1/0"}]}, {"meaning": "?"}]
)
def test_a_damaged_index_is_told(tmp_path, told):
    path = written(tmp_path, "depth.npy")
    beside = path.with_suffix(".json")
    beside.write_text(json.dumps(json.loads(beside.read_text()) | told))
    with pytest.raises(SourceError, match="is not an index"):
        open_depth(path)


def test_a_missing_file_of_a_set_is_told(tmp_path):
    folder = written(tmp_path, "png")
    (folder / "000002.png").unlink()
    with pytest.raises(SourceMissing, match="000002"):
        list(open_depth(folder))
    assert Fraction(0) == next(iter(open_depth(folder))).pts


@pytest.mark.parametrize("form", ["depth.mkv", "depth.npz", "depth.npy"])
def test_a_file_that_is_cut_short_gives_its_maps_and_then_says_so(tmp_path, form):
    path = written(tmp_path, form)
    depths = open_depth(path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 3 // 5])
    with pytest.raises(SourceError, match=r"depth\.\w+ (is cut short|is damaged|is not a NumPy file)"):
        list(depths)
    path.write_bytes(data)
    assert len(list(depths)) == 5


def test_a_film_of_fewer_pictures_than_its_index_says_so(tmp_path):
    path = written(tmp_path, "depth.mkv")
    longer = replace(
        open_depth(path), index=replace(open_depth(path).index, pictures=open_depth(path).index.pictures * 2)
    )
    with pytest.raises(SourceError, match="is cut short: it has 5 of its 10 depth maps"):
        list(longer)


@pytest.mark.parametrize("range", [None, "frame"])
@pytest.mark.parametrize("format", ["png", "tiff", "exr", "npz", "npy", "pfm"])
def test_one_map_of_a_folder_is_read_by_the_index_of_the_folder(tmp_path, format, range):
    folder = written(tmp_path, format, range=range)
    path = folder / f"000003.{format}"
    assert is_depth(path)
    (depth,) = open_depth(path)
    assert np.abs(depth.values - VALUES[3]).max() <= STEP
    assert (depth.pts, depth.meaning) == (3 / RATE, DepthMeaning.INVERSE_RELATIVE)


def test_a_file_beside_depth_maps_is_none_of_them(tmp_path):
    folder = written(tmp_path, "tiff")
    (folder / "photo.tiff").write_bytes((folder / "000000.tiff").read_bytes())
    assert not is_depth(folder / "photo.tiff")
