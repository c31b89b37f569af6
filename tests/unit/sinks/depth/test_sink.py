import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from streamdepth.errors import SinkError
from streamdepth.frames import (
    Condition,
    DepthMap,
    DepthRange,
    Estimate,
    Frame,
    Rendered,
    ScaledDepth,
    SourceInfo,
    SourceState,
)
from streamdepth.pixels import Picture, Rectangle
from streamdepth.sinks.depth import files as depth_file
from streamdepth.sinks.depth.choice import sink_for
from streamdepth.sinks.depth.options import DepthOptions

PICTURE = Picture.of_bgr(np.zeros((48, 64, 3), np.uint8))


def info(kind="image", count=None, origin=None):
    return SourceInfo(64, 48, None, False, 5.0, kind=kind, frame_count=count, origin=origin)


def rendered(values=None, name="", index=0, pts=Fraction(0)):
    values = np.arange(12, dtype=np.float32).reshape(3, 4) if values is None else values
    estimate = Estimate(Frame(index, pts, 0.0, PICTURE, name), DepthMap(values), 0.0)
    return Rendered(estimate, PICTURE)


def read_back(path):
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    facts = json.loads(path.with_suffix(".json").read_text())
    return facts["offset"] + facts["scale"] * pixels, facts, pixels


def depth_sink(path, info, **options):
    return sink_for(path, info, DepthOptions(range="frame", **options))


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_depth_comes_back_from_the_files_within_half_a_step(tmp_path):
    values = np.random.default_rng(1).normal(300, 100, (32, 48)).astype(np.float32)
    depth_sink(tmp_path / "depth.png", info(count=1)).write(rendered(values))
    back, facts, pixels = read_back(tmp_path / "depth.png")
    assert pixels.dtype == np.uint16
    assert pixels.shape == (32, 48)
    assert np.abs(back - values).max() <= facts["scale"] * 0.500001


def test_the_whole_range_of_16_bits_is_used_and_larger_stays_larger(tmp_path):
    depth_sink(tmp_path / "depth.png", info(count=1)).write(rendered(np.float32([[-2.0, 0.5], [1.0, 3.0]])))
    _, _, pixels = read_back(tmp_path / "depth.png")
    assert pixels.tolist() == [[0, 32768], [39321, 65535]]


def test_steadied_depth_is_written_and_with_raw_what_the_network_gave(tmp_path):
    steadied = ScaledDepth(DepthMap(np.float32([[5.0, 7.0]])), DepthRange(5.0, 7.0))
    made = replace(rendered(np.float32([[4.0, 6.0]])), scaled=steadied)
    depth_sink(tmp_path / "depth.png", info(count=1)).write(made)
    depth_sink(tmp_path / "raw.png", info(count=1), raw=True).write(made)
    assert read_back(tmp_path / "depth.png")[0].tolist() == [[5.0, 7.0]]
    assert read_back(tmp_path / "raw.png")[0].tolist() == [[4.0, 6.0]]


def test_a_constant_map_comes_back_exactly(tmp_path):
    depth_sink(tmp_path / "depth.png", info(count=1)).write(rendered(np.full((3, 4), 7.25, np.float32)))
    back, facts, pixels = read_back(tmp_path / "depth.png")
    assert facts["scale"] == 0
    assert not pixels.any()
    assert np.all(back == 7.25)


def test_the_sidecar_tells_everything_that_is_needed(tmp_path):
    sink = depth_sink(tmp_path / "depth.png", info(count=1))
    sink.write(rendered(index=7, pts=Fraction(1001, 30000)))
    facts = json.loads((tmp_path / "depth.json").read_text())
    assert (
        facts.items()
        >= {
            "formula": "inverse_relative_depth = offset + scale * pixel",
            "scale": 11 / 65535,
            "offset": 0.0,
            "meaning": "inverse relative depth",
            "width": 4,
            "height": 3,
            "source_width": 64,
            "source_height": 48,
            "pts": "1001/30000",
            "index": 7,
        }.items()
    )


def test_the_sidecar_tells_which_part_of_a_picture_with_bars_the_depth_is_of(tmp_path):
    whole = rendered()
    boxed = replace(PICTURE, inner=Rectangle(16, 0, 32, 48))
    frame = replace(whole.estimate.frame, picture=boxed)
    depth_sink(tmp_path / "depth.png", info(count=1)).write(
        replace(whole, estimate=replace(whole.estimate, frame=frame))
    )
    assert read_back(tmp_path / "depth.png")[1]["source_inner"] == [16, 0, 32, 48]


def test_a_video_becomes_a_folder_numbered_by_frame(tmp_path):
    sink = depth_sink(tmp_path / "depth", info("video", origin=tmp_path / "street.mp4"))
    for index in (0, 1, 123):
        sink.write(rendered(index=index))
    sink.close()
    stems = ("000000", "000001", "000123")
    named = [stem + suffix for stem in stems for suffix in (".json", ".png")]
    assert names_in(tmp_path / "depth") == [*named, "streamdepth.json"]


def test_a_folder_of_images_keeps_their_names_and_never_loses_one(tmp_path):
    sink = depth_sink(tmp_path / "depth", info())
    for name in ("a.jpg", "a.png"):
        sink.write(rendered(name=name))
    sink.close()
    assert names_in(tmp_path / "depth") == ["a-2.json", "a-2.png", "a.json", "a.png", "streamdepth.json"]


def test_a_picture_that_is_called_as_the_index_is_gets_another_name(tmp_path):
    sink = depth_sink(tmp_path / "depth", info())
    sink.write(rendered(name="streamdepth.jpg"))
    sink.close()
    assert "streamdepth-2.png" in names_in(tmp_path / "depth")


def test_a_video_may_be_written_into_its_own_folder(tmp_path):
    sink = depth_sink(tmp_path, info("video", origin=tmp_path / "street.mp4"))
    sink.write(rendered())
    sink.close()
    assert names_in(tmp_path) == ["000000.json", "000000.png", "streamdepth.json"]


def test_a_png_gets_its_name_after_its_sidecar_and_neither_does_when_writing_is_cut_short(
    tmp_path, monkeypatch
):
    def cut_short(*_):
        raise SinkError("cut short")

    named, take = [], Path.replace
    monkeypatch.setattr(Path, "replace", lambda part, final: named.append(final.name) or take(part, final))
    with monkeypatch.context() as broken:
        broken.setattr(depth_file, "encoded", cut_short)
        with pytest.raises(SinkError):
            depth_sink(tmp_path / "depth.png", info(count=1)).write(rendered())
    assert names_in(tmp_path) == []
    depth_sink(tmp_path / "depth.png", info(count=1)).write(rendered())
    assert named == ["depth.json", "depth.png"]


def test_what_stands_in_for_a_source_that_is_away_has_no_depth_to_write(tmp_path):
    sink = depth_sink(tmp_path / "depth", info("video"))
    sink.write(rendered(index=0))
    stand_in = rendered(index=1)
    sink.write(Rendered(stand_in.estimate, stand_in.picture, Condition(SourceState.AWAY)))
    sink.close()
    assert names_in(tmp_path / "depth") == ["000000.json", "000000.png", "streamdepth.json"]


def test_of_a_frame_whose_name_does_not_go_there_is_neither_depth_nor_sidecar(tmp_path):
    sink = depth_sink(tmp_path / "depth", info())
    for name in ("映" * 83 + "ab.png", "b.png"):  # as .png it goes, as .json it is one byte too long
        sink.write(rendered(name=name))
    sink.close()
    assert names_in(tmp_path / "depth") == ["b.json", "b.png", "streamdepth.json"]
    assert len(sink.warnings) == 1
