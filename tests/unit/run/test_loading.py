"""Engines behind those who watch."""

from __future__ import annotations

import numpy as np

from streamdepth.frames import DepthMap
from streamdepth.pixels import Picture
from streamdepth.run.loading import behind_viewers
from streamdepth.threads.aside import run_aside

PICTURE = Picture.of_bgr(np.zeros((4, 6, 3), np.uint8))


class Network:
    def __init__(self):
        self.asked = 0

    @property
    def lanes(self):
        self.asked += 1
        return [Network(), Network()]

    def estimate_picture(self, picture):
        return DepthMap(np.full((2, 3), picture.height, np.float32))


def test_a_live_run_infers_without_lanes_which_are_the_network_once_more_in_memory():
    network = Network()
    engine = behind_viewers(network)
    depth = run_aside(
        "test", lambda: engine.estimate_picture(PICTURE)
    )  # in a thread of its own, which gives way
    assert depth.values.tolist() == [[4.0] * 3] * 2
    assert network.asked == 0
    assert len(engine.lanes) == 2
    assert network.asked == 1
