"""Distances that viewers give: metres of the picture that they were given for, or why there are none."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from streamdepth.frames import DepthMap, DepthMeaning, Estimate, Frame, Rendered
from streamdepth.http.refusal import Refused
from streamdepth.pixels import Picture
from streamdepth.viewers.distances import Distances

MODEL = {"model": {"name": "nano", "sha256": "abc", "input": "64x32"}}
METRES = np.linspace(8, 2, 32)[:, None].repeat(64, axis=1)
"""The floor: near below."""
VALUES = ((1 / METRES) - 0.05).astype(np.float32) / 0.3


def shown(values=VALUES, meaning=DepthMeaning.INVERSE_RELATIVE):
    image = np.random.default_rng(2).integers(0, 255, (90, 160, 3), np.uint8)
    frame = Frame(0, Fraction(0), 0.0, Picture.of_bgr(image))
    return Rendered(Estimate(frame, DepthMap(values, meaning), 0.01), frame.picture)


def distances(newest, model=MODEL):
    return Distances(SimpleNamespace(newest=newest), SimpleNamespace(ruler=None), lambda: model)


def at(row):
    return [0.5, (row + 0.5) / 32, float(METRES[row, 0])]


def test_points_make_a_ruler_that_measures_the_picture_they_were_given_for():
    newest = shown()
    known = distances(newest)
    assert known.to_json() == {"points": 0, "error": None}
    told = known.learn({"points": [at(4), at(16), at(28)]})
    assert told["points"] == 3
    assert told["error"] < 0.02
    measured = known._learning._renderer.ruler(newest.estimate.frame.picture, newest.depth)
    assert np.abs(measured.depth.values / METRES - 1).max() < 0.03
    scale, shift = measured.inverse
    assert np.allclose(1 / (scale * VALUES + shift), measured.depth.values, rtol=1e-4)


def test_what_the_run_began_with_comes_back():
    known = distances(shown())
    known.learn({"points": [at(4), at(28)]})
    assert known.known is not None
    assert known.known.model == "nano"
    assert known.forget() == {"points": 0, "error": None}
    assert known._learning._renderer.ruler is None


@pytest.mark.parametrize(
    ("given", "status", "sentence"),
    [
        ({}, 400, "1 to 50"),
        ({"points": []}, 400, "1 to 50"),
        ({"points": [[0.5, 0.5, 1.0]] * 51}, 400, "1 to 50"),
        ({"points": [[0.5, 0.5]]}, 400, "a point is"),
        ({"points": [[1.5, 0.5, 1.0]]}, 400, "a point is"),
        ({"points": [[0.5, 0.5, 0]]}, 400, "a point is"),
        ({"points": [[0.5, 0.5, float("inf")]]}, 400, "a point is"),
        ({"points": [[0.5, 0.5, "far"]]}, 400, "a point is"),
        ({"points": [[0.5, 0.1, 2.0], [0.5, 0.9, 8.0]]}, 422, "contradict the depth"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_and_changes_nothing(given, status, sentence):
    known = distances(shown())
    with pytest.raises(Refused, match=sentence) as refused:
        known.learn(given)
    assert refused.value.status == status
    assert known.known is None


def test_without_a_picture_or_a_network_there_is_nothing_to_learn():
    for newest, model, sentence in ((None, MODEL, "no picture"), (shown(), {"model": None}, "no network")):
        with pytest.raises(Refused, match=sentence):
            distances(newest, model).learn({"points": [at(4)]})
    with pytest.raises(Refused, match="needs no scale"):
        distances(shown(meaning=DepthMeaning.METRES)).learn({"points": [at(4), at(28)]})
