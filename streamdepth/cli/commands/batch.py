"""Several inputs from the command line: what is told while they are rendered, the table at the end, the exit status."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamdepth.batch.events import JobBegan, JobEnded, Tell
from streamdepth.batch.executor import Batch
from streamdepth.batch.outcome import State
from streamdepth.batch.plan import Plan, plan_batch
from streamdepth.batch.spec import BatchSpec
from streamdepth.cli.batch_words import exit_status, line_of, table
from streamdepth.cli.commands.console import error_console
from streamdepth.cli.commands.render import RunWords, reported
from streamdepth.cli.observer import ConsoleObserver, each
from streamdepth.cli.progress_lines import ProgressLines
from streamdepth.cli.signals import handled_signals
from streamdepth.reporting.events import Observe, Said
from streamdepth.reporting.logs import log, tell
from streamdepth.reporting.overall import Overall
from streamdepth.reporting.systemd import ServiceManager
from streamdepth.run.spec import RunSpec
from streamdepth.run.surroundings import Surroundings

if TYPE_CHECKING:
    from rich.console import Console

    from streamdepth.batch.on_cluster import ClusterBatch


def run_batch(spec: RunSpec, wanted: BatchSpec, words: RunWords) -> int:
    """The exit status of all together, with a table of them however it ends."""
    console, manager = error_console(), ServiceManager(words.environ)
    surroundings = words.surroundings(manager)
    plan = plan_batch(spec, wanted, surroundings)
    form = words.log.progress
    lines = ProgressLines.on(sys.stdout) if form == "json" else None
    observer = ConsoleObserver(console, words.log.log_format, manager, shows_progress=form == "auto")
    teller = Teller(console, observer, lines)
    with _batch_of(plan, spec.output.cluster, surroundings, each(observer, lines), teller) as batch:
        began = time.monotonic()
        try:
            with handled_signals(batch, batch.write_report) as received, reported(batch):
                batch.execute()
        finally:
            seconds = time.monotonic() - began
            for line in table(batch.outcomes, seconds):
                tell(console, line, plain=True)
            if lines is not None:
                lines.total(batch.outcomes, seconds)
        return 128 + received[0] if received else exit_status(batch.outcomes)


@contextmanager
def _batch_of(
    plan: Plan, cluster: str | None, surroundings: Surroundings, observe: Observe, tell: Tell
) -> Iterator[Batch | ClusterBatch]:
    """Here, or on a cluster, whose workers are let go of at the end."""
    if cluster is None:
        yield Batch(plan, surroundings, observe, tell)
        return
    from streamdepth.batch.on_cluster import batch_on
    from streamdepth.cluster.on_ray import OnRay

    with closing(OnRay(cluster, lambda line: observe(Said(line)))) as executor:
        yield batch_on(executor, plan, surroundings, observe, tell)


@dataclass
class Teller:
    """Hears what becomes of each input, on the thread that works on them."""

    console: Console
    observer: ConsoleObserver
    lines: ProgressLines | None
    clock: Callable[[], float] = time.monotonic
    began: float | None = None

    def __call__(self, event: JobBegan | JobEnded) -> None:
        """Tell it to whoever shows it."""
        if isinstance(event, JobBegan):
            self._begin(event)
        else:
            self._end(event)

    def _begin(self, event: JobBegan) -> None:
        now = self.clock()
        self.began = now if self.began is None else self.began
        overall = Overall(
            event.number, event.count, event.job.name, event.share_done, event.share, now - self.began
        )
        self.observer.overall = overall
        if self.lines is not None:
            self.lines.began(overall, event.job.outputs)

    def _end(self, event: JobEnded) -> None:
        outcome = event.outcome
        if self.lines is not None:
            self.lines.ended(event.number, event.count, outcome)
        failed = outcome.state is State.FAILED
        if outcome.state is State.DONE or failed:
            level = logging.ERROR if failed else logging.INFO
            log(
                level,
                line_of(event),
                self.console,
                fields={"file": event.number, "state": outcome.state.value},
            )
