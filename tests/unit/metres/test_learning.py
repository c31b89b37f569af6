"""Distances that are given while a stream runs."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from streamdepth.errors import UsageError
from streamdepth.frames import DepthMap, DepthMeaning, Estimate, Frame, Rendered
from streamdepth.metres.by_clicks import ByClicks
from streamdepth.metres.calibrate import Network, Point
from streamdepth.metres.learning import Learning
from streamdepth.pixels import Picture, Rectangle

METRES = np.linspace(8, 2, 32)[:, None].repeat(64, axis=1)
"""The floor: near below."""
VALUES = ((1 / METRES) - 0.05).astype(np.float32) / 0.3
NETWORK = Network("nano", "abc")
IMAGE = np.random.default_rng(2).integers(0, 255, (90, 160, 3), np.uint8)


def shown(meaning=DepthMeaning.INVERSE_RELATIVE, inner=None, drawn=None):
    picture = Picture(160, 90, IMAGE, inner)
    frame = Frame(0, Fraction(0), 0.0, picture)
    return Rendered(Estimate(frame, DepthMap(VALUES, meaning), 0.01), drawn or picture)


def at(row):
    return Point(0.5, (row + 0.5) / 32, float(METRES[row, 0]))


def test_points_make_metres_until_they_are_forgotten():
    first = object()
    renderer, newest = SimpleNamespace(ruler=first), shown()
    learning = Learning(renderer, lambda: NETWORK)
    assert learning.known is None
    found = learning.learn(newest, [at(4), at(16), at(28)])
    assert found.fit.words.startswith("3 distances, which predict each other within")
    measured = renderer.ruler(newest.estimate.frame.picture, newest.depth)
    assert np.abs(measured.depth.values / METRES - 1).max() < 0.03
    assert (measured.points, measured.error) == (3, found.fit.error)
    assert learning.known is found
    learning.forget()
    assert renderer.ruler is first


def test_points_in_depth_of_the_network_before_are_refused_and_all_stays_as_it_was():
    renderer, newest = SimpleNamespace(ruler=None), shown()
    before = replace(newest.estimate, depth=replace(newest.depth, network="other"))
    learning = Learning(renderer, lambda: NETWORK)
    with pytest.raises(UsageError, match=r"changed just now.*click once more"):
        learning.learn(replace(newest, estimate=before), [at(4), at(16), at(28)])
    assert renderer.ruler is None
    same = replace(newest.estimate, depth=replace(newest.depth, network=NETWORK.sha256))
    assert learning.learn(replace(newest, estimate=same), [at(4), at(16), at(28)]).sha256 == NETWORK.sha256


@pytest.mark.parametrize(
    ("network", "meaning", "sentence"),
    [
        (None, DepthMeaning.INVERSE_RELATIVE, "no network"),
        (NETWORK, DepthMeaning.METRES, "nano gives metres"),
    ],
)
def test_where_nothing_can_be_learnt_that_is_told(network, meaning, sentence):
    renderer = SimpleNamespace(ruler=None)
    with pytest.raises(UsageError, match=sentence):
        Learning(renderer, lambda: network).check(shown(meaning))
    with pytest.raises(UsageError, match=sentence):
        Learning(renderer, lambda: network).learn(shown(meaning), [at(4), at(28)])
    assert renderer.ruler is None


def test_distances_that_contradict_the_depth_change_nothing():
    renderer = SimpleNamespace(ruler=None)
    with pytest.raises(UsageError, match="contradict"):
        Learning(renderer, lambda: NETWORK).learn(shown(), [Point(0.5, 0.1, 2.0), Point(0.5, 0.9, 8.0)])
    assert renderer.ruler is None


class TestByClicks:
    def clicks(self):
        renderer = SimpleNamespace(ruler=None)
        return renderer, ByClicks(renderer, lambda: NETWORK)

    def measured(self, renderer, one):
        picture, depth = one.estimate.frame.picture, one.depth
        return Rendered(one.estimate, one.picture, measured=renderer.ruler(picture, depth))

    def test_depth_is_read_in_metres_once_they_are_known(self):
        renderer, clicks = self.clicks()
        one = shown()
        assert clicks.read(one, 0.5, 0.99) == "nearer than 97%"
        assert clicks.archive() is None
        words = clicks.learn(one, [at(4), at(28)])
        assert words == "2 distances; a third would show how accurate they are"
        assert clicks.read(self.measured(renderer, one), 0.5, 0.99) == "2 m"
        clicks.learn(one, [at(4), at(16), at(28)])
        assert clicks.read(self.measured(renderer, one), 0.5, 0.99).startswith("2 m, within ")
        assert clicks.archive()

    def test_it_is_told_why_there_are_none(self):
        renderer, clicks = self.clicks()
        one = shown()
        clicks.learn(one, [at(4), at(28)])
        other = Picture.of_bgr(255 - IMAGE[::-1])
        measured = renderer.ruler(other, one.depth)
        told = clicks.read(Rendered(one.estimate, one.picture, measured=measured), 0.5, 0.5)
        assert told.startswith("no metres: ")

    def test_points_of_what_is_shown_become_those_of_the_source(self):
        _, clicks = self.clicks()
        double = Picture.of_bgr(np.zeros((90, 320, 3), np.uint8))
        beside = shown(drawn=double)
        assert clicks.source_point(beside, 0.25, 0.5) == (0.5, 0.5)
        assert clicks.source_point(beside, 0.75, 0.5) == (0.5, 0.5)
        barred = shown(inner=Rectangle(40, 0, 80, 90))
        assert clicks.source_point(barred, 0.1, 0.5) is None
        assert clicks.source_point(barred, 0.5, 0.5) == (0.5, 0.5)
        assert clicks.read(barred, 0.1, 0.5) == ""
