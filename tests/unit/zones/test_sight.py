from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from depths import rendered

from streamdepth.frames import DepthMap, DepthMeaning, DepthRange, Measured, ScaledDepth
from streamdepth.zones.sight import NO_METRES, NO_RANGE, sight_of
from streamdepth.zones.zone import Unit

VALUES = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)


def shown(meaning=DepthMeaning.INVERSE_RELATIVE, span=(1.0, 5.0), **more):
    depth = DepthMap(VALUES, meaning)
    return replace(rendered(VALUES, **more), scaled=ScaledDepth(depth, DepthRange(*span)))


def test_relative_is_zero_at_the_near_end_whichever_way_depth_runs():
    inverse = sight_of(shown(), with_luma=False)
    assert inverse.relative == pytest.approx(np.array([[1.0, 0.75], [0.5, 0.25]]))
    distance = sight_of(shown(DepthMeaning.DISTANCE_RELATIVE), with_luma=False)
    assert distance.relative == pytest.approx(np.array([[0.0, 0.25], [0.5, 0.75]]))
    assert inverse.nearness[1, 1] > inverse.nearness[0, 0]
    assert distance.nearness[1, 1] < distance.nearness[0, 0]


def test_nothing_is_relative_to_no_range():
    sight = sight_of(shown(span=(2.0, 2.0)), with_luma=False)
    assert sight.distances(Unit.RELATIVE) is None
    assert sight.why_none(Unit.RELATIVE) == NO_RANGE


def test_metres_are_those_of_the_ruler_or_of_the_map_itself():
    assert sight_of(shown(), with_luma=False).why_none(Unit.METRES) == NO_METRES
    assert sight_of(shown(DepthMeaning.METRES), with_luma=False).metres is not None
    inverse = sight_of(shown(DepthMeaning.INVERSE), with_luma=False).metres
    assert inverse == pytest.approx(1 / VALUES)
    ruled = replace(shown(), measured=Measured(DepthMap(VALUES * 2, DepthMeaning.METRES), 1.0))
    assert sight_of(ruled, with_luma=False).metres == pytest.approx(VALUES * 2)
    withheld = sight_of(replace(shown(), measured=Measured(None, 0.1, "moved")), with_luma=False)
    assert (withheld.metres, withheld.withheld) == (None, "moved")


def test_a_sight_says_how_far_to_trust_its_metres():
    assert sight_of(shown(DepthMeaning.METRES), with_luma=False).error is None
    ruled = replace(shown(), measured=Measured(DepthMap(VALUES, DepthMeaning.METRES), 1.0, error=0.07))
    assert sight_of(ruled, with_luma=False).error == 0.07


def test_what_a_map_shows_of_a_picture_with_bars():
    assert sight_of(shown(inner=(16, 0, 32, 48)), with_luma=False).inner == (0.25, 0.0, 0.5, 1.0)


def test_a_camera_that_is_away_says_why_and_has_no_luma():
    sight = sight_of(shown(away=True), with_luma=True)
    assert sight.reason == "the camera is away"
    assert sight.luma is None
    here = sight_of(shown(), with_luma=True)
    assert here.reason == ""
    assert here.luma is not None
    assert here.luma.shape == (1, 1)


@pytest.mark.parametrize("away", [False, True])
def test_a_picture_of_another_input_says_nothing_of_the_zones_of_the_first(away):
    one = shown(away=away)
    frame = replace(one.estimate.frame, switched_to="yard")
    sight = sight_of(replace(one, estimate=replace(one.estimate, frame=frame)), with_luma=True)
    assert (sight.reason, sight.luma) == ("another input is shown: yard", None)
