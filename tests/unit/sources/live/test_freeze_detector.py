"""What counts as a picture that stands still, and what does not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import I420, Picture, bgr_to_i420
from streamdepth.sources.live.freeze_detector import SAMPLES, FreezeDetector, luma_samples

SCENE = np.random.default_rng(0).integers(40, 200, (180, 320, 3)).astype(np.uint8)


def noisy(seed: int, sigma: float = 1.0) -> NDArray[np.uint8]:
    noise = np.random.default_rng(seed).normal(0.0, sigma, SCENE.shape)
    return np.clip(np.rint(SCENE + noise), 0, 255).astype(np.uint8)


def still_for(pictures: list[NDArray[np.uint8]], rate: float = 10.0) -> list[float]:
    standstill = FreezeDetector()
    return [standstill.update(Picture.of_bgr(image), index / rate) for index, image in enumerate(pictures)]


def test_the_same_picture_again_and_again_stands_still_since_the_first() -> None:
    assert still_for([SCENE] * 31)[-1] == 3.0


def test_the_faint_noise_of_a_sensor_is_new_each_time() -> None:
    assert still_for([noisy(seed) for seed in range(30)]) == [0.0] * 30


def test_an_encoder_that_repeats_itself_with_its_keyframes_stands_still() -> None:
    group = [noisy(seed, 0.6) for seed in range(10)]
    assert still_for(group * 4)[-1] == 3.0


def test_a_short_film_that_loops_does_not_stand_still() -> None:
    film = [np.roll(SCENE, 16 * index, axis=1) for index in range(10)]
    assert max(still_for(film * 4)) < 0.2


def test_a_clock_in_a_picture_without_noise_is_a_change() -> None:
    digits = SCENE.copy()
    digits[10:20, 10:18] = 255
    assert still_for([SCENE] * 10 + [digits])[-1] == 0.0


def test_it_ends_with_the_first_new_picture_and_begins_again() -> None:
    found = still_for([SCENE] * 5 + [noisy(1)] + [noisy(1)] * 5)
    assert found[4] == 0.4
    assert found[5] == 0.0
    assert round(found[-1], 6) == 0.5


def test_after_a_reset_the_same_picture_is_new() -> None:
    standstill = FreezeDetector()
    standstill.update(Picture.of_bgr(SCENE), 0.0)
    standstill.reset()
    assert standstill.update(Picture.of_bgr(SCENE), 5.0) == 0.0


def test_what_is_remembered_is_bounded() -> None:
    standstill = FreezeDetector()
    small = SCENE[:18, :32]
    for index in range(1500):
        changed = small.copy()
        changed[index % 18, index // 18 % 32] = index // 576
        standstill.update(Picture.of_bgr(changed), float(index))
    assert len(standstill._known) == 1000


def test_a_change_of_size_is_a_change() -> None:
    assert still_for([SCENE, SCENE[:90], SCENE[:90]])[1:] == [0.0, 0.1]


def test_planes_and_bgr_are_sampled_alike_and_sparsely() -> None:
    large = np.zeros((1080, 1920, 3), np.uint8)
    planes: I420 = bgr_to_i420(large)
    for picture in (Picture.of_bgr(large), Picture.of_i420(planes)):
        samples = luma_samples(picture)
        assert SAMPLES / 2 < samples.size <= SAMPLES
