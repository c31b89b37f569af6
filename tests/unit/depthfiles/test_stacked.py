"""How it is told where colour and depth stand in a picture, and what damaged words and other pictures give."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from depth_streams import SIZE, SLOPE, shown

from streamdepth.depthfiles.stacked import DepthDescription, colour_of, metres_of, values_of
from streamdepth.frames import DepthMap, DepthMeaning
from streamdepth.live.depth_picture import with_depth

PLANES, TOLD = with_depth(shown(0), 10**6)
OTHERS = {"metres": (0.5, 0.25), "withheld": "moved", "within": 0.1, "meaning": DepthMeaning.METRES}


@pytest.mark.parametrize("told", [TOLD, replace(TOLD, **OTHERS)])
def test_what_is_told_is_read_back(told):
    assert DepthDescription.from_json(json.loads(json.dumps(told.to_json()))) == told


@pytest.mark.parametrize(
    "damage",
    [
        {"colour": [0, 64]},
        {"colour": 7},
        {"box": [8, 72, 3, 48]},
        {"box": [-8, 72, 80, 48]},
        {"range": [1]},
        {"meaning": "how it tastes"},
        {"metres": ["a", "b"]},
    ],
)
def test_damaged_words_are_refused(damage):
    with pytest.raises((ValueError, KeyError, TypeError)):
        DepthDescription.from_json({**TOLD.to_json(), **damage})


def test_both_come_back_and_a_picture_that_was_cut_is_refused():
    assert np.array_equal(colour_of(PLANES, TOLD.place).i420.y, PLANES.y[: SIZE[1]])
    near = np.abs(values_of(PLANES, TOLD)[:, :40] - SLOPE[:, :40])
    assert near.shape == (24, 40), "a narrow picture has room for some of the map"
    cut = replace(PLANES, y=PLANES.y[:50])
    for read in (lambda: colour_of(cut, TOLD.place), lambda: values_of(cut, TOLD)):
        with pytest.raises(ValueError, match="smaller than stated"):
            read()


def test_metres_are_those_of_the_line_and_never_beyond_a_kilometre():
    depth = DepthMap(np.array([[2.0, -9.0]], np.float32))
    assert metres_of(depth, TOLD) is None
    metres = metres_of(depth, replace(TOLD, metres=(0.5, 0.0)))
    assert metres.meaning is DepthMeaning.METRES
    assert metres.values.tolist() == [[1.0, pytest.approx(1000.0)]]
