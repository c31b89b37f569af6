"""A line about a live run once a minute, for who reads a log instead of a window."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from streamdepth.frames import Rendered
from streamdepth.pipeline import RunStats, StatsSnapshot
from streamdepth.pipeline.stats import Percentiles, Reservoir

STATUS_EVERY = 60.0
"""Seconds between two lines."""

Clock = Callable[[], float]


class EverySoOften:
    """A sink that does something every `seconds`, whether frames come or not, on the thread that renders.

    So it also shows that this thread lives: nothing is done while another sink hangs.
    """

    def __init__(self, seconds: float, action: Callable[[], None], clock: Clock = time.monotonic) -> None:
        self._seconds = seconds
        self._action = action
        self._clock = clock
        self._next: float | None = None  # the run begins with the first frame or look

    def write(self, rendered: Rendered) -> None:
        """Act if it is time."""
        self.poll()

    def poll(self) -> None:
        """Act if it is time; what was missed is not made up for."""
        now = self._clock()
        if self._next is None:
            self._next = now + self._seconds
        elif now >= self._next:
            self._next = now + self._seconds
            self._action()

    def close(self, *, complete: bool = True) -> None:
        """Nothing is left to do."""


class StatusLine(EverySoOften):
    """Tells the figures since the last line: `say` gets the sentence and the same as fields.

    `memory` is in MB, None where the platform does not tell; `condition` is what the source says of itself, or None.
    """

    def __init__(
        self,
        stats: RunStats,
        say: Callable[[str, dict[str, Any]], None],
        *,
        memory: Callable[[], float | None],
        condition: Callable[[], str | None],
        clock: Clock = time.monotonic,
    ) -> None:
        super().__init__(STATUS_EVERY, self._tell, clock)
        self._stats = stats
        self._say = say
        self._memory = memory
        self._condition = condition
        self._before = StatsSnapshot()
        self._latency = Reservoir()

    def write(self, rendered: Rendered) -> None:
        """Note how old the frame is now that the sinks before have it."""
        self._latency.add(self._clock() - rendered.estimate.frame.captured_at)
        super().write(rendered)

    def _tell(self) -> None:
        now = self._stats.snapshot()
        fields = _fields(now, self._before, self._latency.percentiles(), self._memory(), self._condition())
        self._before, self._latency = now, Reservoir()
        self._say(_sentence(fields), fields)


def _fields(
    now: StatsSnapshot,
    before: StatsSnapshot,
    latency: Percentiles,
    memory: float | None,
    condition: str | None,
) -> dict[str, Any]:
    seconds = now.seconds - before.seconds
    frames = now.written - before.written
    return {
        "frames": frames,
        "fps": round(frames / seconds, 1) if seconds > 0 else 0.0,
        "dropped_by": _difference(now, before),
        "latency_ms": {"p50": _milliseconds(latency.p50), "p95": _milliseconds(latency.p95)},
        "rss_mb": memory,
        "condition": condition,
    }


def _difference(now: StatsSnapshot, before: StatsSnapshot) -> dict[str, int]:
    each = {cause: count - before.dropped_by.get(cause, 0) for cause, count in now.dropped_by.items()}
    return {cause: count for cause, count in each.items() if count}


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def _sentence(fields: dict[str, Any]) -> str:
    causes = fields["dropped_by"]
    drops = ", ".join(f"{count} {cause}" for cause, count in sorted(causes.items()))
    latency = fields["latency_ms"]
    parts = [
        f"{fields['frames']} frames, {fields['fps']:.1f} frames/s",
        f"{sum(causes.values())} dropped" + (f" ({drops})" if drops else ""),
        f"latency {latency['p50']}/{latency['p95']} ms" if latency["p50"] is not None else "",
        f"{fields['rss_mb']:.0f} MB" if fields["rss_mb"] is not None else "",
        f"source {fields['condition']}" if fields["condition"] else "",
    ]
    return "last minute: " + ", ".join(part for part in parts if part)
