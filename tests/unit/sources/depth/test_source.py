"""Depth that was written is an input: frames with their depth, in the size and time of their pictures."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest
from depth_streams import filmed, shown
from depths import HEIGHT, RATE, WIDTH, info, maps, write
from films import served

from streamdepth.errors import SourceError
from streamdepth.frames import DepthMap, Estimate, Measured
from streamdepth.pixel_limit import PixelLimit
from streamdepth.rendering import Renderer
from streamdepth.sinks.depth.choice import sink_for
from streamdepth.sinks.depth.options import DepthOptions
from streamdepth.sources import open_source
from streamdepth.sources.depth.open import is_depth_set
from streamdepth.sources.depth.source import DepthSource

VALUES = maps(3)


def frames(path):
    source = DepthSource(path)
    found = list(iter(source.read, None))
    source.close()
    return found


def written(path, *, range=None, kind="video", format="png", **more):
    write(sink_for(path, info(kind), DepthOptions(range=range, format=format)), VALUES, **more)
    return path


@pytest.mark.parametrize("name", ["d.mkv", "d.npy", "folder"])
def test_frames_bring_their_depth_along_in_the_size_and_time_of_their_pictures(tmp_path, name):
    path = written(tmp_path / name)
    source = open_source(path)
    assert isinstance(source, DepthSource)
    told = source.info
    assert (told.width, told.height, told.rate, told.frame_count) == (WIDTH, HEIGHT, RATE, 3)
    assert told.depth["steadied"] is True
    assert told.map_size == VALUES[0].shape[::-1]
    source.close()
    for index, (frame, values) in enumerate(zip(frames(path), VALUES, strict=True)):
        assert np.abs(frame.depth.values - values).max() < 0.01
        assert (frame.index, frame.pts) == (index, index / RATE)
        assert frame.bgr.shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("name", ["d.mkv", "d.npz", "folder"])
@pytest.mark.parametrize("aspect", [Fraction(1), Fraction(16, 11)])
def test_the_shape_of_pixels_comes_back(tmp_path, name, aspect):
    of = replace(info(), sample_aspect=aspect)
    write(sink_for(tmp_path / name, of, DepthOptions()), VALUES)
    with closing(DepthSource(tmp_path / name)) as source:
        assert source.info.sample_aspect == aspect
        assert source.read().pixel_aspect == aspect


def test_the_picture_is_the_depth_near_is_bright_and_bars_stay_bars(tmp_path):
    frame = frames(written(tmp_path / "d.mkv", inner=(16, 0, 32, 48)))[0]
    grey = frame.bgr[..., 0]
    assert not grey[:, :16].any()
    assert grey[:, 16:48].std() > 0
    assert frame.picture.inner.width == 32


def test_photos_stay_photos_with_their_names(tmp_path):
    path = written(tmp_path / "d", kind="image", name="a.jpg")
    assert DepthSource(path).info.kind == "image"
    assert {frame.name for frame in frames(path)} == {"a.jpg"}


def test_an_ordinary_film_of_the_same_name_is_no_depth(tmp_path):
    written(tmp_path / "d.mkv")
    (tmp_path / "d.mp4").write_bytes(b"a film, beside which the index of the depth is")
    assert not is_depth_set(tmp_path / "d.mp4", None)
    assert is_depth_set(tmp_path / "d.mkv", None)


def test_a_film_that_another_program_made_of_it_is_no_depth_although_it_bears_the_tag(tmp_path):
    written(tmp_path / "d.mkv")
    with av.open(str(tmp_path / "d.mkv")) as depth, av.open(str(tmp_path / "grey.mkv"), "w") as grey:
        grey.metadata.update(depth.metadata)
        stream = grey.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 32, 24, "yuv420p"
        grey.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((36, 32), np.uint8), "yuv420p")))
        grey.mux(stream.encode())
    assert not is_depth_set(tmp_path / "grey.mkv", None)


def test_pictures_larger_than_allowed_and_empty_sets_are_refused(tmp_path):
    path = written(tmp_path / "d.npy")
    with pytest.raises(SourceError, match="has pictures of 64x48"):
        DepthSource(path, PixelLimit.of(100))
    folder = written(tmp_path / "d")
    index = folder / "streamdepth.json"
    index.write_text(json.dumps(json.loads(index.read_text()) | {"pictures": []}))
    with pytest.raises(SourceError, match="holds no depth map"):
        DepthSource(folder)
    shutil.rmtree(folder)


def test_a_recording_of_a_live_stream_has_its_pictures_and_is_drawn_as_it_was_seen(tmp_path):
    known = Measured(DepthMap(VALUES[0]), 1.0, inverse=(0.1, 0.05), error=0.07)
    pictures = [shown(number, size=(160, 96), measured=known) for number in range(3)]
    (tmp_path / "street.mkv").write_bytes(filmed(pictures))
    source = open_source(tmp_path / "street.mkv")
    assert isinstance(source, DepthSource)
    told = source.info
    assert (told.width, told.height, told.kind, told.frame_count) == (160, 96, "video", 3)
    assert told.depth["steadied"] is True
    assert not told.shows_depth
    renderer = Renderer(stabilise=False)
    for was, frame in zip(pictures, iter(source.read, None), strict=True):
        assert np.abs(frame.bgr.astype(int) - was.picture.bgr).mean() < 6
        drawn = renderer(Estimate(frame, frame.depth, 0.0))
        assert drawn.scaled.span == was.scaled.span
        assert drawn.measured.error == 0.07
    source.close()
    assert source.warnings == []


def test_a_recording_behind_an_address_is_refused_and_not_shown_as_one_picture_above_another(tmp_path):
    path = tmp_path / "street.mkv"
    path.write_bytes(filmed([shown(0, size=(160, 96))]))
    refusal = pytest.raises(SourceError, match=r"carries depth beside its picture.*curl -o street.mkv")
    with served(tmp_path) as address, refusal:
        open_source(f"{address}/street.mkv")
    with closing(open_source(path.as_uri())) as source:  # which is a path in other words
        assert isinstance(source, DepthSource)


def test_one_map_of_a_film_is_one_picture(tmp_path):
    folder = written(tmp_path / "maps", format="tiff")
    source = open_source(folder / "000001.tiff")
    source.close()
    assert isinstance(source, DepthSource)
    assert (source.info.kind, source.info.frame_count, source.info.rate) == ("image", 1, None)


def test_a_pattern_of_depth_maps_is_no_pattern_of_pictures(tmp_path):
    folder = written(tmp_path / "maps", format="tiff")
    with pytest.raises(SourceError, match="depth maps that streamdepth wrote") as refused:
        open_source(folder / "*.tiff")
    assert refused.value.cure == f"name the folder that they are in: {folder}"
    for map in folder.glob("*.tiff"):
        shutil.copy(map, tmp_path)
    open_source(tmp_path / "*.tiff").close()
