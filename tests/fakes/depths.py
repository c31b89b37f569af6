"""Depth of a short clip, to write and to read back."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from streamdepth.frames import Condition, DepthMap, Estimate, Frame, Rendered, SourceInfo, SourceState
from streamdepth.pixels import Picture, Rectangle

WIDTH, HEIGHT = 64, 48
RATE = Fraction(30000, 1001)


def info(kind="video", count=None, origin=None, live=False, rate=RATE):
    """Of pictures of 64x48; without a rate where they are images."""
    rate = None if kind == "image" else rate
    return SourceInfo(WIDTH, HEIGHT, rate, live, 5.0, kind=kind, frame_count=count, origin=origin)


def maps(count=5, shape=(24, 32)):
    """Random maps, each farther away than the one before, in ranges of their own."""
    rng = np.random.default_rng(3)
    return [(rng.normal(300 - 10 * n, 20 + n, shape)).astype(np.float32) for n in range(count)]


def rendered(values, index=0, name="", inner=None, away=False):
    """A picture of black with that depth; `inner` is what is not bars."""
    picture = Picture(WIDTH, HEIGHT, np.zeros((HEIGHT, WIDTH, 3), np.uint8), inner and Rectangle(*inner))
    frame = Frame(index, index / RATE, 0.0, picture, name)
    condition = Condition(SourceState.AWAY) if away else Condition()
    return Rendered(Estimate(frame, DepthMap(np.asarray(values, np.float32)), 0.0), picture, condition)


def write(sink, values, *, complete=True, **more):
    """All of `values` through a sink."""
    for index, one in enumerate(values):
        sink.write(rendered(one, index, **more))
    sink.close(complete=complete)
