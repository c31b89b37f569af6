from __future__ import annotations

import numpy as np
import pytest

from streamdepth.rendering.stabilise.motion import Motion, beyond, noise_of

HEIGHT, WIDTH = 64, 128
FRESH = 0.06


def scene(seed=3):
    blocks = np.random.default_rng(seed).integers(40, 200, (HEIGHT // 4, WIDTH // 4))
    return np.kron(blocks, np.ones((4, 4))).astype(np.float32)


def seen(luma, noise, random):
    return np.clip(np.rint(luma + random.normal(0, noise, luma.shape)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("noise", [0.0, 1.0, 3.0, 6.0])
def test_sensor_noise_is_not_motion(noise):
    random = np.random.default_rng(1)
    motion = Motion.of_first(seen(scene(), noise, random))
    gates = [motion(seen(scene(), noise, random), FRESH) for _ in range(60)]
    assert np.mean([gate > 0 for gate in gates[10:]]) < 0.01


@pytest.mark.parametrize("noise", [0.0, 3.0])
def test_what_moves_is_seen_in_the_same_frame_and_nothing_else(noise):
    random = np.random.default_rng(2)
    motion = Motion.of_first(seen(scene(), noise, random))
    for _ in range(20):
        motion(seen(scene(), noise, random), FRESH)
    changed = scene()
    changed[20:40, 30:60] = 230
    gate = motion(seen(changed, noise, random), FRESH)
    assert gate[20:40, 30:60].min() > 0.9
    assert gate[:, 80:].mean() < 0.01


def test_a_change_of_exposure_is_not_motion():
    motion = Motion.of_first(scene().astype(np.uint8))
    gates = [motion((scene() + 2 * step).astype(np.uint8), FRESH) for step in range(1, 12)]
    assert max(gate.max() for gate in gates) == 0.0


def test_motion_too_slow_for_one_frame_adds_up_until_it_is_seen():
    motion, gates = Motion.of_first(np.full((HEIGHT, WIDTH), 100, np.uint8)), []
    for step in range(30):
        luma = np.full((HEIGHT, WIDTH), 100, np.uint8)
        luma[20:40, 30:60] += np.uint8(step)  # a shade of one level a frame
        gates.append(motion(luma, FRESH)[30, 45])
    assert max(gates[:3]) == 0.0
    assert min(gates[10:]) > 2 * FRESH


def test_a_long_pan_is_not_taken_for_noise():
    wide = np.hstack([scene(seed) for seed in range(4)]).astype(np.uint8)
    motion = Motion.of_first(wide[:, :WIDTH])
    gates = [motion(np.ascontiguousarray(wide[:, step : step + WIDTH]), FRESH) for step in range(1, 300)]
    assert np.mean(gates[-20:]) > 0.8


@pytest.mark.parametrize("noise", [0.5, 2.0, 5.0])
def test_the_noise_is_measured_also_while_a_third_of_the_picture_moves(noise):
    random = np.random.default_rng(4)
    still = random.normal(0, noise * 2**0.5, (HEIGHT, WIDTH)).astype(np.float32)
    still[:, : WIDTH // 3] += scene()[:, : WIDTH // 3] - scene(9)[:, : WIDTH // 3]
    assert noise_of(still) == pytest.approx(noise, rel=0.6)


@pytest.mark.parametrize("shape", [(1, 1), (2, 7)])
def test_tiny_pictures_are_no_trouble(shape):
    luma = np.full(shape, 7, np.uint8)
    assert Motion.of_first(luma)(luma, FRESH).shape == shape


@pytest.mark.parametrize("unit", [1.0, 1e-6, 1e-9, 1e-33])
def test_what_is_far_beyond_a_unit_is_as_much_as_twice_that(unit):
    values = np.repeat(np.array([[unit / 2], [1.5 * unit], [100.0]], np.float32), 8, axis=1)
    found = beyond(values, unit)
    assert found[0].max() == 0
    assert found[1] == pytest.approx(128, abs=1)
    assert found[2].min() == 255
