"""The sum of decoded pictures."""

from __future__ import annotations

import av
import numpy as np
import pytest

from streamdepth.proof.picture_hash import PictureHash, bytes_of_pixel


def frame(form: str, width: int = 50) -> av.VideoFrame:
    """A frame whose lines are padded: its memory beyond the picture is what it happens to be."""
    made = av.VideoFrame(width, 4, form)
    for plane in made.planes:
        plane.update(bytes(plane.buffer_size))
    return made


def padded(form: str, value: int) -> av.VideoFrame:
    """The same picture with other bytes behind its lines."""
    made = frame(form)
    for number, plane in enumerate(made.planes):
        lines = np.full((plane.height, plane.line_size), value, np.uint8)
        lines[:, : plane.width * bytes_of_pixel(made.format, number)] = 0
        plane.update(lines)
    return made


def sum_of(*frames: av.VideoFrame) -> str:
    total = PictureHash()
    for one in frames:
        total.add(one)
    return total.hexdigest()


@pytest.mark.parametrize(
    ("form", "sizes"),
    [
        ("yuv420p", [1, 1, 1]),
        ("nv12", [1, 2]),
        ("gray16le", [2]),
        ("yuv422p10le", [2, 2, 2]),
        ("bgr24", [3]),
        ("bgr0", [4]),
        ("yuyv422", [2]),
    ],
)
def test_every_byte_of_the_picture_counts_and_none_of_the_padding(form: str, sizes: list[int]) -> None:
    made = frame(form)
    assert [bytes_of_pixel(made.format, number) for number in range(len(made.planes))] == sizes
    assert sum_of(padded(form, 0)) == sum_of(padded(form, 255))
    changed = frame(form)
    plane = changed.planes[-1]
    lines = np.zeros((plane.height, plane.line_size), np.uint8)
    lines[-1, plane.width * sizes[-1] - 1] = 1
    plane.update(lines)
    assert sum_of(changed) != sum_of(made)


def test_order_and_size_count() -> None:
    assert sum_of(frame("gray", 8)) != sum_of(frame("gray", 16))
    assert sum_of(frame("gray"), frame("gray")) != sum_of(frame("gray"))
