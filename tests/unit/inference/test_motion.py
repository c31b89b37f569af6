from __future__ import annotations

import numpy as np
import pytest

from streamdepth.inference.motion import HALF_LIFE, Motion
from streamdepth.pixels import Picture

ROOM = np.random.default_rng(1).integers(40, 200, (144, 256, 3)).astype(np.uint8)


def with_person(left, side=24):
    room = ROOM.copy()
    room[60 : 60 + 2 * side, left : left + side] = 250
    return room


def seen(*images, noise=0.0):
    motion, random = Motion(), np.random.default_rng(2)
    for number, image in enumerate(images):
        noisy = np.clip(image + random.normal(0, noise, image.shape), 0, 255).astype(np.uint8)
        motion.see(Picture.of_bgr(noisy), number / 10)
    return motion, (len(images) - 1) / 10


def test_before_a_second_picture_and_where_all_stands_still_nothing_moves():
    for images in ((ROOM,), (ROOM,) * 5):
        motion, now = seen(*images)
        assert motion.level(now) == 0.0


def test_the_noise_of_a_sensor_is_no_motion():
    motion, now = seen(*[ROOM] * 5, noise=6.0)
    assert motion.level(now) == 0.0


def test_somebody_who_walks_is_all_of_it_and_a_fly_is_less():
    walking, now = seen(*(with_person(left) for left in (20, 60, 100)), noise=2.0)
    assert walking.level(now) == 1.0
    fly, now = seen(*(with_person(left, side=4) for left in (20, 60, 100)))
    assert 0.0 < fly.level(now) < 1.0


def test_it_is_forgotten_by_time():
    motion, now = seen(with_person(20), with_person(80))
    assert motion.level(now + HALF_LIFE) == pytest.approx(0.5)
    motion.see(Picture.of_bgr(with_person(80)), now + HALF_LIFE)
    assert motion.level(now + HALF_LIFE) == pytest.approx(0.5), "who stands still for a moment may go on"


def test_a_camera_that_changes_its_size_is_no_motion():
    motion, now = seen(ROOM, ROOM)
    motion.see(Picture.of_bgr(np.repeat(np.repeat(ROOM, 2, axis=0), 2, axis=1)), now + 0.1)
    assert motion.level(now + 0.1) == 0.0
