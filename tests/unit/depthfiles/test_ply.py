"""Points in space."""

from __future__ import annotations

import numpy as np
import pytest

from streamdepth.depthfiles import ply
from streamdepth.depthfiles.ply import ply_of
from streamdepth.frames import BEYOND

POINT = np.dtype([("xyz", "<f4", 3), ("rgb", "u1", 3)])


def points_of(data: bytes) -> tuple[list[str], np.ndarray]:
    """The lines of the head and the points, read as the format says."""
    head, _, body = data.partition(b"end_header\n")
    lines = head.decode("ascii").splitlines()
    points = np.frombuffer(body, POINT)
    assert f"element vertex {len(points)}" in lines
    return lines, points


def test_each_pixel_is_a_point_before_the_camera_in_its_colour() -> None:
    image = np.zeros((3, 4, 3), np.uint8)
    image[0, 0], image[2, 3] = (1, 2, 3), (7, 8, 9)
    lines, points = points_of(ply_of(image, np.full((3, 4), 2.0, np.float32), "a note: ä"))
    assert lines[:3] == ["ply", "format binary_little_endian 1.0", "comment a note: ?"]
    assert len(points) == 12
    first, last = points[0], points[-1]
    assert first["rgb"].tolist() == [3, 2, 1]
    assert last["rgb"].tolist() == [9, 8, 7]
    focal = 4 / 2 / np.tan(np.radians(30))
    assert first["xyz"].tolist() == pytest.approx([-1.5 * 2 / focal, 1 * 2 / focal, -2.0])
    assert last["xyz"].tolist() == pytest.approx([1.5 * 2 / focal, -1 * 2 / focal, -2.0])


def test_what_hangs_between_two_things_is_left_out() -> None:
    distance = np.ones((10, 20), np.float32)
    distance[:, 10:] = 5.0
    _, points = points_of(ply_of(np.zeros((10, 20, 3), np.uint8), distance, ""))
    assert set(points["xyz"][:, 2].tolist()) == {-1.0, -5.0}
    assert len(points) == 10 * 18


def test_what_is_without_end_is_left_out() -> None:
    distance = np.full((10, 20), BEYOND, np.float32)
    distance[4:, :] = 5.0
    _, points = points_of(ply_of(np.zeros((37, 71, 3), np.uint8), distance, ""))
    assert points["xyz"][:, 2] == pytest.approx(-5.0)
    assert len(points) % 71 == 0


def test_a_large_photo_is_made_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ply, "MOST_POINTS", 200)
    _, points = points_of(ply_of(np.zeros((40, 80, 3), np.uint8), np.ones((4, 8), np.float32), ""))
    assert 150 <= len(points) <= 200
