from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from streamdepth.frames import Condition, DepthMap, Estimate, Frame, Rendered, SourceInfo, SourceState
from streamdepth.live.encoder import LiveEncoder
from streamdepth.pixels import Picture
from streamdepth.rendering import Renderer
from streamdepth.viewers.state import LiveState, RunFacts


def condition_after(seconds, gap, most_fps):
    """What viewers are told so many seconds after the last picture, of those that came so far apart."""
    encoder = SimpleNamespace(
        newest=SimpleNamespace(condition=Condition()), written_at=100.0, longest_gap=gap
    )
    facts = RunFacts(dict, lambda: (0.0, 0.0, 0), most_fps)
    return LiveState(encoder, Renderer(), facts, clock=lambda: 100.0 + seconds).condition()


@pytest.mark.parametrize(
    ("gap", "most_fps", "seconds", "told"),
    [
        (0.04, None, 1.9, "live"),
        (0.04, None, 2.1, "frozen"),
        (0.04, 10.0, 2.1, "frozen"),
        (0.04, 0.2, 14.9, "live"),  # a picture every five seconds, as was asked for
        (0.04, 0.2, 15.1, "frozen"),
        (5.0, None, 14.9, "live"),  # a picture every five seconds, as the camera gives them
        (5.0, 10.0, 15.1, "frozen"),
    ],
)
def test_a_picture_stands_still_when_more_were_to_come(gap, most_fps, seconds, told):
    assert condition_after(seconds, gap, most_fps) == told


def rendered(state=SourceState.LIVE):
    picture = Picture.of_bgr(np.zeros((48, 64, 3), np.uint8))
    estimate = Estimate(Frame(0, Fraction(0), 0.0, picture), DepthMap(np.zeros((2, 3), np.float32)), 0.0)
    return Rendered(estimate, picture, condition=Condition(state))


@pytest.mark.parametrize(
    ("announced", "gaps", "after", "told"),
    [
        (25, [], 5.0, "live"),  # it says 25 a second and gives one in five seconds
        (25, [], 18.1, "frozen"),  # three times what its source may take for a picture
        (None, [5.0], 14.9, "live"),
        (None, [30.0], 89.0, "live"),
        (None, [3600.0], 10_000.0, "live"),
        (25, [0.04] * 9, 2.1, "frozen"),
        (25, [0.04] * 9 + [5.0], 14.9, "live"),  # night has fallen
        (25, [5.0] * 9 + [0.04] * 3, 2.1, "frozen"),  # and it is morning
    ],
)
def test_a_rare_picture_does_not_stand_still_from_the_second_on(announced, gaps, after, told):
    now = [100.0]
    rate = Fraction(announced) if announced else None
    encoder = LiveEncoder(SourceInfo(64, 48, rate, True, read_timeout=6.0), clock=lambda: now[0])
    state = LiveState(encoder, Renderer(), RunFacts(dict, lambda: (0.0, 0.0, 0)), clock=lambda: now[0])
    encoder.write(rendered())
    for gap in gaps:
        now[0] += gap
        encoder.write(rendered())
    now[0] += after
    assert state.condition() == told
    encoder.close()


def test_pictures_that_stand_in_say_nothing_of_how_often_a_camera_gives_one():
    now = [100.0]
    encoder = LiveEncoder(SourceInfo(64, 48, None, True, read_timeout=6.0), clock=lambda: now[0])
    for state in (*[SourceState.LIVE] * 2, *[SourceState.AWAY] * 9):
        encoder.write(rendered(state))
        now[0] += 5.0 if state is SourceState.LIVE else 0.25
    assert encoder.longest_gap == 5.0
    encoder.close()


@pytest.mark.parametrize("promise", [{}, {"promise": {"share": 0.97}}])
def test_viewers_are_told_of_a_promise_where_one_was_made(promise):
    facts = RunFacts(dict, lambda: (0.0, 0.0, 0), promise=lambda: promise)
    encoder = LiveEncoder(SourceInfo(64, 48, None, True, read_timeout=1.0))
    told = LiveState(encoder, Renderer(), facts).figures()
    encoder.close()
    assert {name: told[name] for name in told if name == "promise"} == promise
