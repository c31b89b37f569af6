"""Which of several ways to run a network is the fastest, measured in turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

from streamdepth.engine.backend import PRECISIONS
from streamdepth.engine.selection.ways import Way

NOISE = 0.05
"""Ways whose times differ by less than this share are equally fast: what a busy machine makes of the same work."""
_ROUNDS = 9
_SECONDS = 2.5
_WARM = 2

Key = TypeVar("Key", bound=Hashable)


def fastest(times: Mapping[Way, float]) -> Way:
    """The fastest; of those that are as fast within the noise, the most exact, and of these the first."""
    best = min(times.values())
    near = [way for way, seconds in times.items() if seconds <= best * (1 + NOISE)]
    return min(near, key=lambda way: PRECISIONS.index(way.precision))


def time_ways(
    runs: Mapping[Key, Callable[[], object]], clock: Callable[[], float] = time.perf_counter
) -> dict[Key, float]:
    """Median seconds of one run of each, in about 2.5 s together.

    They take turns, so that whatever else the machine does hits all of them alike. After the warm-up, each turn is as
    many runs as fit into its share of the time, at least one.
    """
    for run in runs.values():
        for _ in range(_WARM):
            _timed(run, 1, clock)
    share = _SECONDS / (_ROUNDS * len(runs))
    counts = {way: max(1, int(share / max(_timed(run, 1, clock), 1e-6))) for way, run in runs.items()}
    turns: dict[Key, list[float]] = {way: [] for way in runs}
    for _ in range(_ROUNDS):
        for way, run in runs.items():
            turns[way].append(_timed(run, counts[way], clock))
    return {way: statistics.median(seconds) for way, seconds in turns.items()}


def _timed(run: Callable[[], object], count: int, clock: Callable[[], float]) -> float:
    begin = clock()
    for _ in range(count):
        run()
    return (clock() - begin) / count
