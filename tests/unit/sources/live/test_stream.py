"""A source in a thread of its own, and who takes its frames."""

from __future__ import annotations

import numpy as np
import pytest
from made_by_hand import BOUND, MadeByHand

from streamdepth.errors import NoFrameYet, SourceError
from streamdepth.sources.live.stream import Stream


class Grey(MadeByHand):
    def draw(self, index):
        return np.full((48, 64, 3), index, np.uint8)


def taken(stream):
    return [frame.index for frame in iter(lambda: stream.next(BOUND), None)]


def test_every_frame_comes_and_then_the_end():
    source = Grey(3)
    stream = Stream(lambda: source)
    assert taken(stream) == [0, 1, 2]
    assert stream.failure is None
    assert source.closed.wait(BOUND)


def test_what_ended_it_is_kept_for_the_caller():
    stream = Stream(lambda: Grey(1, end=SourceError("it broke off", "look")))
    assert taken(stream) == [0]
    assert str(stream.failure).startswith("it broke off")


def test_silence_is_told_before_there_is_no_frame_yet():
    source = Grey(0, hangs=True)
    stream, asked = Stream(lambda: source), []
    with pytest.raises(NoFrameYet):
        stream.next(0.0, lambda: asked.append("silent"))
    assert asked == ["silent"]

    def give_up():
        raise SourceError("it is silent", "look")

    with pytest.raises(SourceError, match="silent"):
        stream.next(0.0, give_up)
    source.release.set()
    assert stream.leave(BOUND)


def test_a_source_that_hangs_is_left_and_closes_itself_later():
    source = Grey(0, hangs=True)
    stream = Stream(lambda: source)
    assert not stream.leave(0.0)
    source.release.set()
    assert stream.leave(BOUND)
    assert source.closed.is_set()
