"""How fast a network runs: one picture at a time, and as many at once as the engine has lanes."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np

from streamdepth.engine import Engine, Runtime
from streamdepth.engine.runtime import Batch
from streamdepth.pipeline.stats import Percentiles, Reservoir
from streamdepth.threads.worker import Worker
from streamdepth.values import dataclass

_FIRST_RUNS = 3
"""TorchScript makes its plan in the first two."""
_PATIENCE = 60.0
"""Seconds beyond those asked for that lanes may take to end."""


@dataclass(frozen=True)
class Speed:
    """What was measured of an engine."""

    one: Percentiles
    """Seconds that one inference takes while all threads work on it."""
    rate: float
    """Inferences a second by all lanes together."""
    lanes: int


def measure(
    engine: Engine, size: tuple[int, int], seconds: float, clock: Callable[[], float] = time.perf_counter
) -> Speed:
    """Infer noise of `size`, (width, height) pixels of the network's input, for `seconds` in each of the two ways."""
    width, height = size
    batch = np.random.default_rng(0).standard_normal((1, 3, height, width)).astype(np.float32)
    times = Reservoir()
    for taken in _repeated(engine.runtime, batch, seconds, clock):
        times.add(taken)
    return Speed(times.percentiles(), lanes_rate(engine, batch, seconds, clock), len(engine.lanes))


def lanes_rate(
    engine: Engine, batch: Batch, seconds: float, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Inferences a second by all lanes; raises what a lane raises, and `StageStuck` where one does not end."""
    for lane in engine.lanes:
        lane.runtime.infer(batch)
    counts: list[int] = []
    failures: list[BaseException] = []
    begin = clock()

    def work(runtime: Runtime) -> None:
        counts.append(len(_repeated(runtime, batch, seconds, clock, first_runs=0)))

    workers = [
        Worker("inference", partial(work, lane.runtime), on_error=failures.append).start()
        for lane in engine.lanes
    ]
    for worker in workers:
        worker.join(seconds + _PATIENCE)
    if failures:
        raise failures[0]
    return sum(counts) / (clock() - begin)


def _repeated(
    runtime: Runtime,
    batch: Batch,
    seconds: float,
    clock: Callable[[], float],
    first_runs: int = _FIRST_RUNS,
) -> list[float]:
    """Seconds of each inference, at least one."""
    for _ in range(first_runs):
        runtime.infer(batch)
    times: list[float] = []
    end = clock() + seconds
    while not times or clock() < end:
        begin = clock()
        runtime.infer(batch)
        times.append(clock() - begin)
    return times
