"""A camera that is faster than the network: the demo scene at 30 frames a second, a network slowed to 2."""

from __future__ import annotations

import threading
import time
from fractions import Fraction

import pytest

import streamdepth
from streamdepth.sources.demo.source import DemoScene

INFERENCE = 0.5
"""Seconds: so long that the moments in which a busy machine does something else are short beside it."""
SECONDS = 10


class SlowedEngine:
    def __init__(self, engine):
        self.engine, self.until_never = engine, threading.Event()

    def estimate(self, image):
        begin = time.monotonic()
        depth = self.engine.estimate(image)
        self.until_never.wait(max(0.0, INFERENCE - (time.monotonic() - begin)))
        return depth


class AgeSink:
    def __init__(self):
        self.ages, self.slots = [], []

    def write(self, rendered):
        frame = rendered.estimate.frame
        self.ages.append(time.monotonic() - frame.captured_at)
        self.slots.append(int(frame.pts * 30))

    def close(self, *, complete=True):
        self.complete = complete


@pytest.fixture(scope="module")
def run():
    scene = DemoScene(640, 360, Fraction(30), SECONDS, live=True)
    sink = AgeSink()
    network = streamdepth.load_engine(model="nano", threads=1)
    network.warm_up(640, 360)  # as a run does: compiling is no part of the first inference
    engine = SlowedEngine(network)
    stats = streamdepth.Pipeline(scene, engine, streamdepth.Renderer()).run([sink])
    return stats, sink


def test_it_drops_and_counts(run):
    stats, _ = run
    assert stats.captured > SECONDS * 30 / 2
    assert 12 <= stats.inferred <= 21
    assert stats.captured == stats.dropped + stats.inferred
    assert set(stats.dropped_by) <= {"superseded", "stale", "stopped"}


def test_the_age_of_a_frame_at_the_sink_stays_under_two_inference_times(run):
    _, sink = run
    assert max(sink.ages) < 2 * INFERENCE


def test_frames_come_in_order_and_never_twice(run):
    _, sink = run
    assert sink.slots == sorted(set(sink.slots))
    assert sink.complete is True
