"""The line once a minute; the clock is the test's."""

from __future__ import annotations

import io
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from rich.console import Console

from streamdepth import DepthMap, Estimate, Frame, Picture, Rendered
from streamdepth.pipeline import RunStats
from streamdepth.reporting.logs import set_up_logs
from streamdepth.reporting.observers import Onlookers
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
        lambda line, fields: said.append((line, fields)),
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


def test_it_is_told_while_no_frame_comes(stats, clock):
    said = []
    line = line_of(stats, clock, said)
    clock.now += 61
    line.poll()
    assert said[0][0] == "last minute: 0 frames, 0.0 frames/s, 0 dropped, 312 MB"


def test_the_condition_of_a_source_that_comes_and_goes_is_told(stats, clock):
    said = []
    source = SimpleNamespace(condition=SimpleNamespace(state=SimpleNamespace(value="away"), reason="refused"))
    manager = SimpleNamespace(status=said.append, beat_every=0.0)
    set_up_logs()
    (line,) = Onlookers(Console(file=io.StringIO()), manager, stats, reads_log=True).of_live(source)
    line._tell()
    assert said[0].endswith("source away (refused)")


def test_what_was_missed_is_not_made_up_for(clock):
    done = []
    often = EverySoOften(10, lambda: done.append(clock.now), clock)
    for now in (100, 105, 110, 111, 150, 151, 160):
        clock.now = now
        often.poll()
    assert done == [110, 150, 160]
