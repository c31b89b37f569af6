"""How the decoder of a video is set up."""

import pytest

from streamdepth.sources.video.media import threads_of_file


@pytest.mark.parametrize(
    ("size", "cores", "threads"),
    [
        ((9, 9), 8, 1),
        ((640, 272), 8, 1),
        ((1280, 720), 8, 1),
        ((1920, 1080), 8, 3),
        ((1920, 1080), 2, 2),
        ((3840, 2160), 8, 4),
        ((3840, 2160), 1, 1),
    ],
)
def test_a_large_picture_is_decoded_by_several_threads_of_which_each_holds_one(size, cores, threads):
    assert threads_of_file(*size, cores) == threads
