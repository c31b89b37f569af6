"""A plan, carried out in this process: one run after the other, with one network."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from streamdepth.batch.events import InputBegan, ObserveInput, ignore
from streamdepth.batch.outcome import (
    Ending,
    Outcome,
    Reports,
    State,
    of_unbegun,
    outcome_of_run,
)
from streamdepth.batch.output_paths import folders_among
from streamdepth.batch.plan import Plan
from streamdepth.batch.plan_runner import STOPPED, PlanRunner
from streamdepth.batch.planned_run import PlannedRun
from streamdepth.batch.work import Work, is_there
from streamdepth.errors import DiskFull, StageStuck, StreamdepthError
from streamdepth.files import Taken, disk_errors
from streamdepth.pipeline import StatsSnapshot
from streamdepth.reporting.events import Event, Observe, OutputsClosed, Stopping
from streamdepth.reporting.events import ignore as ignore_run
from streamdepth.run.network.engines import Engines, LoadedOnce
from streamdepth.run.network.loading import load_network
from streamdepth.run.run import Run
from streamdepth.run.spec import RunSpec
from streamdepth.run.surroundings import Surroundings

_ALONE = Surroundings()


class OneRun(Reports, Protocol):
    """A run of one input, here or on a cluster."""

    def execute(self) -> StatsSnapshot:
        """Do it all."""

    def stop(self) -> bool:
        """Ask it to end soon."""


Make = Callable[[RunSpec, Surroundings, Observe, Engines], OneRun]
"""Makes the run of an input; raises `StreamdepthError`."""


class Batch(PlanRunner):
    """Carries out a plan; `observe` gets what happens in each run, and `observe_input` what becomes of each input.

    `load` loads a network; it is asked once, and again after a stage was left behind in a foreign call.
    """

    def __init__(
        self,
        plan: Plan,
        surroundings: Surroundings = _ALONE,
        observe: Observe = ignore_run,
        observe_input: ObserveInput = ignore,
        load: Engines = load_network,
        make: Make = Run,
    ) -> None:
        super().__init__(plan, observe_input)
        self._surroundings = surroundings
        self._observe = observe
        self._load = load
        self._make = make
        self._engines = LoadedOnce(load)
        self._run: OneRun | None = None
        self._under_way: PlannedRun | None = None
        self._is_complete = True
        self._is_stopped = False
        self._ends_because = ""

    def stop(self) -> bool:
        """Ask the run under way to end with everything closed, and begin no other; False where there is none yet."""
        self._is_stopped = True
        if self._run is not None:
            return self._run.stop()
        self._observe(Stopping())
        return False

    def execute(self) -> tuple[Outcome, ...]:
        """Do it all; every input has its outcome afterwards, also where this raises.

        Raises `StreamdepthError` where the network cannot be loaded, since then no input can be rendered.
        """
        runs = self.plan.runs
        self._leave_out()
        work = Work.of(runs, skip_existing=self.plan.skip_existing)
        waiting = deque(enumerate(runs, 1))
        try:
            while waiting and not self._ends_because:
                number, planned = waiting[0]
                self._observe_input(
                    InputBegan(number, len(runs), planned, work.done[number - 1], work.shares[number - 1])
                )
                outcome = self._outcome_of(planned)
                waiting.popleft()
                self._end(number, outcome)
                self._ends_because = self._why_end(outcome)
        finally:
            for number, planned in waiting:
                state = State.NOT_BEGUN if planned is not self._under_way else State.STOPPED
                self._end(number, of_unbegun(planned, state, self._ends_because or STOPPED))
        return self.outcomes

    def _outcome_of(self, planned: PlannedRun) -> Outcome:
        if self.plan.skip_existing and is_there(planned):
            return of_unbegun(planned, State.SKIPPED, "its output is there already")
        self._load_network(planned)
        self._under_way = planned
        began = time.monotonic()
        state, reason = State.DONE, ""
        try:
            with made_folders(planned.outputs):
                self._run = self._make(planned.spec, self._surroundings, self._watch, self._engines)
                self._run.execute()
        except Taken as error:
            state = State.SKIPPED if self.plan.skip_existing else State.FAILED
            reason = str(error)
        except StreamdepthError as error:
            state, reason = State.FAILED, str(error)
            self._heed(error)
        except Exception as error:  # of ten thousand files one that nobody thought of costs itself alone
            state, reason = State.FAILED, f"unexpected {type(error).__name__}: {error}"
        if state is State.DONE and not self._is_complete:
            state, reason = State.STOPPED, STOPPED
        run, self._run, self._under_way = self._run, None, None
        return outcome_of_run(
            planned.name, planned.outputs, run, Ending(state, reason, time.monotonic() - began)
        )

    def _load_network(self, planned: PlannedRun) -> None:
        """Before anything is opened for the first run; every run gets it from the same place."""
        try:
            self._engines(planned.spec.wanted_network, self._surroundings.cache_dir, self._observe)
        except StreamdepthError:
            self._ends_because = "the network could not be loaded"
            raise

    def _heed(self, error: StreamdepthError) -> None:
        """What an error of one run means for those that follow."""
        if isinstance(error, DiskFull):
            self._ends_because = "the disk is full"
        if isinstance(error, StageStuck):  # what hangs may be the network's
            self._engines = LoadedOnce(self._load)

    def _why_end(self, outcome: Outcome) -> str:
        """Why nothing more is begun; empty where it goes on."""
        if self._is_stopped:
            return STOPPED
        if outcome.state is State.FAILED and self.plan.on_error == "stop":
            return f"{outcome.name} failed"
        return self._ends_because

    def _watch(self, event: Event) -> None:
        if isinstance(event, OutputsClosed):
            self._is_complete = event.complete
        self._observe(event)


def make_folders(outputs: Sequence[Path]) -> list[Path]:
    """Make the folders of outputs, as far as they are not there; returns those that it made."""
    made: list[Path] = []
    for folder in (*(output.parent for output in outputs), *folders_among(outputs)):
        made += [missing for missing in (folder, *folder.parents) if not missing.exists()]
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
    return made


@contextmanager
def made_folders(outputs: Sequence[Path]) -> Iterator[None]:
    """Within it the folders of outputs are there; after an error those that it made, and that are empty, go."""
    made = make_folders(outputs)
    try:
        yield
    except BaseException:
        remove_empty(made)
        raise


def remove_empty(folders: Iterable[Path]) -> None:
    """Remove those of some folders in which nothing is, the innermost first."""
    for folder in sorted(folders, key=lambda path: len(path.parts), reverse=True):
        with suppress(OSError):
            folder.rmdir()
