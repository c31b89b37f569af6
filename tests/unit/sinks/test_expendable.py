from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from streamdepth.errors import DiskFull
from streamdepth.frames import DepthMap, Estimate, Frame, Rendered
from streamdepth.pixels import Picture
from streamdepth.sinks.expendable import ExpendableSink


def shown(index: int) -> Rendered:
    picture = Picture.of_bgr(np.full((48, 64, 3), index % 256, np.uint8))
    frame = Frame(index, 1000 + Fraction(index, 10), 0.0, picture)
    return Rendered(Estimate(frame, DepthMap(np.zeros((2, 2), np.float32)), 0.0), picture)


class FullDisk:
    """A sink whose disk fills up with the third picture."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def write(self, rendered: Rendered) -> None:
        self.seen.append("write")
        if len(self.seen) == 3:
            raise DiskFull("the disk of day.mp4 is full", "free some space")

    def close(self, *, complete: bool = True) -> None:
        self.seen.append("close")


def test_a_recording_that_others_outlive_ends_with_one_sentence_and_the_run_fails_at_its_end() -> None:
    told: list[str] = []
    full = FullDisk()
    sink = ExpendableSink(full, told.append)
    for index in range(6):
        sink.write(shown(index))
    assert told == [
        "the recording has ended, everything else continues: the disk of day.mp4 is full (free some space)"
    ]
    assert full.seen == ["write", "write", "write", "close"]
    with pytest.raises(DiskFull):
        sink.close()
