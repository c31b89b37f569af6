"""What the service counts of itself, as Prometheus reads it."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from itertools import accumulate

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import generate_latest

from streamdepth.http.live_figures import Collected
from streamdepth.inference.pool import PoolFigures
from streamdepth.server.pictures import Spans
from streamdepth.values import dataclass, field

TYPE = CONTENT_TYPE_PLAIN_0_0_4
WINDOW = 30.0
"""Seconds over which the utilisation is a mean."""
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds."""
_LES = (*map(str, BOUNDS), "+Inf")


@dataclass
class _Times:
    """How often something took how long."""

    counts: list[int] = field(default_factory=lambda: [0] * len(_LES))
    """Up to each bound, and beyond the last; not those below, which Prometheus wants with them."""
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """It took so long once more."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds

    def add_to(self, family: HistogramMetricFamily, label: str) -> None:
        """Tell it."""
        family.add_metric((label,), [*zip(_LES, accumulate(self.counts), strict=True)], self.seconds)


@dataclass(frozen=True)
class LiveNow:
    """What of the service is live."""

    cameras: int
    most: int
    begun: int
    """Cameras so far."""
    viewers: int
    frames: Mapping[str, int]
    """Of all cameras so far, by how far they came."""


class Figures:
    """All of them; lives on the event loop.

    They are counted here and become Prometheus's when they are asked for: its own counters, made for many threads,
    took ten times as long, for each request.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests: Counter[tuple[str, str, str]] = Counter()
        self._seconds: defaultdict[str, _Times] = defaultdict(_Times)
        self._spans = {one.name: _Times() for one in fields(Spans)}
        self._lookups = {"hit": 0, "miss": 0}
        self._shared = 0
        self._busy: deque[tuple[float, float]] = deque()

    def add_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request was answered, or left."""
        self._requests[route, method, str(status)] += 1
        self._seconds[route].add(seconds)

    def add_lookup(self, *, hit: bool) -> None:
        """An answer was looked for in the cache."""
        self._lookups["hit" if hit else "miss"] += 1

    def add_shared(self) -> None:
        """A request gets what another one is having made."""
        self._shared += 1

    def add_spans(self, spans: Spans) -> None:
        """A picture was answered."""
        for name, seconds in vars(spans).items():
            self._spans[name].add(seconds)

    def utilisation(self, pool: PoolFigures) -> float:
        """The share of its lanes' time that was work, 0..1, over the last half minute or since the last look."""
        now = self._clock()
        self._busy.append((now, pool.busy))
        while len(self._busy) > 2 and self._busy[1][0] < now - WINDOW:
            self._busy.popleft()
        since, before = self._busy[0]
        return min(1.0, (pool.busy - before) / (max(now - since, 1e-9) * pool.lanes))

    def text(
        self,
        version: str,
        models: tuple[str, ...],
        pool: PoolFigures | None,
        jobs: Mapping[str, int],
        live: LiveNow | None = None,
    ) -> str:
        """In the text format 0.0.4; `pool` is None while the network is loaded, `jobs` so many in each state."""
        share = None if pool is None else self.utilisation(pool)
        now = [*self._counted(), *_now(version, models, pool, share), *_jobs(jobs), *_live(live)]
        return generate_latest(Collected([*self._registry.collect(), *now])).decode()

    def _counted(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "streamdepth_requests",
            "Requests by route, method and status.",
            labels=("route", "method", "status"),
        )
        for labels, count in self._requests.items():
            requests.add_metric(labels, count)
        yield requests
        taken = HistogramMetricFamily(
            "streamdepth_request_seconds", "From the head of a request to its answer.", labels=("route",)
        )
        for route, times in self._seconds.items():
            times.add_to(taken, route)
        yield taken
        steps = HistogramMetricFamily("streamdepth_span_seconds", "Steps of a picture.", labels=("span",))
        for name, times in self._spans.items():
            times.add_to(steps, name)
        yield steps
        lookups = CounterMetricFamily(
            "streamdepth_cache", "Answers that were looked for in the cache.", labels=("result",)
        )
        for result, count in self._lookups.items():
            lookups.add_metric((result,), count)
        yield lookups
        yield CounterMetricFamily(
            "streamdepth_shared", "Requests that shared the work of another.", self._shared
        )


def _live(live: LiveNow | None) -> Iterator[Metric]:
    if live is None:
        return
    yield GaugeMetricFamily("streamdepth_live_cameras", "Cameras that clients send now.", live.cameras)
    yield GaugeMetricFamily("streamdepth_live_cameras_most", "So many may be sent at once.", live.most)
    yield CounterMetricFamily("streamdepth_live_begun", "Cameras that clients have sent.", live.begun)
    yield GaugeMetricFamily("streamdepth_viewers", "Who watches.", live.viewers)
    frames = CounterMetricFamily(
        "streamdepth_live_frames", "Frames of cameras by how far they came.", labels=("step",)
    )
    for step, count in live.frames.items():
        frames.add_metric((step,), count)
    yield frames


def _jobs(jobs: Mapping[str, int]) -> Iterator[Metric]:
    if jobs:
        gauge = GaugeMetricFamily("streamdepth_jobs", "Jobs of the store, by state.", labels=("state",))
        for state, count in jobs.items():
            gauge.add_metric((state,), count)
        yield gauge


def _now(
    version: str, models: tuple[str, ...], pool: PoolFigures | None, utilisation: float | None
) -> Iterator[Metric]:
    info = GaugeMetricFamily("streamdepth_info", "What runs.", labels=("version", "models"))
    info.add_metric((version, " ".join(models)), 1)
    yield info
    yield GaugeMetricFamily("streamdepth_ready", "Whether the network is loaded.", float(pool is not None))
    if pool is None or utilisation is None:
        return
    yield GaugeMetricFamily("streamdepth_queue_depth", "Pictures that wait for a lane.", pool.waiting)
    yield GaugeMetricFamily("streamdepth_lanes", "Pictures that can be worked on at once.", pool.lanes)
    yield GaugeMetricFamily("streamdepth_lanes_busy", "Pictures that are worked on.", pool.running)
    yield GaugeMetricFamily("streamdepth_picture_seconds", "What a picture takes in its lane.", pool.seconds)
    yield GaugeMetricFamily("streamdepth_utilisation", "Share of the lanes' time that is work.", utilisation)
    yield CounterMetricFamily("streamdepth_busy_seconds", "Work of all lanes.", pool.busy)
