from __future__ import annotations

from types import SimpleNamespace

import pytest

from streamdepth.frames import Condition, SourceInfo
from streamdepth.live.encoder import LiveEncoder
from streamdepth.rendering import Renderer
from streamdepth.viewers.state import LiveState, RunFacts


def condition_after(seconds, most_fps):
    """What viewers are told so many seconds after the last picture."""
    encoder = SimpleNamespace(newest=SimpleNamespace(condition=Condition()), written_at=100.0)
    facts = RunFacts(dict, lambda: (0.0, 0.0, 0), most_fps)
    return LiveState(encoder, Renderer(), facts, clock=lambda: 100.0 + seconds).condition()


@pytest.mark.parametrize(
    ("most_fps", "seconds", "told"),
    [
        (None, 1.9, "live"),
        (None, 2.1, "frozen"),
        (10.0, 2.1, "frozen"),
        (0.2, 14.9, "live"),  # a picture every five seconds, as was asked for
        (0.2, 15.1, "frozen"),
    ],
)
def test_a_picture_stands_still_when_more_were_to_come(most_fps, seconds, told):
    assert condition_after(seconds, most_fps) == told


@pytest.mark.parametrize("promise", [{}, {"promise": {"share": 0.97}}])
def test_viewers_are_told_of_a_promise_where_one_was_made(promise):
    facts = RunFacts(dict, lambda: (0.0, 0.0, 0), promise=lambda: promise)
    encoder = LiveEncoder(SourceInfo(64, 48, None, True, read_timeout=1.0))
    told = LiveState(encoder, Renderer(), facts).figures()
    encoder.close()
    assert {name: told[name] for name in told if name == "promise"} == promise
