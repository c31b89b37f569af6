"""The sky of the demo scene: infinitely far, so that it only moves when the camera turns."""

from __future__ import annotations

import math

import numpy as np
import pytest

from streamdepth.pixels import BGRImage
from streamdepth.sources.demo.canvas import HAZE
from streamdepth.sources.demo.sky import Sky
from streamdepth.sources.demo.view import HORIZON, View

WIDTH, HEIGHT, MAX_YAW = 160, 90, 0.12
HORIZON_ROW = math.floor(HORIZON * (HEIGHT - 1))
UNTOUCHED = 7


@pytest.fixture(scope="module")
def sky() -> Sky:
    return Sky(View(WIDTH, HEIGHT), MAX_YAW, np.random.default_rng(0))


def painted(sky: Sky, yaw: float = 0.0, **place: float) -> BGRImage:
    canvas = np.full((HEIGHT, WIDTH, 3), UNTOUCHED, np.uint8)
    sky.paint(canvas, View(WIDTH, HEIGHT, yaw=yaw, **place))
    return canvas


def yaw_of(pixels: float) -> float:
    """How far the camera turns to the right to move what is far to the left by so many pixels."""
    return math.atan(pixels / View(WIDTH, HEIGHT).focal)


def test_it_fills_what_is_above_the_horizon_and_nothing_else(sky: Sky) -> None:
    canvas = painted(sky)
    assert (canvas[: HORIZON_ROW + 1] != UNTOUCHED).any(axis=2).all()
    assert (canvas[HORIZON_ROW + 1 :] == UNTOUCHED).all()


def test_it_does_not_move_with_the_camera_s_place(sky: Sky) -> None:
    assert np.array_equal(painted(sky), painted(sky, x=30.0, z=-200.0))


@pytest.mark.parametrize("pixels", [-9, -1, 1, 4, 12])
def test_a_turn_to_the_right_moves_it_to_the_left(sky: Sky, pixels: int) -> None:
    before, after = painted(sky), painted(sky, yaw_of(pixels))
    if pixels > 0:
        assert np.array_equal(after[:, :-pixels], before[:, pixels:])
    else:
        assert np.array_equal(after[:, -pixels:], before[:, :pixels])


def test_it_moves_by_quarters_of_a_pixel(sky: Sky) -> None:
    here, there = (painted(sky, yaw_of(at))[:HORIZON_ROW].astype(float) for at in (0, 1))
    for quarters in (1, 2, 3):
        between = painted(sky, yaw_of(quarters / 4))[:HORIZON_ROW]
        assert np.abs(between - (here + (there - here) * quarters / 4)).max() <= 0.51


@pytest.mark.parametrize("yaw", [-MAX_YAW, MAX_YAW])
def test_it_reaches_as_far_as_the_camera_turns(sky: Sky, yaw: float) -> None:
    assert (painted(sky, yaw)[: HORIZON_ROW + 1] != UNTOUCHED).any(axis=2).all()


def test_it_is_blue_above_and_fades_into_haze_at_the_horizon(sky: Sky) -> None:
    rows = painted(sky)[: HORIZON_ROW + 1].astype(float).mean(axis=1)
    assert rows[0, 0] > rows[0, 1] > rows[0, 2]
    assert rows[-1] == pytest.approx(HAZE, abs=3)
    assert np.ptp(rows[0]) > 2 * np.ptp(rows[-1])


def test_hills_rise_above_the_horizon_but_not_to_the_zenith(sky: Sky) -> None:
    light = painted(sky)[: HORIZON_ROW + 1].astype(float).mean(axis=2).mean(axis=1)
    darkest = int(light[HORIZON_ROW // 2 :].argmin()) + HORIZON_ROW // 2
    assert light[darkest] < light[-1] - 10
    assert 0 < HORIZON_ROW - darkest < 0.3 * HORIZON_ROW


def test_another_seed_has_other_clouds(sky: Sky) -> None:
    other = Sky(View(WIDTH, HEIGHT), MAX_YAW, np.random.default_rng(1))
    assert not np.array_equal(painted(sky), painted(other))
