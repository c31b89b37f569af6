"""The size of a window on its screen."""

import pytest

from streamdepth.sinks.window.shape import first_size, one_monitor


@pytest.mark.parametrize(
    ("picture", "screen", "size"),
    [
        ((640, 480), (1920, 1080), (640, 480)),
        ((3840, 2160), (1366, 768), (1160, 653)),
        ((3840, 2160), (1024, 600), (870, 490)),
        ((7680, 2160), (1366, 768), (1160, 326)),
        ((1080, 1920), (1366, 768), (367, 653)),
        ((3840, 2160), (3840, 1080), (1632, 918)),  # two monitors side by side
        ((3840, 2160), (1920, 2160), (1632, 918)),  # two on top of each other
        ((160, 120), (1920, 1080), (640, 480)),
        ((100_000, 10), (1920, 1080), (1632, 1)),
    ],
)
def test_a_window_opens_as_large_as_its_pictures_but_no_larger_than_a_monitor(picture, screen, size):
    assert first_size(*picture, one_monitor(screen)) == size
