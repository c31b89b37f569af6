from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from streamdepth.frames import DepthMap, Frame
from streamdepth.pixels import Picture
from streamdepth.rendering.shots import FIRST, Step
from streamdepth.rendering.stabilise.stabiliser import Stabiliser

HEIGHT, WIDTH = 48, 96
RATE = 30
NEXT = Step(1 / RATE, starts=False)
FAR_TO_NEAR = np.tile(np.linspace(1, 5, HEIGHT, dtype=np.float32)[:, None], (1, WIDTH))
TEXTURE = np.random.default_rng(0).integers(60, 180, (HEIGHT // 4, WIDTH // 4))


class Camera:
    """Looks at a slope with a textured square on it; its network flickers in scale, in shift and in each pixel."""

    def __init__(self, flicker=1.0):
        self.random, self.flicker = np.random.default_rng(7), flicker

    def __call__(self, left=None, near=8.0):
        luma = np.kron(TEXTURE, np.ones((4, 4)))
        true = FAR_TO_NEAR.copy()
        if left is not None:
            square = np.s_[16:32, left : left + 16]
            luma[square] = 240 - luma[square] / 2
            true[square] = near
        noisy = luma + self.random.normal(0, 2, luma.shape)
        picture = np.clip(noisy, 0, 255).astype(np.uint8)[:, :, None].repeat(3, axis=2)
        large = picture.repeat(4, axis=0).repeat(4, axis=1)
        scale, shift = 1 + self.flicker * self.random.normal(0, [0.05, 0.2])
        grain = self.flicker * self.random.normal(0, 0.05, true.shape)
        values = (true * scale + shift + grain).astype(np.float32)
        return Frame(0, Fraction(0), 0.0, Picture.of_bgr(large)), DepthMap(values), true


def change(maps):
    return np.mean([np.abs(b - a).mean() for a, b in pairwise(maps)])


def affine_error(values, true):
    """Mean error after the best scale and shift."""
    columns = np.stack([values.ravel(), np.ones(values.size)], axis=1)
    return np.abs(columns @ np.linalg.lstsq(columns, true.ravel(), rcond=None)[0] - true.ravel()).mean()


def run(camera, count, stabiliser=None, **view):
    stabiliser = stabiliser or Stabiliser()
    raw, steady = [], []
    for index in range(count):
        frame, depth, _ = camera(**view)
        raw.append(depth.values)
        steady.append(stabiliser(frame, depth, NEXT if index else FIRST).values)
    return raw, steady


def test_still_pixels_change_a_tenth_as_much():
    raw, steady = run(Camera(), 60)
    assert change(steady[15:]) < change(raw[15:]) / 10


def test_what_is_steadied_is_nearer_to_the_truth():
    camera = Camera()
    raw, steady = run(camera, 60, left=40)
    true = camera(left=40)[2]
    assert affine_error(steady[-1], true) < affine_error(raw[-1], true) / 2


def test_the_first_map_of_a_shot_is_what_the_network_gave():
    camera, stabiliser = Camera(), Stabiliser()
    run(camera, 20, stabiliser)
    frame, depth, _ = camera()
    other = DepthMap(depth.values * 50 + 7)
    assert np.array_equal(stabiliser(frame, other, FIRST).values, other.values)


def test_another_size_of_the_maps_starts_anew():
    camera, stabiliser = Camera(), Stabiliser()
    run(camera, 3, stabiliser)
    frame, depth, _ = camera()
    small = DepthMap(depth.values[::2, ::2].copy())
    assert np.array_equal(stabiliser(frame, small, NEXT).values, small.values)


def test_what_is_given_and_what_was_returned_is_never_written_to():
    camera, stabiliser = Camera(), Stabiliser()
    given, returned = [], []
    for index in range(6):
        frame, depth, _ = camera(left=4 * index)
        given.append((depth.values, depth.values.copy()))
        steady = stabiliser(frame, depth, NEXT if index else FIRST).values
        returned.append((steady, steady.copy()))
    assert all(np.array_equal(now, before) for now, before in given + returned)


def test_the_edge_of_a_moving_thing_lags_at_most_one_frame():
    camera, stabiliser = Camera(), Stabiliser()
    run(camera, 30, stabiliser, left=0)
    for step in range(1, 20):
        frame, depth, true = camera(left=4 * step)
        steady = stabiliser(frame, depth, NEXT).values
        now, before = (affine_error(steady, truth) for truth in (true, camera(left=4 * (step - 1))[2]))
        assert now < before
        assert now < 2.0 * affine_error(depth.values, true)


def test_a_thing_that_appears_after_a_long_still_shows_its_depth_at_once():
    camera, stabiliser = Camera(), Stabiliser()
    run(camera, 10, stabiliser)
    camera.flicker = 0.0  # as of a film that is paused: what is left is rounding
    for _ in range(150):
        stabiliser(*camera()[:2], Step(10.0, starts=False))
    assert stabiliser.state.flicker < 1e-6
    shown = stabiliser(*camera(left=40, near=100.0)[:2], NEXT).values
    assert shown[20:28, 44:52].mean() == pytest.approx(100.0, rel=0.1)


@pytest.mark.parametrize("rate", [8, 30, 60])
def test_a_still_thing_that_starts_to_move_shows_its_new_depth_within_a_fifth_of_a_second(rate):
    camera, stabiliser = Camera(), Stabiliser()
    run(camera, 5 * rate, stabiliser, left=40)
    for step in range(1, 1 + rate // 5):
        frame, depth, true = camera(left=40 + step)
        steady = stabiliser(frame, depth, Step(1 / rate, starts=False)).values
    left = 40 + rate // 5
    height = steady[20:28, left + 12 : left + 15].mean() - steady[20:28, left + 24 : left + 40].mean()
    expected = true[20:28, left + 12 : left + 15].mean() - true[20:28, left + 24 : left + 40].mean()
    assert height == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("rate", [5, 60])
def test_a_still_pixel_settles_with_a_time_constant_in_seconds_whatever_the_frame_rate(rate):
    camera, stabiliser = Camera(flicker=0.0), Stabiliser(smoothing=0.5)
    frame, depth, _ = camera()
    stabiliser(frame, depth, FIRST)
    changed = depth.values.copy()
    changed[20:28, 40:56] += 3.0  # nothing in the picture tells of it
    for _ in range(rate):
        frame, *_ = camera()
        steady = stabiliser(frame, DepthMap(changed), Step(1 / rate, starts=False)).values
    risen = (steady - depth.values)[22:26, 44:52].mean()
    assert risen / 3 == pytest.approx(1 - np.exp(-1 / 0.5), abs=0.06)


@pytest.mark.parametrize("moves", [False, True])
def test_units_do_not_drift_in_a_long_run(moves):
    # Each map also bends, which no scale and shift can undo: every fit is a little wrong. Where everything moves, a map
    # in the units of the one before it alone would walk off at random.
    camera, stabiliser, spans = Camera(), Stabiliser(), []
    bend = np.sin(np.linspace(0, 2 * np.pi, HEIGHT, dtype=np.float32))[:, None]
    for index in range(2000):
        frame, depth, _ = camera()
        depth = DepthMap(depth.values + np.float32(camera.random.normal(0, 0.15)) * bend)
        if moves:  # the whole picture, always
            picture = np.roll(frame.bgr, 16 * index, axis=1)
            frame = Frame(0, Fraction(0), 0.0, Picture.of_bgr(picture))
        steady = stabiliser(frame, depth, NEXT if index else FIRST).values
        spans.append((float(steady[-4:].mean() - steady[:4].mean()), float(steady.mean())))
    # Means of ten seconds: what is left of a single fit is not drift.
    spread, level = np.array(spans[200:]).reshape(-1, 300, 2).mean(axis=1).T
    true_spread = float(FAR_TO_NEAR[-4:].mean() - FAR_TO_NEAR[:4].mean())
    assert spread == pytest.approx(np.full(spread.shape, true_spread), rel=0.1)
    assert np.abs(level - level.mean()).max() < 0.3


@pytest.mark.parametrize("shape", [(1, 1), (5, 7), (33, 50)])
def test_maps_of_any_size_are_steadied(shape):
    stabiliser, random = Stabiliser(), np.random.default_rng(3)
    picture = Picture.of_bgr(random.integers(0, 255, (60, 80, 3), np.uint8))
    scene = random.random(shape, np.float32)
    for index in range(20):
        noisy = scene + random.normal(0, 0.01, shape).astype(np.float32)
        frame = Frame(index, Fraction(index, RATE), 0.0, picture)
        steady = stabiliser(frame, DepthMap(noisy), NEXT if index else FIRST).values
        assert steady.shape == shape
    assert np.abs(steady - scene).max() < 0.05
