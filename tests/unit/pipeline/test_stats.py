from __future__ import annotations

import pytest

from streamdepth.pipeline.stats import Percentiles, Reservoir, RunStats


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_percentiles_of_a_known_sequence():
    reservoir = Reservoir()
    for value in range(101):
        reservoir.add(float(value))
    assert reservoir.percentiles() == Percentiles(50.0, 95.0)


def test_a_reservoir_stays_bounded_and_representative():
    reservoir = Reservoir(size=500)
    for value in range(50_000):
        reservoir.add(float(value))
    assert len(reservoir._values) == 500
    middle = reservoir.percentiles().p50
    assert middle is not None
    assert 20_000 < middle < 30_000


def test_counters_latency_and_seconds_come_out_as_they_went_in():
    clock = Clock()
    stats = RunStats(clock)
    stats.start()
    for _ in range(4):
        stats.captured(0.001)
    stats.dropped("stale")
    for _ in range(3):
        stats.inferred(0.02)
        stats.rendered(0.002)
        clock.now += 0.5
        stats.written(0.003, captured_at=clock.now - 0.25)
    stats.end()
    clock.now += 100
    snapshot = stats.snapshot()
    assert snapshot.captured == snapshot.dropped + snapshot.inferred == 4
    assert snapshot.dropped_by == {"stale": 1}
    assert snapshot.seconds == 1.5
    assert snapshot.fps == 2.0
    assert snapshot.stages["inference"] == Percentiles(0.02, 0.02)
    assert snapshot.latency == Percentiles(0.25, 0.25)


def test_the_recent_rate_forgets_what_is_older_than_two_seconds():
    clock = Clock()
    stats = RunStats(clock)
    for _ in range(11):
        clock.now += 0.1
        stats.inferred(0.01)
    rate, _, _ = stats.recent()
    assert 9.9 < rate < 10.1
    clock.now += 3
    assert stats.recent()[0] == 0.0


@pytest.mark.parametrize("rate", [0.3, 1.0, 2.0, 5.0])
def test_a_slow_rate_is_told_as_it_is_at_any_moment_between_two(rate):
    clock = Clock()
    stats = RunStats(clock)
    told = []
    for _ in range(12):
        stats.inferred(0.01)
        for _ in range(10):
            clock.now += 0.1 / rate
            told.append(stats.recent()[0])
    assert told[20:] == pytest.approx([rate] * 100)


def test_a_rate_falls_when_the_next_one_is_late_and_ends_after_three_gaps():
    clock = Clock()
    stats = RunStats(clock)
    for _ in range(4):
        clock.now += 1.0
        stats.inferred(0.01)
    clock.now += 1.5
    assert stats.recent()[0] < 0.9
    clock.now += 1.6
    assert stats.recent()[0] == 0.0


def test_a_run_without_a_single_frame_has_a_report():
    snapshot = RunStats().snapshot()
    assert snapshot.fps == 0.0
    assert snapshot.latency == Percentiles(None, None)


def test_what_a_stage_that_outlived_the_run_had_taken_is_counted_as_left_behind():
    stats = RunStats()
    stats.start()
    for _ in range(3):
        stats.captured(0.01)
    stats.inferred(0.1)
    stats.dropped("superseded")
    stats.end()
    snapshot = stats.snapshot()
    assert snapshot.dropped_by == {"superseded": 1, "left behind": 1}
    assert snapshot.captured == snapshot.dropped + snapshot.inferred
