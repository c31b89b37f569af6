"""What moves leaves no outline of where it was, also where the network changes its mind about what is behind it."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest

from streamdepth.frames import DepthMap, DepthRange, Estimate, Frame
from streamdepth.pixels import Picture
from streamdepth.rendering.horizon import Horizon
from streamdepth.rendering.range import FixedRange
from streamdepth.rendering.stabilise.stabiliser import Stabiliser
from streamdepth.rendering.stream import DepthStream

HEIGHT, WIDTH, RATE, COUNT = 96, 192, 25, 16
TEXTURE = np.kron(np.random.default_rng(5).integers(60, 180, (HEIGHT // 4, WIDTH // 4)), np.ones((4, 4)))
SPEED = 6
"""Pixels of the map from picture to picture."""
STEP = 7.0


def seen(index, mind):
    """A thing before a wall of which the network believes, from the second picture on, that one side is nearer."""
    left = 20 + SPEED * index
    thing = np.zeros((HEIGHT, WIDTH), np.float32)
    thing[20:76, left : left + 50] = 1.0
    luma = np.where(thing > 0, 30 + TEXTURE / 10, TEXTURE).astype(np.uint8)
    wall = mind * np.tanh(np.linspace(-2, 2, WIDTH, dtype=np.float32)) * (index > 0)
    depth = 1.0 + wall + (STEP - wall) * cv2.blur(thing, (5, 5))  # edges of depth are soft
    image = luma[:, :, None].repeat(3, axis=2).repeat(2, axis=0).repeat(2, axis=1)
    frame = Frame(index, Fraction(index, RATE), 0.0, Picture.of_bgr(image))
    return Estimate(frame, DepthMap(depth.astype(np.float32)), 0.0)


def slope(values):
    return np.hypot(cv2.Sobel(values, cv2.CV_32F, 1, 0), cv2.Sobel(values, cv2.CV_32F, 0, 1)) / 8


def steepest_outline(given, shown):
    """The steepest slope, in shares of the step at the thing's edge, that the network's map has not within 3 pixels."""
    own = cv2.dilate(slope(given), np.ones((7, 7), np.uint8))
    return float((slope(shown) - own).max()) / STEP


def shown(estimates, ahead):
    horizon = Horizon(Fraction(1), RATE if ahead else 0)
    stream = DepthStream(FixedRange(DepthRange(0, 1)), Stabiliser(), horizon=horizon)
    for one in estimates if ahead else ():
        stream.foresee(one)
    return [stream.take(one).depth.values for one in estimates]


@pytest.mark.parametrize("ahead", [False, True])
@pytest.mark.parametrize("mind", [0.0, 1.0, 2.0])
def test_a_thing_that_moves_leaves_no_outline_behind(mind, ahead):
    estimates = [seen(index, mind) for index in range(COUNT)]
    pairs = zip(estimates, shown(estimates, ahead), strict=True)
    worst = [steepest_outline(one.depth.values, values) for one, values in pairs]
    assert max(worst) < 0.05


def test_an_outline_would_be_found():
    now, before = (seen(index, 1.0).depth.values for index in (5, 4))
    assert steepest_outline(now, 0.6 * now + 0.4 * before) > 0.05
