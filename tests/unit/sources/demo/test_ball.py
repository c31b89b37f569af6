"""A ball in the picture: its outline and its depth are those of a sphere in perspective."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from streamdepth.pixels import BGRImage
from streamdepth.sources.demo.ball import Ball, BallLook
from streamdepth.sources.demo.canvas import SUN
from streamdepth.sources.demo.textures import skin
from streamdepth.sources.demo.view import EYE_HEIGHT, View, Window

VIEW = View(320, 180, x=0.4, z=-1.0, yaw=0.15)
WHOLE = Window(0, 0, 320, 180)
BLUE, RED = (220, 60, 20), (20, 30, 210)


def look_of(*, gloss: float = 0.0, clear: float = 1.0, tilt: float = 0.2) -> BallLook:
    return BallLook(
        skin("squares", 64, np.random.default_rng(0)), (BLUE, RED), 96, tilt=tilt, gloss=gloss, clear=clear
    )


@pytest.fixture(scope="module")
def look() -> BallLook:
    return look_of()


def ball_at(
    place: tuple[float, float, float], look: BallLook, radius: float = 0.5, spin: float = 0.0
) -> Ball:
    return Ball(np.array(place), radius, look, spin)


def painted(ball: Ball, view: View = VIEW, under: int = 0) -> BGRImage:
    canvas = np.full((view.height, view.width, 3), under, np.uint8)
    ball.paint(canvas, view)
    return canvas


def covered(ball: Ball) -> NDArray[np.float64]:
    """(H, W) how much of each pixel the ball hides: what is not seen of a white ground."""
    light = painted(ball, under=255).astype(float) - painted(ball)
    return 1 - light.mean(axis=2) / 255


def centre(share: NDArray[Any]) -> NDArray[np.float64]:
    """x and y of the middle of a (H, W) share."""
    rows, columns = np.indices(share.shape)
    return np.array([(columns * share).sum(), (rows * share).sum()]) / share.sum()


def hits(ball: Ball) -> NDArray[np.bool_]:
    """(H, W) whether the ray of a pixel comes nearer to the centre than the radius: the sphere by its definition."""
    rays, centre = VIEW.rays(WHOLE), VIEW.to_camera(ball.place)
    off = np.cross(rays, centre)
    return np.linalg.norm(off, axis=-1) / np.linalg.norm(rays, axis=-1) <= ball.radius


PLACES = [(0.4, 1.6, 3.0), (-1.2, 0.6, 3.5), (2.4, 2.4, 4.0), (0.0, 0.5, 12.0)]


@pytest.mark.parametrize("place", PLACES)
def test_its_depth_is_where_rays_meet_the_sphere(place: tuple[float, float, float], look: BallLook) -> None:
    ball = ball_at(place, look)
    inverse = ball.inverse_depth(VIEW, WHOLE)
    met = inverse > 0
    assert met.sum() > 20
    assert np.array_equal(met, hits(ball))
    points = VIEW.rays(WHOLE)[met] / inverse[met][:, None]
    from_centre = np.linalg.norm(points - VIEW.to_camera(ball.place), axis=-1)
    assert from_centre == pytest.approx(0.5)
    to_centre = np.linalg.norm(VIEW.to_camera(ball.place))
    assert (np.linalg.norm(points, axis=-1) < to_centre).all(), "the near side, not the far one"


def test_a_ball_straight_ahead_is_as_near_as_its_nearest_point(look: BallLook) -> None:
    view = View(321, 181)
    ball = ball_at((0.0, EYE_HEIGHT, 6.0), look)
    nearest = ball.inverse_depth(view, Window(0, 0, 321, 181)).max()
    assert nearest == pytest.approx(1 / 5.5, rel=1e-3)
    assert nearest <= 1 / 5.5


@pytest.mark.parametrize("place", PLACES)
def test_its_picture_ends_where_its_depth_does(place: tuple[float, float, float], look: BallLook) -> None:
    ball = ball_at(place, look)
    seen, met = covered(ball), hits(ball)
    assert centre(seen) == pytest.approx(centre(met), abs=0.3)
    rim = 2 * math.sqrt(math.pi * np.count_nonzero(met))
    assert abs(seen.sum() - np.count_nonzero(met)) < rim / 4, "a quarter of a pixel all round"
    assert np.abs(seen - met).sum() < rim / 2


@pytest.mark.parametrize("place", PLACES)
def test_its_window_holds_all_of_it_and_little_more(
    place: tuple[float, float, float], look: BallLook
) -> None:
    ball = ball_at(place, look)
    window, rows_columns = ball.window(VIEW), np.nonzero(hits(ball))
    (top, bottom), (left, right) = ((int(at.min()), int(at.max())) for at in rows_columns)
    assert window.left <= left
    assert window.right > right
    assert window.top <= top
    assert window.bottom > bottom
    assert window.size[0] <= right - left + 10
    outside = painted(ball)
    outside[window.slices] = 0
    assert not outside.any()


def test_a_ball_beside_the_picture_paints_nothing(look: BallLook) -> None:
    ball = ball_at((9.0, 1.0, 3.0), look)
    assert ball.window(VIEW).empty
    assert not painted(ball).any()


def test_a_spin_turns_its_skin_and_a_whole_turn_brings_it_back(look: BallLook) -> None:
    assert np.array_equal(look.at(0.0), look.at(math.tau))
    assert np.array_equal(look.at(-math.tau / 4), look.at(math.tau * 3 / 4))
    assert np.abs(look.at(0.0).astype(int) - look.at(0.5)).mean() > 5


def test_it_is_brighter_towards_the_sun(look: BallLook) -> None:
    """The sun stands to the left, above, behind the camera."""
    light = np.mean([look.at(spin)[..., :3].mean(axis=2) for spin in np.linspace(0, 6, 13)], axis=0)
    assert SUN[0] < 0 < SUN[1]
    assert light[24:40, 24:40].mean() > 1.5 * light[60:76, 60:76].mean()


def test_gloss_adds_a_bright_spot() -> None:
    dull, glossy = look_of().at(0.0).astype(int), look_of(gloss=1.0).at(0.0).astype(int)
    gain = (glossy - dull)[..., :3].mean(axis=2)
    assert gain.max() > 60
    assert np.count_nonzero(gain > 30) < 0.1 * gain.size


def test_haze_takes_its_colour_away() -> None:
    def contrast(clear: float) -> float:
        return float(look_of(clear=clear).at(0.0)[..., :3].astype(float).std())

    assert contrast(1.0) > contrast(0.5) > contrast(0.1)


def test_its_shadow_lies_on_the_ground_away_from_the_sun(look: BallLook) -> None:
    ((thrown, light),) = ball_at((1.0, 2.0, 5.0), look).shadows
    assert 0 < light < 255
    assert thrown[:, 1] == pytest.approx(0)
    middle = thrown.mean(axis=0)
    drop = 2.0 / SUN[1]
    assert middle == pytest.approx((1.0 - drop * SUN[0], 0.0, 5.0 - drop * SUN[2]), abs=1e-6)
    # Each ray of its rim passes the centre by one radius.
    past = np.linalg.norm(np.cross(thrown - (1.0, 2.0, 5.0), SUN), axis=1)
    assert past == pytest.approx(0.5)


def test_near_the_ground_it_is_dark_beneath_it_as_well(look: BallLook) -> None:
    _, (foot, light) = ball_at((1.0, 0.5, 5.0), look).shadows
    assert light < 84
    assert foot[:, 1] == pytest.approx(0)
    assert np.linalg.norm(foot - (1.0, 0.0, 5.0), axis=1) == pytest.approx(0.275)
    assert len(ball_at((1.0, 0.76, 5.0), look).shadows) == 1
