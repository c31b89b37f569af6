from __future__ import annotations

import cv2
import numpy as np
import pytest

from streamdepth.frames import DepthMap, DepthMeaning
from streamdepth.metres.calibrate import Network, Point, calibrate_by_depth, calibrate_by_points
from streamdepth.metres.fit import Line
from streamdepth.metres.ruler import COVERED, MOVED, OTHER_SHAPE, Ruler
from streamdepth.pixels import Picture

RANDOM = np.random.default_rng(8)
WIDE = cv2.resize(RANDOM.integers(20, 220, (20, 30, 3)).astype(np.uint8), (360, 240))
SCENE = WIDE[40:200, 60:300]
VALUES = cv2.resize(RANDOM.uniform(2, 20, (8, 12)).astype(np.float32), (96, 64))
TRUE = Line(0.04, 0.1).metres(VALUES)
NETWORK = Network("nano", "ab" * 32)


def picture(image):
    return Picture.of_bgr(np.ascontiguousarray(image))


@pytest.fixture(scope="module")
def ruler():
    return Ruler(calibrate_by_depth(picture(SCENE), DepthMap(VALUES), NETWORK, TRUE))


def test_the_reference_itself_is_measured(ruler):
    found = ruler(picture(SCENE), DepthMap(VALUES))
    assert found.depth.meaning is DepthMeaning.METRES
    assert found.depth.values == pytest.approx(TRUE, rel=0.02)
    assert found.still > 0.99


@pytest.mark.parametrize(("scale", "shift"), [(1.4, 0.0), (0.7, 3.0), (1.0, -1.5)])
def test_a_network_whose_scale_drifts_says_the_same_metres(ruler, scale, shift):
    found = ruler(picture(SCENE), DepthMap(VALUES * np.float32(scale) + np.float32(shift)))
    assert found.depth.values == pytest.approx(TRUE, rel=0.03)


def test_somebody_in_front_changes_the_metres_there_alone(ruler):
    image, values = SCENE.copy(), VALUES * np.float32(1.2)
    image[40:, 80:160] = (250, 250, 250)
    values[16:, 32:64] = 1.2 * 60.0
    found = ruler(picture(image), DepthMap(values))
    assert found.depth.values[:12] == pytest.approx(TRUE[:12], rel=0.05)
    assert float(np.median(found.depth.values[20:, 36:60])) == pytest.approx(1 / (0.04 * 60 + 0.1), rel=0.05)


def test_a_camera_that_was_turned_gets_none_and_is_told_why(ruler):
    found = ruler(picture(WIDE[40:200, 80:320]), DepthMap(VALUES))
    assert (found.depth, found.reason) == (None, MOVED)


def test_where_hardly_anything_is_as_it_was_there_are_none(ruler):
    other = cv2.resize(RANDOM.integers(0, 255, (40, 60, 3)).astype(np.uint8), (240, 160))
    other[:30] = SCENE[:30]
    found = ruler(picture(other), DepthMap(VALUES))
    assert found.depth is None
    assert found.reason in {COVERED, MOVED}


def test_a_map_of_another_size_gets_none(ruler):
    found = ruler(picture(SCENE), DepthMap(VALUES[:, :64]))
    assert (found.depth, found.reason) == (None, OTHER_SHAPE)


def test_points_are_looked_up_where_they_are():
    values = np.full((64, 96), 5.0, np.float32)
    values[:, 48:] = 10.0
    points = [Point(20, 80, 4.0), Point(200, 80, 2.0)]
    fit = calibrate_by_points(picture(SCENE), DepthMap(values), NETWORK, points).fit
    assert fit.line.metres(np.array([5.0, 10.0])) == pytest.approx([4.0, 2.0], rel=1e-3)
