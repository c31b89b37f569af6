"""The line once a minute; the clock is the test's."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from streamdepth import DepthMap, Estimate, Frame, Picture, Rendered
from streamdepth.cli.words import lines_of
from streamdepth.frames import Condition, Outages, SourceState
from streamdepth.pipeline import RunStats
from streamdepth.reporting.events import Alive, FrameWritten, OutputsClosed
from streamdepth.reporting.observers import FrameCount, observers_of
from streamdepth.reporting.status import EverySoOften, StatusLine


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def stats(clock):
    stats = RunStats(clock)
    stats.start()
    return stats


def rendered(captured_at):
    picture = Picture.of_bgr(np.zeros((2, 2, 3), np.uint8))
    depth = DepthMap(np.zeros((2, 2), np.float32))
    return Rendered(Estimate(Frame(0, Fraction(0), captured_at, picture), depth, 0.0), picture)


def line_of(stats, clock, said, condition=None):
    line = StatusLine(
        stats,
        lambda minute: said.extend((line.text, line.fields) for line in lines_of(minute)),
        memory=lambda: 312.4,
        condition=lambda: condition,
        clock=clock,
    )
    line.poll()
    return line


def show(line, stats, clock, frames, latency):
    for _ in range(frames):
        clock.now += 1
        stats.written(0.0, clock.now - latency)
        line.write(rendered(clock.now - latency))


def test_a_minute_is_told_in_one_line_with_drops_by_cause(stats, clock):
    said = []
    line = line_of(stats, clock, said, "connected")
    for cause in ("stale", "superseded", "superseded"):
        stats.dropped(cause)
    show(line, stats, clock, 60, 0.04)
    assert [text for text, _ in said] == [
        "last minute: 60 frames, 1.0 frames/s, 3 dropped (1 stale, 2 superseded), latency 40/40 ms, 312 MB, "
        "source connected"
    ]
    assert said[0][1] == {
        "frames": 60,
        "fps": 1.0,
        "dropped_by": {"stale": 1, "superseded": 2},
        "latency_ms": {"p50": 40, "p95": 40},
        "rss_mb": 312.4,
        "condition": "connected",
    }


def test_each_line_tells_its_own_minute_only(stats, clock):
    said = []
    line = line_of(stats, clock, said)
    stats.dropped("stale")
    show(line, stats, clock, 60, 0.5)
    show(line, stats, clock, 60, 0.1)
    assert said[1][0] == "last minute: 60 frames, 1.0 frames/s, 0 dropped, latency 100/100 ms, 312 MB"


def test_a_line_has_the_latency_of_each_frame_that_it_counts(stats, clock):
    said = []
    line = line_of(stats, clock, said)
    for latency in (0.1, 0.3):
        clock.now += 60
        line.write(rendered(clock.now - latency))
        stats.written(0.0, clock.now - latency)  # once all sinks have it
    clock.now += 60
    line.poll()
    told = [(fields["frames"], fields["latency_ms"]) for _, fields in said]
    assert told == [
        (0, {"p50": None, "p95": None}),
        (1, {"p50": 100, "p95": 100}),
        (1, {"p50": 300, "p95": 300}),
    ]


def test_it_is_told_while_no_frame_comes(stats, clock):
    said = []
    line = line_of(stats, clock, said)
    clock.now += 61
    line.poll()
    assert said[0][0] == "last minute: 0 frames, 0.0 frames/s, 0 dropped, 312 MB"


def source_of(*, live, **more):
    return SimpleNamespace(info=SimpleNamespace(live=live, frame_count=None), **more)


def test_the_condition_of_a_source_that_comes_and_goes_is_told(stats):
    told = []
    source = source_of(live=True, condition=Condition(SourceState.AWAY, "refused"), outages=Outages())
    status, *_ = observers_of(source, stats, told.append)
    status._report()
    assert told[0].condition == "away (refused)"
    assert lines_of(told[0])[0].text.endswith("source away (refused)")


def test_a_source_that_says_nothing_of_itself_has_no_condition(stats):
    told = []
    status, *_ = observers_of(source_of(live=True), stats, told.append)
    status._report()
    assert told[0].condition is None


def test_of_a_file_no_minutes_are_told(stats):
    (count,) = observers_of(source_of(live=False), stats, print)
    assert isinstance(count, FrameCount)


def test_signs_of_life_come_where_they_are_wanted(stats):
    told = []
    *_, often = observers_of(source_of(live=False), stats, told.append, pulse_every=1e-9)
    often.poll()
    often.poll()
    assert told == [Alive()]


def test_a_source_that_has_fewer_frames_than_it_said_is_told_from_then_on():
    told, source = [], source_of(live=False)
    source.info.frame_count = 100
    count = FrameCount(told.append, source)
    count.write(Rendered(None, None))
    source.info.frame_count = 40
    count.write(Rendered(None, None))
    assert told == [FrameWritten(1), FrameWritten(2, 40)]


def test_a_picture_that_stands_in_for_a_source_that_is_away_is_not_counted():
    told = []
    count = FrameCount(told.append)
    count.write(Rendered(None, None, Condition(SourceState.AWAY)))
    count.write(Rendered(None, None))
    count.close(complete=False)
    assert told == [FrameWritten(1), OutputsClosed(False)]


def test_what_was_missed_is_not_made_up_for(clock):
    done = []
    often = EverySoOften(10, lambda: done.append(clock.now), clock)
    for now in (100, 105, 110, 111, 150, 151, 160):
        clock.now = now
        often.poll()
    assert done == [110, 150, 160]
