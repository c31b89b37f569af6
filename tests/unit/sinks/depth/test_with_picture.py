"""Points in space and a photo with depth, by the suffix of `--depth-output`."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from estimates import SPAN, estimate

from streamdepth.errors import SinkError, UsageError
from streamdepth.frames import SourceInfo
from streamdepth.rendering import Renderer
from streamdepth.sinks.depth.choice import sink_for
from streamdepth.sinks.depth.options import DepthOptions

FILM = SourceInfo(320, 180, None, False, 1.0)


def written(path: Path) -> bytes:
    sink = sink_for(path, FILM, DepthOptions())
    sink.write(Renderer(scale=SPAN)(estimate(level=90)))
    sink.close()
    return path.read_bytes()


def test_a_ply_has_the_points_of_the_picture(tmp_path: Path) -> None:
    data = written(tmp_path / "cloud.ply")
    head = data.partition(b"end_header\n")[0].decode("ascii")
    assert (
        "comment streamdepth: no unit, from 1 to 10 as the depth is relative; a lens 60 degrees wide" in head
    )
    assert "element vertex 57600" in head


def test_a_jpeg_is_the_picture_and_not_its_colours_of_depth(tmp_path: Path) -> None:
    data = written(tmp_path / "photo.JPG")
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert image.shape == (180, 320, 3)
    assert np.abs(image.astype(int) - 90).max() <= 1
    assert b"GDepth:Data" in data


def test_of_a_film_it_holds_one_frame(tmp_path: Path) -> None:
    sink = sink_for(tmp_path / "cloud.ply", FILM, DepthOptions())
    rendered = Renderer(scale=SPAN)(estimate())
    sink.write(rendered)
    with pytest.raises(
        SinkError, match=r"cloud.ply holds one frame, and another one came \(add --frames 1\)"
    ):
        sink.write(rendered)


def test_the_input_stays_and_other_kinds_are_told(tmp_path: Path) -> None:
    photo = tmp_path / "p.jpg"
    photo.write_bytes(b"mine")
    info = SourceInfo(320, 180, None, False, 1.0, kind="image", origin=photo)
    with pytest.raises(UsageError, match="where the input is"):
        sink_for(photo, info, DepthOptions())
    with pytest.raises(UsageError, match=r"\.ply"):
        sink_for(tmp_path / "x.gif", FILM, DepthOptions())
