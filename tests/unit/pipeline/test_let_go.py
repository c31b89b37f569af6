"""Pictures of a file are let go of when they are written: one of 3840x2160 takes 12 MB, and so does what is drawn."""

from __future__ import annotations

import time
from fractions import Fraction
from weakref import ref

import numpy as np

from streamdepth.frames import DepthMap, Frame, SourceInfo
from streamdepth.pipeline import Pipeline
from streamdepth.pixels import Picture
from streamdepth.rendering import Renderer
from streamdepth.rendering.horizon import Horizon

COUNT = 8


class Film:
    def __init__(self):
        self.info = SourceInfo(64, 48, Fraction(25), False, read_timeout=1.0)
        self.index = 0

    def read(self):
        if self.index == COUNT:
            return None
        picture = Picture.of_bgr(np.full((48, 64, 3), self.index, np.uint8))
        self.index += 1
        return Frame(self.index - 1, Fraction(self.index - 1, 25), time.monotonic(), picture)

    def close(self):
        pass


class Slope:
    def estimate(self, image):
        return DepthMap(np.tile(np.linspace(0, 1, 8, dtype=np.float32), (8, 1)))


class Watching(Renderer):
    """Looks, whenever it has something to do, what there still is of what it drew before."""

    def __init__(self):
        super().__init__(horizon=Horizon(Fraction(1), 2))
        self.drawn = []
        self.kept = []

    def foresee(self, estimate):
        self.note_kept()
        super().foresee(estimate)

    def __call__(self, estimate):
        self.note_kept()
        rendered = super().__call__(estimate)
        self.drawn += [("frame", ref(estimate.frame)), ("drawn", ref(rendered.picture))]
        return rendered

    def note_kept(self):
        self.kept += [name for name, one in self.drawn if one() is not None]


class Counting:
    def __init__(self):
        self.count = 0

    def write(self, rendered):
        self.count += 1

    def close(self, *, complete):
        pass


def test_nothing_holds_a_picture_of_a_file_that_was_written():
    renderer, sink = Watching(), Counting()
    Pipeline(Film(), Slope(), renderer).run([sink])
    assert sink.count == COUNT
    assert renderer.kept == []
