"""Points in space and a photo with depth, by the suffix of `--depth-output`."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from estimates import SPAN, estimate

from streamdepth.errors import SinkError, UsageError
from streamdepth.frames import DepthMap, DepthMeaning, Measured, SourceInfo
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


@pytest.mark.parametrize(("aspect", "size"), [(Fraction(3, 2), (480, 180)), (Fraction(1, 2), (320, 360))])
def test_pixels_that_are_not_square_become_square(
    tmp_path: Path, aspect: Fraction, size: tuple[int, int]
) -> None:
    one = estimate()
    one = replace(one, frame=replace(one.frame, pixel_aspect=aspect))
    for name in ("cloud.ply", "photo.jpg"):
        sink = sink_for(tmp_path / name, FILM, DepthOptions())
        sink.write(Renderer(scale=SPAN)(one))
        sink.close()
    assert f"element vertex {size[0] * size[1]}".encode() in (tmp_path / "cloud.ply").read_bytes()
    assert cv2.imread(str(tmp_path / "photo.jpg")).shape == (size[1], size[0], 3)


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


CALIBRATED = Measured(
    DepthMap(np.full((8, 8), 2.5, np.float32), DepthMeaning.METRES), 0.9, points=5, error=0.07
)


def test_of_a_calibrated_camera_both_are_in_metres(tmp_path: Path) -> None:
    rendered = replace(Renderer(scale=SPAN)(estimate(level=90)), measured=CALIBRATED)
    for name in ("cloud.ply", "photo.jpg"):
        sink_for(tmp_path / name, FILM, DepthOptions()).write(rendered)
    head, _, points = (tmp_path / "cloud.ply").read_bytes().partition(b"end_header\n")
    assert b"metres by 5 distances, which predict each other within 7%" in head
    places = np.frombuffer(points, np.dtype([("xyz", "<f4", 3), ("rgb", "u1", 3)]))["xyz"]
    assert places[:, 2] == pytest.approx(-2.5)
    assert b'GDepth:Units="m"' in (tmp_path / "photo.jpg").read_bytes()


def test_points_are_as_wide_as_the_camera_is_said_to_see(tmp_path: Path) -> None:
    spread = []
    for fov in (60.0, 90.0):
        sink_for(tmp_path / "c.ply", FILM, DepthOptions(fov=fov)).write(Renderer(scale=SPAN)(estimate()))
        head, _, points = (tmp_path / "c.ply").read_bytes().partition(b"end_header\n")
        assert f"a lens {fov:g} degrees wide".encode() in head
        places = np.frombuffer(points, np.dtype([("xyz", "<f4", 3), ("rgb", "u1", 3)]))["xyz"]
        spread.append(np.ptp(places[:, 0] / places[:, 2]))
    assert spread[1] / spread[0] == pytest.approx(1 / np.tan(np.radians(30)))


def test_where_metres_are_withheld_nothing_is_written_and_it_is_told_why(tmp_path: Path) -> None:
    sink = sink_for(tmp_path / "cloud.ply", FILM, DepthOptions())
    withheld = replace(Renderer(scale=SPAN)(estimate()), measured=Measured(None, 0.1, "the camera was moved"))
    with pytest.raises(SinkError, match="no metres: the camera was moved"):
        sink.write(withheld)
    assert not (tmp_path / "cloud.ply").exists()
