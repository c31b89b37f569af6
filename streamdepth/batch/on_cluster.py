"""A plan, carried out by a cluster: as many films side by side as there are machines, or each divided among all."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from streamdepth.batch.carried_out import STOPPED, CarriedOut
from streamdepth.batch.events import Tell
from streamdepth.batch.executor import Batch, make_folders
from streamdepth.batch.inputs import Kind
from streamdepth.batch.job import Job
from streamdepth.batch.outcome import Outcome, State, of_unbegun
from streamdepth.batch.plan import Plan
from streamdepth.batch.work import is_there, octets_of
from streamdepth.cluster.everywhere import same_everywhere
from streamdepth.cluster.executor import Executor, Shared
from streamdepth.cluster.kept import MARK, free
from streamdepth.cluster.line import ClusterError
from streamdepth.cluster.run import ClusterRun, undividable
from streamdepth.cluster.tasks import Answer, Film, Render, Task, Whole
from streamdepth.errors import StopRequested, StreamdepthError
from streamdepth.files import disk_errors, write_whole
from streamdepth.files.lock import NoLocks, claim
from streamdepth.reporting.events import Observe, Said, Stopping
from streamdepth.run.engines import Engines, RunEngine
from streamdepth.run.loading import load_network
from streamdepth.run.spec import RunSpec
from streamdepth.run.surroundings import Surroundings

_HELD = "held"
_BOUND = 7 * 24 * 3600.0
"""Seconds for a film by one machine, waiting for its turn included."""


def batch_on(
    executor: Executor, plan: Plan, surroundings: Surroundings, observe: Observe, tell: Tell
) -> Batch | ClusterBatch:
    """What carries a plan out by `executor`: a film a machine, or, of fewer films than machines, each by all.

    What cannot be divided is for one machine however few there are. By way of a store every film is divided.
    """
    has_store = any(job.spec.output.cluster_store is not None for job in plan.jobs)
    are_enough = len(plan.jobs) >= len(executor.machines)
    if not has_store and (are_enough or not all(map(_is_dividable, plan.jobs))):
        return ClusterBatch(plan, executor, surroundings, observe, tell)

    def make(spec: RunSpec, around: Surroundings, hear: Observe, engines: Engines) -> ClusterRun:
        return ClusterRun(spec, lambda _address, _notify: Shared(executor), around, hear, engines)

    return Batch(plan, surroundings, observe, tell, make=make)


class ClusterBatch(CarriedOut):
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
        tell: Tell,
        load: Engines = load_network,
    ) -> None:
        super().__init__(plan, tell)
        self._executor = executor
        self._surroundings = surroundings
        self._observe = observe
        self._load = load
        self._ends_because = ""
        self._waiting = dict(enumerate(plan.jobs, 1))

    def stop(self) -> bool:
        """Ask it to end soon; parts of films that are under way are left where they are."""
        self._ends_because = STOPPED
        self._observe(Stopping())
        return True

    def execute(self) -> tuple[Outcome, ...]:
        """Do it all; every input has its outcome afterwards, also where this raises; raises as `Batch` does."""
        self._leave_out()
        for number, job in list(self._waiting.items()):
            if self.plan.skip_existing and is_there(job):
                self._end(number, of_unbegun(job, State.SKIPPED, "its output is there already"))
        try:
            if self._waiting:
                self._hand_out(tuple(self._waiting.values()))
        except StopRequested:
            self._observe(Said("the same command with --resume goes on with what was under way"))
        except StreamdepthError as error:
            self._ends_because = error.what
            raise
        finally:
            for number, job in list(self._waiting.items()):
                self._end(number, of_unbegun(job, State.NOT_BEGUN, self._ends_because or STOPPED))
        return self.outcomes

    def _hand_out(self, jobs: tuple[Job, ...]) -> None:
        network = jobs[0].spec.network
        engine = self._load(network, self._surroundings.cache_dir, self._observe)
        machines = self._executor.machines
        if not machines:
            raise ClusterError("no machine of this cluster has processors", "begin one there: ray start")
        with _folders_of(jobs), _marked(jobs[0].outputs[0].parent.resolve()) as (folder, mark):
            films = [Film(_spec(job, engine), folder, mark, self._surroundings.cache_dir) for job in jobs]
            tasks = [
                Task(job.name, Render(film), octets_of(job), min(machines), _BOUND)
                for job, film in zip(jobs, films, strict=True)
            ]
            numbers = dict(zip(map(id, tasks), self._waiting, strict=True))  # names may be the same

            def done(task: Task, answer: Answer) -> None:
                self._done(numbers[id(task)], answer)

            self._executor.run(tasks, done, lambda: bool(self._ends_because))

    def _done(self, number: int, answer: Answer) -> None:
        job = self._waiting[number]
        if isinstance(answer.result, Whole):
            for line, is_warning in answer.result.said:
                self._observe(Said(f"{job.name}: {line}", is_warning))
            self._end(number, _outcome(job, answer.result))
            return
        cure = f" ({answer.cure})" if answer.cure else ""
        reason = f"{answer.machine.name}: {answer.trouble}{cure}"
        self._end(number, of_unbegun(job, State.FAILED, reason))
        if self.plan.on_error == "stop":
            self._ends_because = f"{job.name} failed"

    def _end(self, number: int | None, outcome: Outcome) -> None:
        if number is not None:
            del self._waiting[number]
        super()._end(number, outcome)


def _is_dividable(job: Job) -> bool:
    return job.found.kind is Kind.FILM and undividable(job.spec) is None


def _spec(job: Job, engine: RunEngine) -> RunSpec:
    spec = same_everywhere(job.spec, engine, job.spec.network.threads)
    return replace(spec, output=replace(spec.output, cluster=None))


def _outcome(job: Job, whole: Whole) -> Outcome:
    frames = whole.report["frames"]["written"]
    return Outcome(
        job.name, State.DONE, outputs=job.outputs, frames=frames, seconds=whole.seconds, report=whole.report
    )


@contextmanager
def _folders_of(jobs: Sequence[Job]) -> Iterator[None]:
    """Within it the folders of all outputs are there; those that it made, and that are empty at the end, go."""
    made = [folder for job in jobs for folder in make_folders(job.outputs)]
    try:
        yield
    finally:
        for folder in sorted(made, key=lambda path: len(path.parts), reverse=True):
            with suppress(OSError):
                folder.rmdir()


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
