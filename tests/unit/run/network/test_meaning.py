"""Depth that comes out upside down is told once, with the word that turns it around."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from depths import info, rendered

from streamdepth.frames import DepthMeaning
from streamdepth.run.network.meaning import MeaningWatch, is_to_be_watched

DOWNWARDS = np.tile(np.linspace(1, 5, 24, dtype=np.float32)[:, None], (1, 32))


def of(meaning, values=DOWNWARDS, away=False):
    one = rendered(values, away=away)
    return replace(one, estimate=replace(one.estimate, depth=replace(one.estimate.depth, meaning=meaning)))


@pytest.mark.parametrize("count", [1, 40])
@pytest.mark.parametrize(
    ("meaning", "values", "cure"),
    [
        (DepthMeaning.METRES, DOWNWARDS, "--depth-kind relative or inverse"),
        (DepthMeaning.INVERSE_RELATIVE, -DOWNWARDS, "--depth-kind distance or metres"),
    ],
)
def test_a_contradiction_is_told_once(meaning, values, cure, count):
    said = []
    watch = MeaningWatch(said.append)
    for _ in range(count):
        watch.write(of(meaning, values))
    watch.close()
    assert len(said) == 1
    assert cure in said[0]


def test_what_is_as_usual_and_what_only_stands_in_is_not_told():
    said = []
    watch = MeaningWatch(said.append)
    watch.write(of(DepthMeaning.INVERSE, DOWNWARDS))
    watch.write(of(DepthMeaning.METRES, away=True))
    watch.close()
    MeaningWatch(said.append).close()
    assert said == []


def test_networks_of_others_alone_are_watched_and_no_depth_that_was_written():
    assert is_to_be_watched("theirs.onnx", info())
    assert not any(is_to_be_watched(name, info()) for name in ("auto", "nano", "midas-small"))
    assert not is_to_be_watched("theirs.onnx", replace(info(), depth={}))
