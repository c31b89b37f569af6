"""Several inputs from the command line: reports while they are rendered, the table at the end, the exit status."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from streamdepth.batch.events import InputBegan, InputEnded, ObserveInput
from streamdepth.batch.on_this_machine import Batch
from streamdepth.batch.outcome import State
from streamdepth.batch.plan import Plan, plan_batch
from streamdepth.batch.spec import BatchSpec
from streamdepth.cli.batch_words import line_of
from streamdepth.cli.commands.run_words import RunWords
from streamdepth.cli.commands.several import execute
from streamdepth.cli.observer import ConsoleObserver, each
from streamdepth.cli.progress_lines import ProgressLines
from streamdepth.reporting.console import ErrorConsole
from streamdepth.reporting.events import Observe, Said
from streamdepth.reporting.logs import log
from streamdepth.reporting.overall import Overall
from streamdepth.reporting.systemd import ServiceManager
from streamdepth.run.spec import RunSpec
from streamdepth.run.surroundings import Surroundings
from streamdepth.values import dataclass

if TYPE_CHECKING:
    from streamdepth.batch.on_cluster import ClusterBatch


def run_batch(spec: RunSpec, wanted: BatchSpec, words: RunWords) -> int:
    """The exit status of all together, with a table of them however it ends."""
    console, manager = ErrorConsole(), ServiceManager(words.environ)
    surroundings = words.surroundings(manager)
    plan = plan_batch(spec, wanted, surroundings)
    form = words.log.progress
    lines = ProgressLines.on(sys.stdout) if form == "json" else None
    observer = ConsoleObserver(console, words.log.log_format, manager, shows_progress=form == "auto")
    teller = Teller(console, observer, lines)
    with _batch_of(plan, spec.output.cluster, surroundings, each(observer, lines), teller) as batch:
        return execute(batch, console, None if lines is None else lines.total, leaves_parts=True)


@contextmanager
def _batch_of(
    plan: Plan, cluster: str | None, surroundings: Surroundings, observe: Observe, observe_input: ObserveInput
) -> Iterator[Batch | ClusterBatch]:
    """Here, or on a cluster, whose workers are let go of at the end."""
    if cluster is None:
        yield Batch(plan, surroundings, observe, observe_input)
        return
    from streamdepth.batch.on_cluster import batch_on
    from streamdepth.cluster.on_ray import OnRay

    with closing(OnRay(cluster, lambda line: observe(Said(line)))) as executor:
        yield batch_on(executor, plan, surroundings, observe, observe_input)


@dataclass
class Teller:
    """Gets what becomes of each input, on the thread that works on them."""

    console: ErrorConsole
    observer: ConsoleObserver
    lines: ProgressLines | None
    clock: Callable[[], float] = time.monotonic
    began: float | None = None

    def __call__(self, event: InputBegan | InputEnded) -> None:
        """Pass it on to what shows it."""
        if isinstance(event, InputBegan):
            self._begin(event)
        else:
            self._end(event)

    def _begin(self, event: InputBegan) -> None:
        now = self.clock()
        self.began = now if self.began is None else self.began
        overall = Overall(
            event.number, event.count, event.planned.name, event.share_done, event.share, now - self.began
        )
        self.observer.overall = overall
        if self.lines is not None:
            self.lines.began(overall, event.planned.outputs)

    def _end(self, event: InputEnded) -> None:
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
