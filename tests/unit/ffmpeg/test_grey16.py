import numpy as np
import pytest
from av.video.frame import VideoFrame

from streamdepth.ffmpeg.grey16 import grey16_frame, grey16_of


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (27, 31), (48, 64)])
def test_pixels_of_any_size_come_back(shape):
    pixels = np.random.default_rng(0).integers(0, 65536, shape, np.uint16)
    frame = grey16_frame(pixels)
    assert np.array_equal(grey16_of(frame), pixels)
    assert int(frame.color_range) == 2


def test_other_frames_are_none_of_it():
    assert grey16_of(VideoFrame(4, 4, "yuv420p")) is None
