from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest

from streamdepth.errors import UsageError
from streamdepth.frames import DepthMap, DepthMeaning
from streamdepth.metres.calibrate import Network, Point, calibrate_by_depth, calibrate_by_points
from streamdepth.pixels import Picture, Rectangle

PICTURE = Picture.of_bgr(np.random.default_rng(1).integers(0, 255, (96, 128, 3)).astype(np.uint8))
VALUES = np.linspace(2, 9, 32 * 64, dtype=np.float32).reshape(32, 64)
NETWORK = Network("nano", "cd" * 32)


@pytest.mark.parametrize(("x", "y"), [(-1, 5), (129, 5), (5, 97)])
def test_a_point_outside_of_the_picture_is_named(x, y):
    with pytest.raises(UsageError, match=rf"{x},{y} is outside of the picture of 128x96"):
        calibrate_by_points(PICTURE, DepthMap(VALUES), NETWORK, [Point(x, y, 2.0)])


def test_the_corners_are_inside():
    corners = [Point(0, 0, 5.0), Point(128, 96, 1.0)]
    values = np.full((32, 64), 2.0, np.float32)
    values[:, 32:] = 9.0
    fit = calibrate_by_points(PICTURE, DepthMap(values), NETWORK, corners).fit
    assert fit.line.metres(np.array([2.0, 9.0])) == pytest.approx([5.0, 1.0], rel=1e-3)


def test_one_wrong_value_under_a_click_does_not_count():
    values = np.full((32, 64), 4.0, np.float32)
    values[16, 32] = 400.0
    fit = calibrate_by_points(PICTURE, DepthMap(values), NETWORK, [Point(64.5, 48.5, 2.0)]).fit
    assert fit.line.scale == pytest.approx(1 / 8)


def test_a_depth_map_without_readings_is_refused():
    with pytest.raises(UsageError, match="no reading"):
        calibrate_by_depth(PICTURE, DepthMap(VALUES), NETWORK, np.zeros((96, 128), np.float32))


@pytest.mark.parametrize("shape", [(128, 96), (96, 192), (96, 64)])
def test_depth_of_a_picture_on_its_side_or_of_a_part_is_refused(shape):
    with pytest.raises(
        UsageError, match=r"the depth is \d+x\d+ and the picture 128x96: they do not show the"
    ):
        calibrate_by_depth(PICTURE, DepthMap(VALUES), NETWORK, np.ones(shape, np.float32))


@pytest.mark.parametrize("size", [(128, 96), (64, 48), (200, 150), (256, 96)])
def test_depth_counts_where_the_picture_has_no_bars(size):
    width, height = size
    truth = np.zeros((height, width), np.float32)
    inside = truth[:, width // 4 : width * 3 // 4]
    values = np.tile(np.linspace(2, 9, 64, dtype=np.float32), (96, 1))
    inside[:] = 1 / (0.1 * cv2.resize(values, inside.shape[::-1]) + 0.05)
    picture = replace(PICTURE, inner=Rectangle(32, 0, 64, 96))
    line = calibrate_by_depth(picture, DepthMap(values), NETWORK, truth, Fraction(2)).fit.line
    assert (line.scale, line.shift) == pytest.approx((0.1, 0.05), rel=0.01)


def test_a_network_that_says_metres_needs_no_distances():
    with pytest.raises(UsageError, match="needs no scale and shift"):
        calibrate_by_points(PICTURE, DepthMap(VALUES, DepthMeaning.METRES), NETWORK, [Point(1, 1, 2.0)])
