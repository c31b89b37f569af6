from __future__ import annotations

import cv2
import numpy as np
import pytest

from streamdepth.imaging.standing import standing
from streamdepth.metres.ruler import LEAST_STILL

RANDOM = np.random.default_rng(4)
SCENE = cv2.resize(RANDOM.integers(20, 200, (18, 32)).astype(np.uint8), (128, 72))


def seen(image):
    noisy = image.astype(np.float32) + RANDOM.normal(0, 2, image.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def test_the_same_scene_stands_still_in_noise():
    found = standing(seen(SCENE), SCENE)
    assert found.share > 0.99
    assert not found.moved


@pytest.mark.parametrize(("gain", "offset"), [(0.6, 0), (1.2, 10), (1.0, 40)])
def test_light_and_contrast_change_nothing(gain, offset):
    found = standing(seen(SCENE * gain + offset), SCENE)
    assert found.share > 0.95
    assert not found.moved


def test_what_stands_in_front_does_not_count():
    image = SCENE.copy()
    image[20:70, 30:80] = 250
    found = standing(seen(image), SCENE)
    assert found.still[30:60, 40:70].mean() < 0.02
    assert found.still[:15].mean() > 0.95
    assert not found.moved


@pytest.mark.parametrize("shift", [(6, 0), (0, 5), (-8, 4)])
def test_a_camera_that_was_turned_is_noticed(shift):
    wide = cv2.resize(RANDOM.integers(20, 200, (30, 50)).astype(np.uint8), (200, 120))
    old, new = wide[20:92, 30:158], wide[20 + shift[1] : 92 + shift[1], 30 + shift[0] : 158 + shift[0]]
    assert standing(seen(new), old).moved


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1)])
def test_a_line_or_a_dot_is_compared_and_never_moves(shape):
    line = np.arange(shape[0] * shape[1], dtype=np.uint8).reshape(shape) * 5
    found = standing(line, line)
    assert (found.share, found.moved) == (1.0, False)


def test_another_scene_hardly_stands():
    other = cv2.resize(RANDOM.integers(20, 200, (18, 32)).astype(np.uint8), (128, 72))
    assert standing(other, SCENE).share < 0.1


def test_smooth_scenes_that_are_as_bright_are_not_taken_for_one_another():
    smooth = [cv2.resize(RANDOM.integers(70, 150, (9, 16)).astype(np.uint8), (128, 72)) for _ in range(2)]
    assert standing(*smooth).share < LEAST_STILL
    assert standing(seen(smooth[0]), smooth[0]).share > 0.8
