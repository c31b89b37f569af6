from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from streamdepth.frames import Frame
from streamdepth.pixels import I420, Picture
from streamdepth.rendering.shots import FIRST, Shots, Step, grey_thumbnail


def grey(level, width=320, height=180):
    return Picture.of_bgr(np.full((height, width, 3), level, np.uint8))


def frame(seconds, level=90):
    return Frame(0, Fraction(seconds), 0.0, grey(level))


def test_the_first_frame_starts_a_shot_and_the_next_one_goes_on():
    shots = Shots()
    assert shots(frame(3)) == FIRST
    assert shots(frame(Fraction(31, 10))) == Step(pytest.approx(0.1), starts=False)


def test_a_cut_starts_a_shot():
    shots = Shots()
    shots(frame(0, level=30))
    assert shots(frame(Fraction(1, 25), level=200)) == FIRST
    assert not shots(frame(Fraction(2, 25), level=200)).starts


@pytest.mark.parametrize("seconds", [60, -1])
def test_a_long_gap_and_a_jump_back_start_anew(seconds):
    shots = Shots()
    shots(frame(10))
    assert shots(frame(10 + seconds)) == FIRST


def test_noise_and_a_slow_change_of_light_are_no_cuts():
    rng = np.random.default_rng(1)
    scene = rng.integers(0, 200, (180, 320, 3))
    shots = Shots()
    for step in range(30):
        noisy = np.clip(scene + rng.normal(0, 12, scene.shape) + step, 0, 255).astype(np.uint8)
        found = shots(Frame(step, Fraction(step, 25), 0.0, Picture.of_bgr(noisy)))
        assert found.starts == (step == 0)


def test_a_new_picture_is_a_cut_once():
    shots = Shots()
    answers = [shots(frame(Fraction(n, 25), level)).starts for n, level in enumerate((40, 40, 160, 160))]
    assert answers == [True, False, True, False]


def test_the_thumbnail_of_planes_is_their_luma():
    half = np.full((90, 160), 128, np.uint8)
    planes = Picture.of_i420(I420(np.full((180, 320), 77, np.uint8), half, half))
    assert np.array_equal(grey_thumbnail(planes), np.full((18, 32), 77, np.uint8))


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (33, 17), (4096, 2160)])
def test_a_thumbnail_can_be_made_of_any_size(size):
    assert grey_thumbnail(grey(5, *size)).shape == (18, 32)
