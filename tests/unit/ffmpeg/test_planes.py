"""The planes of a frame as arrays: its own memory, without padding."""

from __future__ import annotations

import av
import numpy as np
import pytest

from streamdepth.ffmpeg.planes import array_of, lines_of


def grey(width, height):
    values = np.arange(width * height, dtype=np.uint32).reshape(height, width).astype(np.uint8)
    frame = av.VideoFrame(width, height, "gray")
    lines_of(frame.planes[0])[:] = values
    return frame, values


@pytest.mark.parametrize("width", [64, 61])
def test_what_is_written_into_the_lines_is_in_the_frame(width):
    frame, values = grey(width, 5)
    assert np.array_equal(frame.to_ndarray(), values)
    assert np.array_equal(array_of(frame.planes[0]), values)
    assert array_of(frame.planes[0]).flags.c_contiguous


def test_lines_without_padding_are_not_copied():
    frame, _ = grey(64, 5)
    assert frame.planes[0].line_size == 64
    assert np.shares_memory(array_of(frame.planes[0]), lines_of(frame.planes[0]))


def test_the_colours_of_a_pixel_are_its_last_axis():
    frame = av.VideoFrame.from_ndarray(np.full((4, 6, 3), (1, 2, 3), np.uint8), "bgr24")
    pixels = array_of(frame.planes[0], 3)
    assert pixels.shape == (4, 6, 3)
    assert pixels[3, 5].tolist() == [1, 2, 3]
