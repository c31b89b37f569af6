from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from streamdepth.frames import Condition, DepthMap, Estimate, Frame, Rendered, SourceState
from streamdepth.pixels import Picture
from streamdepth.protocols import MarksCondition
from streamdepth.rendering import Renderer
from streamdepth.rendering.overlays.mark import DIMMED, caption, marked

AWAY = Condition(SourceState.AWAY, "connection refused", since=100.0)
FROZEN = Condition(SourceState.FROZEN, "", since=100.0)
LIGHT = np.full((240, 320, 3), 200, np.uint8)


def test_the_caption_says_why_and_for_how_long():
    assert caption(AWAY, 112.7) == "camera away: connection refused, 12 s"
    assert caption(FROZEN, 112.7) == "picture frozen for 12 s"


@pytest.mark.parametrize(
    ("seconds", "told"), [(-1.0, "0 s"), (59.9, "59 s"), (185.0, "3 min 5 s"), (7800.0, "2 h 10 min")]
)
def test_long_times_are_told_in_minutes_and_hours(seconds, told):
    assert caption(AWAY, 100.0 + seconds).endswith(f", {told}")


def test_a_source_that_is_away_is_dimmed_with_words_in_the_middle():
    image = marked(LIGHT, AWAY, 112.0)
    dimmed = round(200 * DIMMED)
    assert (image[:100] == dimmed).all()
    assert (image[140:] == dimmed).all()
    middle = image[105:135]
    assert middle.max() > 200
    assert middle.min() < dimmed


def test_a_frozen_picture_stays_as_it_is_with_words_in_its_corner():
    image = marked(LIGHT, FROZEN, 112.0)
    assert (image[:200] == 200).all()
    assert (image[:, 280:] == 200).all()
    corner = image[222:, :60]
    assert corner.max() > 220
    assert corner.min() < 100


@pytest.mark.parametrize("size", [(1, 1), (20, 8), (64, 48)])
def test_a_picture_too_small_for_the_words_is_still_marked(size):
    width, height = size
    image = marked(np.full((height, width, 3), 200, np.uint8), AWAY, 112.0)
    assert image.shape == (height, width, 3)
    assert image.mean() < 200


def test_the_picture_that_is_marked_is_not_changed_itself():
    marked(LIGHT, FROZEN, 112.0)
    assert (LIGHT == 200).all()


def test_a_renderer_marks_what_it_rendered_and_says_so_in_it():
    renderer = Renderer()
    assert isinstance(renderer, MarksCondition)
    picture = Picture.of_bgr(LIGHT)
    estimate = Estimate(Frame(0, Fraction(0), 0.0, picture), DepthMap(np.zeros((4, 4), np.float32)), 0.0)
    rendered = Rendered(estimate, picture)
    away = renderer.mark(rendered, AWAY, 112.0)
    assert away.condition is AWAY
    assert away.is_stand_in
    assert away.estimate is estimate
    assert away.picture.bgr.mean() < 100
    live = renderer.mark(rendered, Condition(), 112.0)
    assert live.picture is picture
    assert not live.is_stand_in
