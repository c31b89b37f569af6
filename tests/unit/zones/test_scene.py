from __future__ import annotations

import cv2
import numpy as np
import pytest

from streamdepth.zones.scene import COVERED, LEARNING, MOVED, EmptyScene
from streamdepth.zones.zone import Unit

SHAPE, TENTH = (48, 64), 0.1
BOX = np.s_[16:32, 20:36]
"""Where something comes to stand."""


def scene(seed=1):
    """Depth of a floor that rises to a wall, and luma with structure."""
    rng = np.random.default_rng(seed)
    depth = np.tile(np.linspace(0.2, 1.0, SHAPE[0], dtype=np.float32)[:, None], (1, SHAPE[1]))
    small = cv2.resize(rng.integers(40, 200, (12, 16)).astype(np.uint8), (SHAPE[1] // 2, SHAPE[0] // 2))
    return depth, small


def with_box(depth, luma, by=0.3):
    depth, luma = depth.copy(), luma.copy()
    depth[BOX] += by
    luma[8:16, 10:18] = np.random.default_rng(7).integers(0, 255, (8, 8))
    return depth, luma


class Camera:
    """Feeds a model with pictures a tenth of a second apart, each with its own scale, shift and noise."""

    def __init__(self, unit=Unit.RELATIVE, least=0.1, learn=1.0, absorb=3600.0, drift=0.2, noise=0.005):
        self.model = EmptyScene(unit, least, learn=learn, absorb=absorb)
        self.rng, self.drift, self.noise = np.random.default_rng(3), drift, noise

    def shows(self, depth, luma, seconds, every=TENTH):
        for _ in range(round(seconds / every)):
            scale = 1 + self.drift * self.rng.uniform(-1, 1)
            seen = (
                depth * scale + self.rng.uniform(-1, 1) * self.drift + self.rng.normal(0, self.noise, SHAPE)
            )
            grain = self.rng.normal(0, 2, luma.shape)
            noisy = np.clip(luma + grain, 0, 255).astype(np.uint8)
            last = self.model(seen.astype(np.float32), noisy, every)
        return last


@pytest.fixture
def camera():
    camera = Camera()
    assert camera.shows(*scene(), 1.1).reason == LEARNING
    return camera


def test_the_empty_scene_stays_empty_whatever_scale_and_shift_a_network_gives_it(camera):
    assert camera.shows(*scene(), 5.0).new(0.1).mean() == 0.0


def test_what_stands_where_nothing_stood_is_new_and_nothing_else_is(camera):
    camera.shows(*scene(), 1.0)
    new = camera.shows(*with_box(*scene()), 1.0).new(0.1)
    assert new[BOX].mean() > 0.95
    new[BOX] = False
    assert new.mean() < 0.01


def test_what_is_new_stays_so_and_its_scene_is_remembered(camera):
    camera.shows(*with_box(*scene()), 120.0, every=1.0)
    assert camera.shows(*with_box(*scene()), 0.1).new(0.1)[BOX].mean() > 0.95
    assert camera.shows(*scene(), 0.3).new(0.1).mean() == 0.0


@pytest.mark.parametrize("light", [lambda luma: luma * 0.5, lambda luma: luma * 0.8 + 40])
def test_a_change_of_light_is_nothing_new(camera, light):
    depth, luma = scene()
    bent = depth + 0.15 * (depth - 0.5) ** 2  # a network answers otherwise in other light
    assert camera.shows(bent.astype(np.float32), light(luma).astype(np.uint8), 2.0).new(0.1).mean() == 0.0


def test_a_lamp_in_one_corner_is_nothing_new(camera):
    depth, luma = scene()
    rows, columns = np.mgrid[: luma.shape[0], : luma.shape[1]]
    light = 1 + 0.6 * np.exp(-(((rows - 12) / 9) ** 2 + ((columns - 12) / 9) ** 2))
    bent = depth.copy()
    bent[16:32, 16:36] += 0.12  # a network answers otherwise there
    lit = np.clip(luma * light, 0, 255).astype(np.uint8)
    assert camera.shows(bent, lit, 2.0).new(0.1).mean() < 0.02


def test_a_shadow_is_nothing_new(camera):
    depth, luma = scene()
    luma = luma.copy()
    luma[8:20, 5:25] //= 3
    assert camera.shows(depth, luma, 2.0).new(0.1).mean() == 0.0


def test_what_looks_like_its_background_is_new_where_it_is_much_nearer(camera):
    depth, luma = scene()
    box, _ = with_box(depth, luma, by=0.5)
    assert camera.shows(box, luma, 1.0).new(0.1)[BOX].mean() > 0.95
    box, _ = with_box(depth, luma, by=0.15)
    assert camera.shows(box, luma, 1.0).new(0.1)[BOX].mean() == 0.0


def test_what_passes_while_it_is_learnt_is_seen_when_it_comes_again():
    camera = Camera()
    camera.shows(*scene(), 0.9)
    camera.shows(*with_box(*scene()), 0.2)
    camera.shows(*scene(), 5.0)
    assert camera.shows(*with_box(*scene()), 0.2).new(0.1)[BOX].mean() > 0.95


def test_who_stood_there_at_first_leaves_no_ghost(camera):
    camera = Camera()
    camera.shows(*with_box(*scene()), 2.0)
    camera.shows(*scene(), 100.0, every=1.0)
    assert camera.shows(*with_box(*scene()), 0.5).new(0.1)[BOX].mean() > 0.9


def test_what_stays_long_enough_belongs_to_the_scene():
    camera = Camera(absorb=5.0)
    camera.shows(*scene(), 2.0)
    assert camera.shows(*with_box(*scene()), 4.0).new(0.1)[BOX].mean() > 0.95
    assert camera.shows(*with_box(*scene()), 4.0).new(0.1)[BOX].mean() < 0.05


def test_metres_are_by_how_much_it_is_nearer():
    camera = Camera(Unit.METRES, least=0.4, drift=0.0, noise=0.001)
    depth, luma = scene()
    metres = np.full(SHAPE, 4.0, np.float32)
    metres[:24] = 6.0
    camera.shows(1 / metres, luma, 2.0)
    _, moved = with_box(depth, luma)
    metres[BOX] -= 0.5
    seen = camera.shows(1 / metres, moved, 0.5)
    assert seen.new(0.4)[BOX].mean() > 0.95
    assert seen.new(0.6)[BOX].mean() < 0.05


def test_a_camera_that_is_moved_says_nothing_and_then_learns_anew(camera):
    depth, luma = scene()
    moved = np.roll(luma, 3, axis=1)
    assert camera.shows(depth, moved, 2.0).reason == MOVED
    assert camera.shows(depth, moved, 8.6).reason == LEARNING
    assert camera.shows(depth, moved, 2.0).new(0.1).mean() == 0.0


def test_a_scene_that_is_covered_says_nothing(camera):
    depth, _ = scene()
    assert camera.shows(depth, scene(seed=9)[1], 0.5).reason in (COVERED, MOVED)


def test_maps_of_another_size_are_another_scene(camera):
    depth, luma = scene()
    assert camera.model(depth[::2, ::2], luma, TENTH).reason == LEARNING
