"""Who is told how a run goes: a terminal, a log, a service manager."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamdepth.pipeline import RunStats
from streamdepth.protocols import Sink, Source, Watched
from streamdepth.reporting.logs import tell
from streamdepth.reporting.progress import ProgressSink
from streamdepth.reporting.report import current_rss_mb
from streamdepth.reporting.status import EverySoOften, StatusLine
from streamdepth.reporting.systemd import ServiceManager

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True)
class Onlookers:
    """The sinks that write nothing but words about the run."""

    console: Console
    manager: ServiceManager
    stats: RunStats
    reads_log: bool
    """Whether lines are read later, in a log, and not now, on a terminal."""

    def of_live(self, source: Source) -> list[Sink]:
        """A line a minute in a log."""
        return [self._status_line(source)] if self.reads_log else []

    def of_files(self, total: int | None) -> list[Sink]:
        """A bar, or lines: `total` is how many frames are to come, where that is known."""
        return [ProgressSink(self.console, total)]

    def of_service(self) -> list[Sink]:
        """Signs of life, where a service manager wants them."""
        every = self.manager.beat_every
        return [EverySoOften(every, self.manager.alive)] if every else []

    def _status_line(self, source: Source) -> StatusLine:
        def say(line: str, fields: dict[str, Any]) -> None:
            tell(self.console, line, **fields)
            self.manager.status(line)

        return StatusLine(self.stats, say, memory=current_rss_mb, condition=lambda: _condition(source))


def _condition(source: Source) -> str | None:
    """What a source that comes and goes says of itself; None where it does not."""
    if not isinstance(source, Watched):
        return None
    condition = source.condition
    return f"{condition.state.value}" + (f" ({condition.reason})" if condition.reason else "")
