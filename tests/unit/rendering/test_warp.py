from __future__ import annotations

import cv2
import numpy as np
import pytest

from streamdepth.pixels import I420, Picture
from streamdepth.rendering.warp import MotionSearch, flow_luma, warp


def texture(height, width, seed=1):
    noise = np.random.default_rng(seed).integers(0, 255, (height, width)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 2.0)
    return np.clip((smooth - smooth.mean()) * 8 + 128, 0, 255).astype(np.uint8)


def moved(image, right, down):
    return np.roll(image, (down, right), axis=(0, 1))


@pytest.mark.parametrize(("right", "down"), [(0, 0), (3, 0), (-5, 2), (8, -4)])
def test_depth_follows_what_moves_in_the_picture(right, down):
    old = texture(90, 160)
    depth = texture(72, 128, seed=2).astype(np.float32)
    flow = MotionSearch()(moved(old, right, down), old)
    inner = np.s_[20:-20, 20:-20]
    assert np.median(flow[inner].reshape(-1, 2), axis=0) == pytest.approx([-right, -down], abs=0.3)
    expected = cv2.warpAffine(depth, np.float32([[1, 0, right * 0.8], [0, 1, down * 0.8]]), (128, 72))
    assert np.abs(warp(depth, flow) - expected)[inner].mean() < 6
    if right:
        assert np.abs(depth - expected)[inner].mean() > 20


def test_a_flow_of_nothing_leaves_depth_as_it_is():
    depth = texture(64, 96).astype(np.float32)
    assert np.array_equal(warp(depth, np.zeros((90, 160, 2), np.float32)), depth)


def test_what_comes_in_over_the_border_takes_the_depth_there():
    depth = np.tile(np.arange(100, dtype=np.float32), (20, 1))
    flow = np.zeros((10, 50, 2), np.float32)
    flow[..., 0] = -5  # everything went ten pixels of the map to the right
    assert np.array_equal(warp(depth, flow)[5], np.maximum(np.arange(100) - 10, 0))


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (1, 1), (33, 17), (4000, 10)])
def test_motion_can_be_looked_for_in_pictures_of_any_size(size):
    luma = np.full((size[1], size[0]), 90, np.uint8)
    chroma = np.full(((size[1] + 1) // 2, (size[0] + 1) // 2), 128, np.uint8)
    small = flow_luma(Picture.of_i420(I420(luma, chroma, chroma)))
    assert max(small.shape) == 160
    assert np.abs(MotionSearch()(small, small)).max() < 0.01
