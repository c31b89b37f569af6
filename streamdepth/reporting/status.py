"""The figures of a live run once a minute, and whatever else is done every so often."""

from __future__ import annotations

import time
from collections.abc import Callable

from streamdepth.counted import per_second
from streamdepth.frames import Rendered
from streamdepth.pipeline import RunStats, StatsSnapshot
from streamdepth.pipeline.stats import Reservoir
from streamdepth.reporting.events import LastMinute, Observe

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
    """Reports the figures since its last report, as `LastMinute`.

    `memory` is in MB, None if the platform does not report it; `condition` is what the source says of itself, or None.
    """

    def __init__(
        self,
        stats: RunStats,
        observe: Observe,
        *,
        memory: Callable[[], float | None],
        condition: Callable[[], str | None],
        clock: Clock = time.monotonic,
    ) -> None:
        super().__init__(STATUS_EVERY, self._report, clock)
        self._stats = stats
        self._observe = observe
        self._memory = memory
        self._condition = condition
        self._before = StatsSnapshot()
        self._latency = Reservoir()

    def write(self, rendered: Rendered) -> None:
        """Note how old the frame is now that the sinks before have it.

        It is counted after this: its age is for the next line, too.
        """
        age = self._clock() - rendered.estimate.frame.captured_at
        super().write(rendered)
        self._latency.add(age)

    def _report(self) -> None:
        now, before, latency = self._stats.snapshot(), self._before, self._latency.percentiles()
        self._before, self._latency = now, Reservoir()
        seconds = now.seconds - before.seconds
        frames = now.written - before.written
        self._observe(
            LastMinute(
                frames=frames,
                fps=per_second(frames / seconds) if seconds > 0 else 0.0,
                dropped_by=_difference(now, before),
                latency_ms=(_milliseconds(latency.p50), _milliseconds(latency.p95)),
                rss_mb=self._memory(),
                condition=self._condition(),
            )
        )


def _difference(now: StatsSnapshot, before: StatsSnapshot) -> dict[str, int]:
    each = {cause: count - before.dropped_by.get(cause, 0) for cause, count in now.dropped_by.items()}
    return {cause: count for cause, count in each.items() if count}


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)
