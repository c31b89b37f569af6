from __future__ import annotations

import threading
from itertools import chain, count

import numpy as np
import pytest

from streamdepth.errors import Overloaded
from streamdepth.frames import DepthMap
from streamdepth.inference import engine as engines
from streamdepth.inference.engine import PooledEngine
from streamdepth.inference.pool import Pool, Priority
from streamdepth.protocols import DepthEngine, PictureEngine
from streamdepth.threads.awake import Awake


class Lane:
    """Depth is the blue of a picture."""

    def __init__(self):
        self.threads = set()

    def estimate_picture(self, picture):
        self.threads.add(threading.current_thread().name)
        return DepthMap(picture.bgr[..., 0].astype(np.float32))


def test_several_runs_share_the_lanes_of_a_pool_and_each_gets_its_own_depth():
    lanes = [Lane(), Lane()]
    pool = Pool(lanes, 16)
    found = {}

    def run(level):
        engine = PooledEngine(pool, lambda lane: lane, Priority.JOB)
        for _ in range(20):
            found[level] = engine.estimate(np.full((4, 6, 3), level, np.uint8)).values

    runs = [threading.Thread(target=run, args=(level,)) for level in (10, 20, 30)]
    for one in runs:
        one.start()
    for one in runs:
        one.join(10)
    pool.close(10)
    assert {level: values.tolist() for level, values in found.items()} == {
        level: [[float(level)] * 6] * 4 for level in (10, 20, 30)
    }
    assert lanes[0].threads | lanes[1].threads <= {"streamdepth-lane-1", "streamdepth-lane-2"}


def test_it_is_an_engine_as_the_pipeline_knows_it():
    pool = Pool([Lane()], 1)
    engine: DepthEngine = PooledEngine(pool, lambda lane: lane, Priority.LIVE)
    assert isinstance(engine, PictureEngine)
    pool.close(10)


def test_where_the_line_is_full_a_picture_waits_for_room():
    lanes = [Lane()]
    pool = Pool(lanes, 1, seconds=0.01)
    begun, gate = threading.Event(), threading.Event()

    def held(_turn):
        begun.set()
        gate.wait(10)

    pool.submit(held)
    assert begun.wait(10)
    pool.submit(lambda _turn: None)
    picture = np.zeros((4, 6, 3), np.uint8)
    with pytest.raises(Overloaded):
        PooledEngine(pool, lambda lane: lane, Priority.JOB, patience=0.0).estimate(picture)
    threading.Timer(0.1, gate.set).start()
    assert PooledEngine(pool, lambda lane: lane, Priority.JOB).estimate(picture).values.shape == (4, 6)
    pool.close(10)
    with pytest.raises(Overloaded):
        PooledEngine(pool, lambda lane: lane, Priority.JOB).estimate(picture)


def test_a_process_that_was_stopped_still_waits_for_room(monkeypatch):
    pool = Pool([Lane()], 1, seconds=0.01)
    begun, gate = threading.Event(), threading.Event()

    def held(_turn):
        begun.set()
        gate.wait(10)

    pool.submit(held)
    assert begun.wait(10)
    pool.submit(lambda _turn: None)
    times = chain([0.0], count(90.0, 0.01))

    def clock():
        now = next(times)
        if now > 90.1:
            gate.set()
        return now

    monkeypatch.setattr(engines, "Awake", lambda: Awake(clock))
    picture = np.zeros((4, 6, 3), np.uint8)
    assert PooledEngine(pool, lambda lane: lane, Priority.JOB).estimate(picture).values.shape == (4, 6)
    pool.close(10)
