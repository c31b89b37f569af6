"""How a picture is laid to stand upright."""

from __future__ import annotations

import itertools
import struct

import numpy as np
import pytest

from streamdepth.ffmpeg.orientation import Orientation


@pytest.mark.parametrize(
    "matrix",
    [rows for rows in itertools.product((-1, 0, 1), repeat=4) if abs(rows[0] * rows[3] - rows[1] * rows[2]) == 1
     and abs(rows[0]) + abs(rows[1]) == 1 and abs(rows[2]) + abs(rows[3]) == 1],
)  # fmt: skip
def test_each_pixel_goes_where_the_display_matrix_puts_it(matrix: tuple[int, int, int, int]) -> None:
    stored = np.arange(6, dtype=np.uint8).reshape(2, 3)
    a, b, c, d = matrix
    where = {(a * x + c * y, b * x + d * y): stored[y, x] for y in range(2) for x in range(3)}
    left, top = min(x for x, _ in where), min(y for _, y in where)
    packed = struct.pack("=9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    orientation = Orientation.from_matrix(packed)
    shown = orientation.apply(stored)
    assert (shown.shape[1], shown.shape[0]) == orientation.size(3, 2)
    assert {
        (x + left, y + top): shown[y, x] for y in range(shown.shape[0]) for x in range(shown.shape[1])
    } == where


@pytest.mark.parametrize("matrix", [b"", b"\0" * 36, b"\0" * 35])
def test_a_matrix_that_says_nothing_leaves_the_picture_as_it_is(matrix: bytes) -> None:
    assert Orientation.from_matrix(matrix) == Orientation()
