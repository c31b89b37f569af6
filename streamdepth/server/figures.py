"""What the service counts of itself, as Prometheus reads it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest

from streamdepth.inference.pool import PoolFigures
from streamdepth.server.pictures import Spans

TYPE = CONTENT_TYPE_PLAIN_0_0_4
WINDOW = 30.0
"""Seconds over which the utilisation is a mean."""
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds."""


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
    """All of them; lives on the event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        registry = self._registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        requests = Counter(
            "streamdepth_requests",
            "Requests by route, method and status.",
            ("route", "method", "status"),
            registry=registry,
        )
        seconds = Histogram(
            "streamdepth_request_seconds",
            "From the head of a request to its answer.",
            ("route",),
            buckets=BOUNDS,
            registry=registry,
        )
        self._answered = cache(lambda *labels: (requests.labels(*labels), seconds.labels(labels[0])))
        spans = Histogram(
            "streamdepth_span_seconds", "Steps of a picture.", ("span",), buckets=BOUNDS, registry=registry
        )
        self._spans = {one.name: spans.labels(one.name) for one in fields(Spans)}
        lookups = Counter(
            "streamdepth_cache", "Answers that were looked for in the cache.", ("result",), registry=registry
        )
        self._lookups = {True: lookups.labels("hit"), False: lookups.labels("miss")}
        self._shared = Counter(
            "streamdepth_shared", "Requests that shared the work of another.", registry=registry
        )
        self._busy: deque[tuple[float, float]] = deque()

    def add_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request was answered, or left."""
        count, took = self._answered(route, method, status)
        count.inc()
        took.observe(seconds)

    def add_lookup(self, *, hit: bool) -> None:
        """An answer was looked for in the cache."""
        self._lookups[hit].inc()

    def add_shared(self) -> None:
        """A request gets what another one is having made."""
        self._shared.inc()

    def add_spans(self, spans: Spans) -> None:
        """A picture was answered."""
        for name, seconds in vars(spans).items():
            self._spans[name].observe(seconds)

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
        now = [*_now(version, models, pool, share), *_jobs(jobs), *_live(live)]
        return generate_latest(_Collected([*self._registry.collect(), *now])).decode()


class _Collected:
    """What was collected already, for those who collect it."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        """Without the times at which each set of labels was first seen: nobody asks for them, and they are many."""
        for metric in self._metrics:
            metric.samples = [one for one in metric.samples if not one.name.endswith("_created")]
            yield metric


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
        told = GaugeMetricFamily("streamdepth_jobs", "Jobs of the store, by state.", labels=("state",))
        for state, count in jobs.items():
            told.add_metric((state,), count)
        yield told


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
