"""The sinks of a run that write nothing and report how far it is."""

from __future__ import annotations

from collections.abc import Iterator

from streamdepth.frames import Rendered
from streamdepth.pipeline import RunStats
from streamdepth.protocols import Sink, Source, Watched
from streamdepth.reporting.events import Alive, FrameWritten, Observe, OutputsClosed
from streamdepth.reporting.keeping_up import KeepingUp
from streamdepth.reporting.report import current_rss_mb
from streamdepth.reporting.status import EverySoOften, StatusLine


class FrameCount:
    """Tells of every frame that the sinks before have, and of the end; `source` may turn out to have fewer."""

    def __init__(self, observe: Observe, source: Source | None = None) -> None:
        self._observe = observe
        self._source = source
        self._announced = self._expected
        self._count = 0

    def write(self, rendered: Rendered) -> None:
        """Count one frame; a picture that only stands in for others is none."""
        if rendered.is_stand_in:
            return
        self._count += 1
        expected = self._expected
        self._observe(FrameWritten(self._count, None if expected == self._announced else expected))

    @property
    def _expected(self) -> int | None:
        return None if self._source is None else self._source.info.frame_count

    def close(self, *, complete: bool = True) -> None:
        """Report the end."""
        self._observe(OutputsClosed(complete))


def observers_of(
    source: Source, stats: RunStats, observe: Observe, *, pulse_every: float = 0.0
) -> Iterator[Sink]:
    """Those of a run of `source`; they come after all other sinks. `pulse_every` is as in `Surroundings`."""
    if source.info.live:
        yield StatusLine(stats, observe, memory=current_rss_mb, condition=lambda: _condition(source))
        yield KeepingUp(stats, source, observe)
    yield FrameCount(observe, None if source.info.live else source)
    if pulse_every:
        yield EverySoOften(pulse_every, lambda: observe(Alive()))


def _condition(source: Source) -> str | None:
    """What a source that comes and goes says of itself; None where it does not."""
    if not isinstance(source, Watched):
        return None
    condition = source.condition
    return f"{condition.state.value}" + (f" ({condition.reason})" if condition.reason else "")
