"""A plan, carried out by a cluster: as many films side by side as there are machines, or each divided among all."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from streamdepth.batch.events import ObserveInput
from streamdepth.batch.inputs import Kind
from streamdepth.batch.on_this_machine import Batch, make_folders, remove_empty
from streamdepth.batch.outcome import Outcome, State, done_by, of_unbegun
from streamdepth.batch.plan import Plan
from streamdepth.batch.plan_runner import STOPPED, PlanRunner
from streamdepth.batch.planned_run import PlannedRun
from streamdepth.batch.work import input_bytes, is_there
from streamdepth.cluster.errors import ClusterError
from streamdepth.cluster.everywhere import same_everywhere
from streamdepth.cluster.executor import Executor, Shared
from streamdepth.cluster.kept import MARK, free
from streamdepth.cluster.run import ClusterRun, undividable
from streamdepth.cluster.tasks import Answer, Film, Render, Task, Whole
from streamdepth.errors import StopRequested, StreamdepthError
from streamdepth.files import disk_errors, write_whole
from streamdepth.files.lock import NoLocks, claim
from streamdepth.reporting.events import Observe, Said, Stopping
from streamdepth.resuming.finished import recall, remember
from streamdepth.run.inputs import is_for_a_picture
from streamdepth.run.network.engines import Engines, RunEngine
from streamdepth.run.network.loading import load_network
from streamdepth.run.resume.complete_already import in_words_of
from streamdepth.run.spec import RunSpec
from streamdepth.run.surroundings import Surroundings

_HELD = "held"
_BOUND = 7 * 24 * 3600.0
"""Seconds for a film by one machine, waiting for its turn included."""


def batch_on(
    executor: Executor, plan: Plan, surroundings: Surroundings, observe: Observe, observe_input: ObserveInput
) -> Batch | ClusterBatch:
    """What carries a plan out by `executor`: a film a machine, or, of fewer films than machines, each by all.

    What cannot be divided is for one machine however few there are. By way of a store every film is divided.
    """
    has_store = any(planned.spec.output.cluster_store is not None for planned in plan.runs)
    are_enough = len(plan.runs) >= len(executor.machines)
    if not has_store and (are_enough or not all(map(_is_dividable, plan.runs))):
        return ClusterBatch(plan, executor, surroundings, observe, observe_input)

    def make(spec: RunSpec, around: Surroundings, observe_run: Observe, engines: Engines) -> ClusterRun:
        return ClusterRun(spec, lambda _address, _notify: Shared(executor), around, observe_run, engines)

    return Batch(plan, surroundings, observe, observe_input, make=make)


class ClusterBatch(PlanRunner):
    """Every film by one machine, as a run there renders it, and as many side by side as there are machines.

    That costs no more than these runs, where dividing a film decodes it twice. `load` gives the network that is looked
    at here: what `auto` means is decided once.
    """

    def __init__(
        self,
        plan: Plan,
        executor: Executor,
        surroundings: Surroundings,
        observe: Observe,
        observe_input: ObserveInput,
        load: Engines = load_network,
    ) -> None:
        super().__init__(plan, observe_input)
        self._executor = executor
        self._surroundings = surroundings
        self._observe = observe
        self._load = load
        self._ends_because = ""
        self._waiting = dict(enumerate(plan.runs, 1))

    def stop(self) -> bool:
        """Ask it to end soon; parts of films that are under way are left where they are."""
        self._ends_because = STOPPED
        self._observe(Stopping())
        return True

    def execute(self) -> tuple[Outcome, ...]:
        """Do it all; every input has its outcome afterwards, also where this raises; raises as `Batch` does."""
        self._leave_out()
        for number, planned in list(self._waiting.items()):
            if self.plan.skip_existing and is_there(planned):
                self._end(number, of_unbegun(planned, State.SKIPPED, "its output is there already"))
        try:
            if self._waiting:
                self._hand_out(tuple(self._waiting.values()))
        except StopRequested:
            self._observe(Said("run the same command with --resume to continue"))
        except StreamdepthError as error:
            self._ends_because = error.what
            raise
        finally:
            for number, planned in list(self._waiting.items()):
                self._end(number, of_unbegun(planned, State.NOT_BEGUN, self._ends_because or STOPPED))
        return self.outcomes

    def _hand_out(self, runs: tuple[PlannedRun, ...]) -> None:
        network = runs[0].spec.network
        engine = self._load(network, self._surroundings.cache_dir, self._observe)
        machines = self._executor.machines
        if not machines:
            raise ClusterError("no machine of this cluster has processors", "start Ray on one: ray start")
        cache_dir = self._surroundings.cache_dir
        with _folders_of(runs), _marked(runs[0].outputs[0].parent.resolve()) as (folder, mark):
            wanted = [
                Render(
                    Film(_spec(planned, engine), folder, mark, cache_dir),
                    recall(planned.spec.output.places, cache_dir),
                )
                for planned in runs
            ]
            tasks = [
                Task(planned.name, render, input_bytes(planned), min(machines), _BOUND)
                for planned, render in zip(runs, wanted, strict=True)
            ]
            numbers = dict(zip(map(id, tasks), self._waiting, strict=True))  # names may be the same

            def done(task: Task, answer: Answer) -> None:
                self._done(numbers[id(task)], answer)

            self._executor.run(tasks, done, lambda: bool(self._ends_because))

    def _done(self, number: int, answer: Answer) -> None:
        planned = self._waiting[number]
        if isinstance(answer.result, Whole):
            for line, is_warning in answer.result.said:
                self._observe(Said(f"{planned.name}: {line}", is_warning))
            if (finished := answer.result.finished) is not None:
                there = in_words_of(planned.spec, finished)
                remember(planned.spec.output.places, there, self._surroundings.cache_dir)
            self._end(number, _outcome(planned, answer.result))
            return
        cure = f" ({answer.cure})" if answer.cure else ""
        reason = f"{answer.machine.name}: {answer.trouble}{cure}"
        self._end(number, of_unbegun(planned, State.FAILED, reason))
        if self.plan.on_error == "stop":
            self._ends_because = f"{planned.name} failed"

    def _end(self, number: int | None, outcome: Outcome) -> None:
        if number is not None:
            del self._waiting[number]
        super()._end(number, outcome)


def _is_dividable(planned: PlannedRun) -> bool:
    is_film = planned.found.kind is Kind.FILM and not is_for_a_picture(planned.spec)
    return is_film and undividable(planned.spec) is None


def _spec(planned: PlannedRun, engine: RunEngine) -> RunSpec:
    spec = same_everywhere(planned.spec, engine, planned.spec.network.threads)
    return replace(spec, output=replace(spec.output, cluster=None))


def _outcome(planned: PlannedRun, whole: Whole) -> Outcome:
    frames = whole.report["frames"]["written"]
    state, reason = done_by(whole.report)
    return Outcome(
        planned.name,
        state,
        reason,
        planned.outputs,
        frames=frames,
        seconds=whole.seconds,
        report=whole.report,
    )


@contextmanager
def _folders_of(runs: Sequence[PlannedRun]) -> Iterator[None]:
    """Within it the folders of all outputs are there; those that it made, and that are empty at the end, go."""
    made = [folder for planned in runs for folder in make_folders(planned.outputs)]
    try:
        yield
    finally:
        remove_empty(made)


@contextmanager
def _marked(beside: Path) -> Iterator[tuple[Path, str]]:
    """A folder among the outputs, with a mark by which other machines know that they see the same one.

    It is locked while it is there: those that nobody holds are of commands that were killed, and go.
    """
    for left in beside.glob(".????????.cluster"):
        with suppress(OSError), _held(left) as is_ours:
            if is_ours and (left / MARK).is_file():
                free(left)
    mark = uuid4().hex
    folder = beside / f".{mark[:8]}.cluster"
    with disk_errors(folder):
        folder.mkdir()
    try:
        with _held(folder):
            write_whole(folder / MARK, mark.encode())
            yield folder, mark
    finally:
        free(folder)


@contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """Within it no other command has the folder; False where another has it, or where there are no locks."""
    with disk_errors(folder):
        try:
            handle = claim(folder / _HELD, 0.0)
        except NoLocks:
            handle = None
    try:
        yield handle is not None
    finally:
        if handle is not None:
            os.close(handle)
