from __future__ import annotations

import cv2
import numpy as np
import pytest

from streamdepth.pixels import I420, Picture
from streamdepth.rendering.refine import lines, luma_of, refine

RANDOM = np.random.default_rng(3)


def guided_filter(guide, depth, radius, epsilon):
    """As He, Sun and Tang write it down (2010), window by window; borders mirrored without the edge pixel."""
    size = 2 * radius + 1
    pad = ((radius, radius), (radius, radius))

    def windows(image):
        padded = np.pad(image.astype(np.float64), pad, mode="reflect")
        return np.lib.stride_tricks.sliding_window_view(padded, (size, size))

    guides, depths = windows(guide), windows(depth)
    mean_i, mean_p = guides.mean(axis=(2, 3)), depths.mean(axis=(2, 3))
    covariance = (guides * depths).mean(axis=(2, 3)) - mean_i * mean_p
    slope = covariance / (guides.var(axis=(2, 3)) + epsilon)
    offset = mean_p - slope * mean_i
    return windows(slope).mean(axis=(2, 3)) * guide + windows(offset).mean(axis=(2, 3))


def smooth(height, width):
    noise = RANDOM.random((height, width)).astype(np.float32)
    blurred = cv2.GaussianBlur(noise, (0, 0), 6)
    return cv2.normalize(blurred, None, 0, 255, cv2.NORM_MINMAX)


@pytest.mark.parametrize("radius", [1, 4])
def test_it_is_the_guided_filter(radius):
    guide, depth = RANDOM.integers(0, 255, (40, 60)), smooth(40, 60)
    slope, offset = lines(guide.astype(np.float32), depth, radius, 10.0)
    assert np.abs(slope * guide + offset - guided_filter(guide, depth, radius, 100.0)).max() < 0.05


def test_bytes_are_the_same_rounded():
    guide, depth = RANDOM.integers(0, 255, (40, 60)).astype(np.uint8), smooth(40, 60).astype(np.uint8)
    expected = np.clip(guided_filter(guide, depth, 4, 100.0), 0, 255)
    assert np.abs(refine(depth, guide, 4, 10.0) - expected).max() <= 0.6


def test_working_on_a_small_map_is_close_to_working_on_the_full_picture():
    guide = cv2.resize(np.kron(RANDOM.integers(0, 255, (6, 8)), np.ones((40, 40))), (320, 240)).astype(
        np.uint8
    )
    depth = cv2.resize(cv2.GaussianBlur(guide, (0, 0), 12), (320, 240))
    small = cv2.resize(depth, (80, 60), interpolation=cv2.INTER_AREA)
    full = guided_filter(guide.astype(float), depth.astype(float), 16, 100.0)
    assert np.abs(refine(small, guide, 4, 10.0) - full).mean() < 4


def blurred_step(at):
    """A picture with an edge at column 160, and a small depth map with a soft one around `at`."""
    guide = np.full((180, 320), 60, np.uint8)
    guide[:, 160:] = 180
    ramp = 1 / (1 + np.exp(-(np.arange(64) * 5 + 2 - at) / 8))
    return guide, np.tile((40 + 160 * ramp).astype(np.uint8), (36, 1))


def test_a_soft_edge_of_depth_becomes_sharp_where_the_picture_has_its_edge():
    guide, small = blurred_step(at=164)
    plain = cv2.resize(small, (320, 180), interpolation=cv2.INTER_CUBIC)[90].astype(int)
    refined = refine(small, guide)[90].astype(int)
    assert refined[161] - refined[158] > 3 * (plain[161] - plain[158])
    assert np.abs(np.diff(refined)).argmax() == 159


def test_texture_of_the_picture_does_not_become_depth():
    guide = (100 + 6 * RANDOM.standard_normal((180, 320))).astype(np.uint8)
    small = np.tile(np.linspace(20, 230, 64).astype(np.uint8), (36, 1))
    plain = cv2.resize(small, (320, 180), interpolation=cv2.INTER_LINEAR).astype(float)
    assert np.abs(refine(small, guide) - plain)[10:-10, 30:-30].mean() < 1.5


def test_the_guide_is_the_luma_of_planes_and_the_green_of_bgr():
    luma, half = np.arange(48, dtype=np.uint8).reshape(6, 8), np.zeros((3, 4), np.uint8)
    image = RANDOM.integers(0, 255, (6, 8, 3)).astype(np.uint8)
    assert np.array_equal(luma_of(Picture.of_i420(I420(luma, half, half))), luma)
    assert np.array_equal(luma_of(Picture.of_bgr(image)), image[:, :, 1])


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (31, 17), (1920, 1080)])
def test_any_picture_size_can_be_refined(size):
    depth = RANDOM.integers(0, 255, (96, 256)).astype(np.uint8)
    assert refine(depth, np.zeros((size[1], size[0]), np.uint8)).shape == (size[1], size[0])
