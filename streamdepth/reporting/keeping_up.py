"""Whether a live run keeps up with its source, and if not, why, in one sentence."""

from __future__ import annotations

import time
from collections.abc import Callable

from streamdepth.frames import Rendered, SourceInfo
from streamdepth.pipeline import RunStats, StatsSnapshot
from streamdepth.pipeline.stats import Reservoir
from streamdepth.protocols import Source, load_of
from streamdepth.reporting.events import Observe, Said
from streamdepth.reporting.status import EverySoOften

LOOK_EVERY = 5.0
LOOKS = 2
"""So many in a row must agree before it is reported: a moment of other load is no news."""
TOO_BUSY = 0.97
"""Of its time that a source reads and decodes, and does not wait."""
LATE = 1.0
"""Seconds from capture to the outputs beside those that the network takes."""
LEFT_OUT_ON_PURPOSE = ("max-fps", "interval")
CURE = "name the camera's sub-stream or a smaller size, or run fewer cameras"


class KeepingUp(EverySoOften):
    """Writes into `stats.behind` why pictures of `source` come late or not at all, and reports it once."""

    def __init__(
        self, stats: RunStats, source: Source, observe: Observe, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(LOOK_EVERY, self._look, clock)
        self._stats = stats
        self._source = source
        self._observe = observe
        self._before = StatsSnapshot()
        self._latency = Reservoir()
        self._looks = 0

    def write(self, rendered: Rendered) -> None:
        """Note how old a picture is now that the outputs have it."""
        if not rendered.is_stand_in:
            self._latency.add(self._clock() - rendered.estimate.frame.captured_at)
        super().write(rendered)

    def _look(self) -> None:
        why = self._why()
        self._looks = 0 if bool(why) == bool(self._stats.behind) else self._looks + 1
        if self._looks < LOOKS:
            return
        self._looks = 0
        self._stats.behind = sentence = _sentence(self._source.info, why) if why else ""
        self._observe(Said(sentence or "it keeps up with its pictures again", is_warning=bool(sentence)))

    def _why(self) -> str:
        now, before, latency = self._stats.snapshot(), self._before, self._latency.percentiles().p50
        self._before, self._latency = now, Reservoir()
        inference = now.stages.get("inference")
        network = (inference.p50 if inference is not None else None) or 0.0
        if (load_of(self._source) or 0.0) >= TOO_BUSY:
            return "they come faster than they are decoded"
        if latency is not None and latency - network > LATE:
            return f"they are shown {latency:.1f} s late"
        if _wanted(now) > _wanted(before) and now.written == before.written:
            return "none is shown"
        return ""


def _wanted(stats: StatsSnapshot) -> int:
    return stats.captured - sum(stats.dropped_by.get(cause, 0) for cause in LEFT_OUT_ON_PURPOSE)


def _sentence(info: SourceInfo, why: str) -> str:
    return f"this machine does not keep up with pictures of {info.width}x{info.height}: {why} ({CURE})"
