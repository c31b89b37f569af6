"""What the service counts of itself."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from streamdepth.inference.pool import PoolFigures
from streamdepth.server.metrics import Counter, Gauge, Histogram, exposition
from streamdepth.server.pictures import Spans

WINDOW = 30.0
"""Seconds over which the utilisation is a mean."""


class Figures:
    """All of them; lives on the event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.requests = Counter("streamdepth_requests_total", "Requests by route, method and status.")
        self.request_seconds = Histogram(
            "streamdepth_request_seconds", "From the head of a request to its answer."
        )
        self.spans = Histogram("streamdepth_span_seconds", "Steps of a picture.")
        self.cache = Counter("streamdepth_cache_total", "Answers that were looked for in the cache.")
        self.shared = Counter("streamdepth_shared_total", "Requests that shared the work of another.")
        self._busy: deque[tuple[float, float]] = deque()

    def add_spans(self, spans: Spans) -> None:
        """A picture was answered."""
        for name, seconds in vars(spans).items():
            self.spans.add(seconds, span=name)

    def utilisation(self, pool: PoolFigures) -> float:
        """The share of its lanes' time that was work, 0..1, over the last half minute or since the last look."""
        now = self._clock()
        self._busy.append((now, pool.busy))
        while len(self._busy) > 2 and self._busy[1][0] < now - WINDOW:
            self._busy.popleft()
        since, before = self._busy[0]
        return min(1.0, (pool.busy - before) / (max(now - since, 1e-9) * pool.lanes))

    def text(self, version: str, models: tuple[str, ...], pool: PoolFigures | None) -> str:
        """As Prometheus reads them; `pool` is None while the network is loaded."""
        gauges = [
            Gauge("streamdepth_info", "What runs.", 1, {"version": version, "models": " ".join(models)}),
            Gauge("streamdepth_ready", "Whether the network is loaded.", float(pool is not None)),
        ]
        if pool is not None:
            gauges += [
                Gauge("streamdepth_queue_depth", "Pictures that wait for a lane.", pool.waiting),
                Gauge("streamdepth_lanes", "Pictures that can be worked on at once.", pool.lanes),
                Gauge("streamdepth_lanes_busy", "Pictures that are worked on.", pool.running),
                Gauge("streamdepth_picture_seconds", "What a picture takes in its lane.", pool.seconds),
                Gauge(
                    "streamdepth_utilisation",
                    "Share of the lanes' time that is work.",
                    self.utilisation(pool),
                ),
                Gauge("streamdepth_busy_seconds_total", "Work of all lanes.", pool.busy, kind="counter"),
            ]
        if (resident := resident_bytes()) is not None:
            gauges.append(Gauge("process_resident_memory_bytes", "Memory of this process.", resident))
        counted = (self.requests, self.request_seconds, self.spans, self.cache, self.shared)
        return exposition((*counted, *gauges))


def resident_bytes() -> int | None:
    """Memory of this process that is in RAM (proc(5)); None where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))
    except (OSError, StopIteration, ValueError):
        return None
