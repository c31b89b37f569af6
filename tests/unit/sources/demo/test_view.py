"""The pinhole camera: where a place in the world is in the picture."""

from __future__ import annotations

import math

import numpy as np
import pytest

from streamdepth.sources.demo.view import EYE_HEIGHT, HORIZON, View, Window


@pytest.fixture
def turned() -> View:
    return View(640, 360, x=1.5, z=-2.0, yaw=0.3)


def test_a_window_tells_its_pixels_in_the_order_of_pictures_and_of_points() -> None:
    window = Window(2, 3, 7, 5)
    assert (window.size, window.shape, window.corner) == ((5, 2), (2, 5), (2, 3))
    picture = np.arange(80).reshape(8, 10)
    assert picture[window.slices].tolist() == [[32, 33, 34, 35, 36], [42, 43, 44, 45, 46]]


@pytest.mark.parametrize(
    ("window", "is_empty"),
    [
        (Window(0, 0, 1, 1), False),
        (Window(3, 0, 3, 9), True),
        (Window(0, 5, 9, 5), True),
        (Window(4, 4, 2, 9), True),
    ],
)
def test_a_window_without_a_pixel_is_empty(window: Window, is_empty: bool) -> None:
    assert window.empty is is_empty


def test_the_maps_to_and_from_a_window_undo_each_other() -> None:
    window = Window(20, 30, 70, 50)
    assert (window.from_origin @ (25, 31, 1)).tolist() == [5, 1, 1]
    assert np.array_equal(window.from_origin @ window.to_origin, np.eye(3))


@pytest.mark.parametrize(("width", "height"), [(640, 360), (360, 640)])
def test_the_longer_side_sees_58_degrees(width: int, height: int) -> None:
    view = View(width, height)
    assert math.degrees(2 * math.atan(max(width, height) / 2 / view.focal)) == pytest.approx(58, abs=0.2)


def test_what_is_straight_ahead_at_the_height_of_the_eye_is_on_the_horizon(turned: View) -> None:
    ahead = turned.position + 7.0 * np.array([math.sin(0.3), 0.0, math.cos(0.3)])
    assert turned.project(ahead) == pytest.approx((319.5, HORIZON * 359))
    assert turned.to_camera(ahead) == pytest.approx((0, 0, 7))


def test_right_is_right_and_up_is_up() -> None:
    view = View(640, 360)
    u, v = view.centre
    right, up = view.project(np.array([[1.0, EYE_HEIGHT, 4.0], [0.0, EYE_HEIGHT + 1, 4.0]]))
    assert right == pytest.approx((u + view.focal / 4, v))
    assert up == pytest.approx((u, v - view.focal / 4))
    # Who looks to the right sees it move to the left.
    assert View(640, 360, yaw=0.1).project(np.array([0.0, EYE_HEIGHT, 4.0]))[0] < u


def test_verticals_stay_vertical_however_the_camera_is_turned(turned: View) -> None:
    pole = np.array([[2.0, height, 6.0] for height in (0.0, 1.0, 5.0)])
    across, down = turned.project(pole).T
    assert np.ptp(across) == pytest.approx(0, abs=1e-9)
    assert down[0] > down[1] > down[2]


def test_the_projection_is_that_of_points_and_its_last_row_tells_their_distance(turned: View) -> None:
    points = np.random.default_rng(3).uniform((-2, 0, 3), (2, 3, 9), (20, 3))
    homogeneous = np.column_stack([points, np.ones(20)]) @ turned.projection.T
    assert homogeneous[:, :2] / homogeneous[:, 2:] == pytest.approx(turned.project(points))
    assert homogeneous[:, 2] == pytest.approx(turned.to_camera(points)[:, 2])


def test_a_ray_leads_from_the_camera_through_its_pixel(turned: View) -> None:
    window = Window(100, 50, 104, 53)
    rays = turned.rays(window)
    assert rays.shape == (3, 4, 3)
    places = turned.position + 5.0 * rays @ turned.rotation
    across, down = np.meshgrid(np.arange(100, 104), np.arange(50, 53))
    assert turned.project(places) == pytest.approx(np.stack([across, down], axis=-1))
    assert turned.to_camera(places)[..., 2] == pytest.approx(5.0)


def test_a_window_round_points_has_its_margin_and_ends_at_the_picture() -> None:
    view = View(64, 48)
    assert view.window(np.array([[10.2, 20.0], [30.0, 8.9]]), 1.5) == Window(8, 7, 33, 23)
    assert view.window(np.array([[-9.0, 2.0], [99.0, 70.0]]), 1.0) == Window(0, 1, 64, 48)
    assert view.window(np.array([[70.0, 5.0], [80.0, 9.0]]), 1.0).empty
