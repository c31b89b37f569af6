"""An engine for runs that are only looked at."""

from __future__ import annotations

import numpy as np

from streamdepth.batch.glance import Glances
from streamdepth.engine.engine import Engine
from streamdepth.models.registry import find_card
from streamdepth.pixels import Picture
from streamdepth.reporting.events import ignore
from streamdepth.run.spec import NetworkSpec


class Counting:
    name, precision = "fake", "fp32"

    def __init__(self) -> None:
        self.inferred = 0

    def infer(self, batch: np.ndarray) -> np.ndarray:
        self.inferred += 1
        return batch[:, 0].copy()


def picture(width: int, height: int) -> Picture:
    return Picture.of_bgr(np.zeros((height, width, 3), np.uint8))


def test_films_of_one_size_are_inferred_once_whatever_run_they_are_in() -> None:
    runtime = Counting()
    engine = Engine(runtime, find_card("nano"), "ab" * 32)
    glances = Glances(lambda *_given: engine)
    for _ in range(3):
        glance = glances(NetworkSpec(), None, ignore)
        glance.warm_up(64, 48)
        depth = glance.lanes[0].estimate_picture(picture(64, 48))
        assert depth.values.shape == engine.input_size(64, 48)[::-1]
    assert runtime.inferred == 1
    glance.estimate(np.zeros((64, 48, 3), np.uint8))
    assert runtime.inferred == 2
    assert (glance.name, glance.runtime_name, glance.input_size(64, 48)) == (
        "nano",
        "fake",
        engine.input_size(64, 48),
    )
