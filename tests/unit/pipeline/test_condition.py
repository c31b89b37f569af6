"""Runs of a source that goes away, comes back and freezes."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from streamdepth.errors import NoFrameYet
from streamdepth.frames import (
    Condition,
    DepthMap,
    Estimate,
    Frame,
    Outages,
    Rendered,
    SourceInfo,
    SourceState,
)
from streamdepth.pipeline import Limits, Pipeline
from streamdepth.pipeline.condition import STAND_IN_EVERY, Watcher
from streamdepth.pixels import Picture

BOUND = 30.0
FOR_EVER = 10**9
PICTURE = Picture.of_bgr(np.zeros((4, 6, 3), np.uint8))
DARK = Picture.of_bgr(np.zeros((4, 6, 3), np.uint8))


class Coming:
    """Gives `before` frames, is away until so many stand-ins are seen, gives `after` more frames, and ends."""

    def __init__(self, before, stand_ins, after, frozen=False):
        self.info = SourceInfo(6, 4, Fraction(25), True, read_timeout=1.0)
        self.condition, self.outages = Condition(), Outages()
        self.seen = []
        """What was shown, from its sink."""
        self._left = ["frame"] * before + ["away"] * (stand_ins > 0) + ["frame"] * after
        self._stand_ins = stand_ins
        self._connection, self._index = 0, 0
        self._started = time.monotonic()
        self._pause = threading.Event()
        if frozen:
            self.condition = Condition(SourceState.FROZEN, "", self._started)

    def read(self):
        if not self._left:
            self._pause.wait(0.05)  # what is in flight is shown before the run ends
            return None
        if self._left[0] == "away":
            self._be_away()
        self._left.pop(0)
        self._pause.wait(0.02)
        now = time.monotonic()
        pts = Fraction(round((now - self._started) * 90000), 90000)
        self._index += 1
        return Frame(self._index - 1, pts, now, PICTURE, connection=self._connection)

    def _be_away(self):
        if self.condition.state is not SourceState.AWAY:
            self.condition = Condition(SourceState.AWAY, "pulled out", time.monotonic())
        assert time.monotonic() - self.condition.since < BOUND
        if sum(rendered.is_stand_in for rendered in self.seen) < self._stand_ins:
            self._pause.wait(0.02)
            raise NoFrameYet
        self.condition = Condition()
        self._connection += 1
        self._left.pop(0)

    def close(self):
        pass


class Engine:
    def estimate(self, image):
        return DepthMap(np.zeros((2, 3), np.float32))


class Marker:
    """A renderer that remembers what it was told."""

    def __init__(self):
        self.events = []

    def __call__(self, estimate):
        self.events.append(f"frame {estimate.frame.connection}")
        return Rendered(estimate, estimate.frame.picture)

    def mark(self, rendered, condition, now):
        self.events.append(condition.state.value)
        return replace(rendered, picture=DARK, condition=condition)

    def reset(self):
        self.events.append("reset")


class Collector:
    def __init__(self, source):
        self.seen = source.seen

    def write(self, rendered):
        self.seen.append(rendered)

    def close(self, *, complete=True):
        self.complete = complete

    def states(self):
        return [rendered.condition.state for rendered in self.seen]


def run(source, renderer=None, **limits):
    sink = Collector(source)
    stats = Pipeline(source, Engine(), renderer or Marker(), limits=Limits(**limits)).run([sink])
    return stats, sink


def test_while_a_source_is_away_its_last_picture_goes_on_and_is_not_counted():
    stats, sink = run(Coming(5, 3, 5))
    stand_ins = [rendered for rendered in sink.seen if rendered.is_stand_in]
    at = [rendered.estimate.frame.captured_at for rendered in stand_ins]
    assert min(second - first for first, second in pairwise(at)) >= STAND_IN_EVERY
    assert all(rendered.picture is DARK for rendered in stand_ins)
    assert all(rendered.condition.reason == "pulled out" for rendered in stand_ins)
    assert stats.written == stats.rendered == stats.inferred == len(sink.seen) - len(stand_ins)
    assert stats.captured == 10 == stats.dropped + stats.inferred
    assert sink.complete is True


def test_its_timestamps_go_on_with_the_clock():
    _, sink = run(Coming(5, 3, 5))
    frames = [rendered.estimate.frame for rendered in sink.seen]
    assert min(second.pts - first.pts for first, second in pairwise(frames)) > 0
    for frame in frames:
        since = frame.captured_at - frames[0].captured_at
        assert float(frame.pts - frames[0].pts) == pytest.approx(since, abs=0.001)


def test_a_frame_that_was_captured_just_before_a_stand_in_was_drawn_still_comes_after_it():
    source = Coming(1, 0, 0)
    watcher = Watcher(source, Marker())
    estimate = Estimate(Frame(0, Fraction(0), 10.0, PICTURE), DepthMap(np.zeros((2, 3), np.float32)), 0.0)
    watcher.draw(estimate, 10.0)
    source.condition = Condition(SourceState.AWAY, "pulled out", 10.0)
    stand_in = watcher.stand_in(13.0)
    assert stand_in.estimate.frame.pts == 3
    source.condition = Condition()
    late = replace(estimate, frame=replace(estimate.frame, pts=Fraction(299, 100), captured_at=12.99))
    assert watcher.draw(late, 13.0).estimate.frame.pts > 3


def test_what_stands_in_keeps_to_the_clock_behind_a_frame_that_was_inferred_meanwhile():
    source = Coming(1, 0, 0)
    watcher = Watcher(source, Marker())
    estimate = Estimate(Frame(0, Fraction(0), 10.0, PICTURE), DepthMap(np.zeros((2, 3), np.float32)), 0.0)
    watcher.draw(estimate, 10.0)
    source.condition = Condition(SourceState.AWAY, "pulled out", 10.0)
    assert watcher.stand_in(30.0).estimate.frame.pts == 20
    late = replace(estimate, frame=replace(estimate.frame, pts=Fraction(1), captured_at=11.0))
    assert watcher.draw(late, 30.0).estimate.frame.pts > 20
    assert [watcher.stand_in(now).estimate.frame.pts for now in (30.5, 31.0)] == [Fraction(41, 2), 21]


def test_the_renderer_starts_anew_with_another_connection_and_not_before():
    marker = Marker()
    run(Coming(3, 1, 3), marker)
    assert marker.events.count("reset") == 1
    at = marker.events.index("reset")
    assert "frame 1" not in marker.events[:at]
    assert "frame 0" not in marker.events[at:]
    assert "away" in marker.events[:at]


def test_a_frozen_picture_is_marked_and_counted_as_ever():
    stats, sink = run(Coming(6, 0, 0, frozen=True))
    assert set(sink.states()) == {SourceState.FROZEN}
    assert stats.written == len(sink.seen)


def test_a_renderer_that_cannot_mark_still_shows_the_last_picture():
    _, sink = run(Coming(3, 1, 1), lambda estimate: Rendered(estimate, estimate.frame.picture))
    assert SourceState.AWAY in sink.states()


def test_a_run_of_so_many_seconds_ends_also_while_the_source_is_away():
    stats, sink = run(Coming(3, FOR_EVER, 0), duration=Fraction(2))
    assert sink.states()[-1] is SourceState.AWAY
    assert stats.captured == stats.dropped + stats.inferred
    assert sink.complete is True


def test_stop_is_heard_while_the_source_is_away():
    class Stopping(Collector):
        def write(self, rendered):
            super().write(rendered)
            if rendered.is_stand_in:
                pipeline.stop()

    source = Coming(3, FOR_EVER, 0)
    sink = Stopping(source)
    pipeline = Pipeline(source, Engine(), Marker())
    pipeline.run([sink])
    assert sink.complete is True


@pytest.mark.parametrize("state", [SourceState.LIVE, SourceState.FROZEN])
def test_only_what_is_away_stands_in(state):
    picture = Rendered(None, PICTURE, Condition(state))
    assert picture.is_stand_in is False
    assert replace(picture, condition=Condition(SourceState.AWAY)).is_stand_in is True


class Moving:
    """Draws any frame."""

    def take(self, estimate):
        pass

    def between(self, frame):
        return Rendered(Estimate(frame, DepthMap(np.zeros((2, 3), np.float32)), 0.0), frame.picture)


def test_a_picture_between_two_maps_tells_that_it_is_frozen_as_well():
    source, marker = Coming(3, 0, 0, frozen=True), Marker()
    rendered = Watcher(source, marker).between(source.read(), Moving(), time.monotonic())
    assert rendered.condition.state is SourceState.FROZEN
    assert rendered.picture is DARK


def test_a_picture_of_a_new_connection_waits_for_depth_of_its_own():
    source = Coming(3, 0, 0)
    later = replace(source.read(), connection=1)
    assert Watcher(source, Marker()).between(later, Moving(), time.monotonic()) is None
