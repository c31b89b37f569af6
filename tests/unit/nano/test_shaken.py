"""Other framings of the frames that judge (`scripts/nano/learning/shaken.py`)."""

from __future__ import annotations

import numpy as np
from learning.mix import Frame
from learning.shaken import shaken


def sloping(height: int = 96, width: int = 128) -> Frame:
    """A frame whose blue is its depth times ten and whose green is its column."""
    rows, columns = np.mgrid[:height, :width]
    depth = (5 + rows / 8 + columns / 16).astype(np.float32)
    colour = np.stack((depth * 10, columns, np.full_like(depth, 200)), axis=2)
    return colour.round().astype(np.uint8), depth


def test_depth_goes_with_the_picture() -> None:
    for colour, depth in shaken([sloping()]):
        assert colour.shape[:2] == depth.shape
        assert (
            np.abs(colour[..., 0] / 10 - depth).max() < 0.25
        )  # half a pixel's step, a level, and the rounding


def test_nothing_from_outside_is_in_them() -> None:
    for colour, depth in shaken([sloping()] * 20):
        assert colour[..., 2].min() == 200
        assert depth.min() >= 5


def test_they_are_three_of_each_framed_otherwise_and_always_the_same() -> None:
    first, again = shaken([sloping()] * 4), shaken([sloping()] * 4)
    assert len(first) == 12
    assert len({colour.tobytes() for colour, _ in first}) == 12
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one[0], other[0])
        np.testing.assert_array_equal(one[1], other[1])


def test_some_are_mirrored_and_none_is_much_smaller() -> None:
    frames = shaken([sloping()] * 8)
    rising = {bool(colour[48, -1, 1] > colour[48, 0, 1]) for colour, _ in frames}
    assert rising == {True, False}
    assert all(depth.shape[1] >= 0.8 * 128 for _, depth in frames)
