"""Several engines on one source: the order and number of frames, errors and stops are as with one."""

from __future__ import annotations

import random
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from streamdepth.errors import SinkError, StageStuck
from streamdepth.frames import DepthMap, Frame, Rendered, SourceInfo
from streamdepth.pipeline import Limits, Pipeline
from streamdepth.pipeline import runner as runner_module
from streamdepth.pipeline.inference import FILE_QUEUE, QUEUED_BYTES, burst_of, file_queue, several_at_once
from streamdepth.pipeline.stills import Reuse
from streamdepth.pixels import Picture

BOUND = 10.0
LANES = 3


class Numbered:
    """A source whose pictures bear their number."""

    def __init__(self, count, *, live=False, frame_count=None):
        self.info = SourceInfo(6, 4, Fraction(25), live, read_timeout=1.0, frame_count=frame_count)
        self.count, self.index = count, 0
        self.pause = threading.Event()

    def read(self):
        if self.index == self.count:
            return None
        if self.info.live:
            self.pause.wait(0.002)
        picture = Picture.of_bgr(np.full((4, 6, 3), self.index % 256, np.uint8))
        self.index += 1
        return Frame(self.index - 1, Fraction(self.index - 1, 25), time.monotonic(), picture)

    def close(self):
        pass


class Held(Numbered):
    """A source that gives each picture four times, as a film of fewer pictures a second does."""

    def read(self):
        frame = super().read()
        if frame is None:
            return None
        return replace(frame, picture=Picture.of_bgr(np.full((4, 6, 3), frame.index // 4, np.uint8)))


class Lane:
    """An engine whose depth is the number of the picture, after a while that differs."""

    def __init__(self, group):
        self.group = group
        self.random = random.Random(id(self))
        self.threads = set()

    def estimate(self, image):
        if self.group.together is not None and not self.threads:
            self.group.together.wait(BOUND)
        self.threads.add(threading.current_thread().name)
        number = int(image[0, 0, 0])
        self.group.enter(number)
        try:
            self.group.pause.wait(self.random.random() * 0.004)
        finally:
            self.group.leave()
        return DepthMap(np.full((2, 3), number, np.float32))


class Lanes:
    """An engine with lanes; alone it works as one. `together` are threads that begin at the same time."""

    def __init__(self, lanes=LANES, fail_at=None, hang_at=None, together=None):
        self.fail_at, self.hang_at = fail_at, hang_at
        self.together = together and threading.Barrier(together)
        self.pause, self.release, self.lock = threading.Event(), threading.Event(), threading.Lock()
        self.at_once = self.most = self.asked = 0
        self.lanes = [Lane(self) for _ in range(lanes)]
        self.alone = Lane(self)

    def estimate(self, image):
        return self.alone.estimate(image)

    def enter(self, number):
        with self.lock:
            self.asked += 1
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        if number == self.fail_at:
            self.leave()
            raise RuntimeError(f"the network broke at {number}")
        if number == self.hang_at:
            self.release.wait(BOUND)

    def leave(self):
        with self.lock:
            self.at_once -= 1


class Sink:
    def __init__(self, on_write=lambda: None):
        self.seen, self.closed, self.on_write = [], [], on_write

    def write(self, rendered):
        self.on_write()
        estimate = rendered.estimate
        self.seen.append((estimate.frame.index, int(estimate.depth.values[0, 0])))

    def close(self, *, complete=True):
        self.closed.append(complete)


def draw(estimate):
    return Rendered(estimate, estimate.frame.picture)


def test_frames_of_a_file_are_inferred_side_by_side_and_arrive_once_in_order_with_their_own_depth():
    engine, sink = Lanes(together=LANES), Sink()
    stats = Pipeline(Numbered(200), engine, draw).run([sink])
    assert sink.seen == [(number, number) for number in range(200)]
    assert (stats.captured, stats.inferred, stats.written, stats.dropped) == (200, 200, 200, 0)
    assert engine.most > 1
    assert all(len(lane.threads) == 1 for lane in engine.lanes)
    assert not engine.alone.threads
    assert sink.closed == [True]


def test_a_picture_that_comes_again_is_inferred_once_and_has_its_place_in_the_order():
    engine, sink = Lanes(), Sink()
    stats = Pipeline(Held(200), engine, draw, reuse=Reuse.SAME).run([sink])
    assert sink.seen == [(number, number // 4) for number in range(200)]
    assert (stats.captured, stats.inferred, stats.reused, stats.dropped) == (200, 200, 150, 0)
    assert engine.asked == 50


def test_a_film_ends_before_a_picture_whose_depth_failed_also_where_it_comes_again():
    engine, sink = Lanes(fail_at=20), Sink()
    with pytest.raises(RuntimeError, match="broke at 20"):
        Pipeline(Held(200), engine, draw, reuse=Reuse.SAME).run([sink])
    assert sink.seen == [(number, number // 4) for number in range(len(sink.seen))]
    assert len(sink.seen) <= 80
    assert sink.closed == [False]


def test_a_live_source_and_a_single_picture_have_the_whole_engine():
    engine = Lanes()
    Pipeline(Numbered(20, live=True), engine, draw).run([Sink()])
    Pipeline(Numbered(1, frame_count=1), engine, draw).run([Sink()])
    assert engine.alone.threads == {"streamdepth-inference-1"}
    assert not any(lane.threads for lane in engine.lanes)
    assert several_at_once(Numbered(5).info)


def test_no_more_frames_are_on_their_way_than_there_are_places():
    source = Numbered(100)
    ahead = []
    sink = Sink(on_write=lambda: ahead.append(source.index - len(sink.seen)))
    Pipeline(source, Lanes(), draw).run([sink])
    # Read and not yet taken in, in work or done, being read, being written.
    queue = file_queue(source.info)
    assert max(ahead) <= queue + (queue + LANES) + 1 + 1


@pytest.mark.parametrize(
    ("size", "queue"),
    [((640, 272), 12), ((1280, 720), 7), ((1920, 1080), 3), ((3840, 2160), 2), ((9, 9), 12)],
)
def test_the_larger_the_pictures_the_fewer_wait(size, queue):
    assert file_queue(SourceInfo(*size, Fraction(25), False, 1.0)) == queue
    assert queue == FILE_QUEUE[0] or queue * size[0] * size[1] * 3 / 2 <= QUEUED_BYTES


@pytest.mark.parametrize(("queue", "burst"), [(1, 1), (2, 1), (3, 2), (7, 6), (12, 8)])
def test_a_stage_sleeps_until_nearly_all_that_may_wait_is_there(queue, burst):
    assert burst_of(queue) == burst


def test_a_slow_network_does_not_make_pictures_wait_for_a_whole_burst():
    engine, written = Lanes(), threading.Semaphore(0)
    sink = Sink(on_write=written.release)

    def wait(_seconds):
        assert engine.asked == 1 or written.acquire(timeout=BOUND), "the one before waits for this one"

    engine.pause.wait = wait
    Pipeline(Numbered(6, frame_count=1), engine, draw).run([sink])
    assert len(sink.seen) == 6


def test_an_error_in_one_lane_ends_the_run_after_the_frames_before_it():
    engine, sink = Lanes(fail_at=20), Sink()
    pipeline = Pipeline(Numbered(100), engine, draw)
    with pytest.raises(RuntimeError, match="broke at 20"):
        pipeline.run([sink])
    stats = pipeline._stats.snapshot()
    assert stats.captured == stats.dropped + stats.inferred
    assert stats.dropped_by["failed"] == 1
    assert sink.seen == [(number, number) for number in range(len(sink.seen))]
    assert len(sink.seen) <= 20
    assert sink.closed == [False]


def test_an_error_of_a_sink_and_stop_end_all_lanes():
    before = set(threading.enumerate())

    def fail():
        raise SinkError("the disk is full", "make room")

    with pytest.raises(SinkError):
        Pipeline(Numbered(1000), Lanes(), draw).run([Sink(on_write=fail)])
    pipeline = Pipeline(Numbered(1000), Lanes(), draw)
    sink = Sink(on_write=lambda: pipeline.stop())
    stats = pipeline.run([sink])
    assert stats.captured == stats.dropped + stats.inferred
    assert len(sink.seen) == 1
    assert set(threading.enumerate()) <= before


def test_a_lane_that_hangs_is_noticed_while_the_others_wait(monkeypatch):
    monkeypatch.setattr(runner_module, "JOIN_TIMEOUT", 0.05)
    engine, sink, now = Lanes(hang_at=7), Sink(), [0.0]

    def clock():
        now[0] += 0.3 if len(sink.seen) == 7 else 0.0  # however long this machine takes for those before it
        return now[0]

    with pytest.raises(StageStuck, match="inference"):
        Pipeline(Numbered(100), engine, draw, limits=Limits(inference_timeout=1.0), clock=clock).run([sink])
    assert sink.seen == [(number, number) for number in range(7)]
    assert sink.closed == [False]
    engine.release.set()


class InTurns:
    """An engine that others have turns of, too: each turn is late by several pictures."""

    def __init__(self, source):
        self.source, self.waited_for = source, []
        self.shown = []

    @contextmanager
    def turn(self):
        wanted = self.source.index + 5
        deadline = time.monotonic() + BOUND
        while self.source.index < min(wanted, self.source.count):
            assert time.monotonic() < deadline
            self.source.pause.wait(0.001)
        self.waited_for.append(wanted)
        yield self

    def estimate(self, image):
        self.shown.append(int(image[0, 0, 0]))
        return DepthMap(np.zeros((2, 3), np.float32))


def test_a_turn_of_an_engine_that_is_shared_gets_the_newest_picture_and_nobody_has_one_without():
    source = Numbered(60, live=True)
    engine = InTurns(source)
    Pipeline(source, engine, draw).run([])
    assert len(engine.waited_for) == len(engine.shown) > 2
    for number, wanted in zip(engine.shown[:-1], engine.waited_for[:-1], strict=True):
        assert number >= min(wanted, source.count) - 3
