"""Sides that are multiples of a number."""

from __future__ import annotations

import numpy as np
import pytest

from streamdepth.pixels import I420, ColourMatrix
from streamdepth.rendering.grid import on_grid


@pytest.mark.parametrize(
    ("size", "grid", "expected"),
    [
        ((640, 272), 16, (640, 272)),
        ((853, 479), 16, (848, 480)),
        ((640, 272), 32, (640, 256)),
        ((5, 70), 16, (16, 64)),
    ],
)
def test_the_sides_are_the_nearest_multiples(
    size: tuple[int, int], grid: int, expected: tuple[int, int]
) -> None:
    ramp = np.tile(np.linspace(0, 255, size[0]).astype(np.uint8), (size[1], 1))
    image = on_grid(np.dstack([ramp] * 3), grid)
    assert isinstance(image, np.ndarray)
    assert image.shape == (expected[1], expected[0], 3)
    assert (image[0, 0, 0], image[-1, -1, 0]) == (0, pytest.approx(255, abs=26))


def test_planes_stay_planes() -> None:
    half = np.full((25, 33), 128, np.uint8)
    planes = I420(np.full((49, 65), 77, np.uint8), half, half, ColourMatrix.BT709, True)
    found = on_grid(planes, 16)
    assert isinstance(found, I420)
    assert (found.y.shape, found.u.shape, found.v.shape) == ((48, 64), (24, 32), (24, 32))
    assert (found.matrix, found.full_range) == (ColourMatrix.BT709, True)
    assert (found.y == 77).all()
