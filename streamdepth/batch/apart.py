"""No two jobs may write to one place, and none may write what another reads."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from pathlib import Path

from streamdepth.batch.job import Job, jobs_of
from streamdepth.errors import UsageError
from streamdepth.files import part_path
from streamdepth.run.places import identity_of
from streamdepth.run.spec import RunSpec

_CANDIDATES = (
    "{folder}/{name}-depth",
    "{folder}/{file}",
    "{parent}/{name}",
    "{parent}/{file}",
    "{number}-{name}",
)
"""Patterns that may tell apart what another one does not."""


def own_outputs(jobs: Sequence[Job]) -> dict[Job, str]:
    """The jobs whose input was found by searching and is what another job writes, with the name of that one's input."""
    written = {identity_of(path): job for job in jobs for path in job.outputs}
    found: dict[Job, str] = {}
    for job in jobs:
        writer = written.get(identity_of(_input(job))) if job.found.root is not None else None
        if writer is not None and writer is not job:
            found[job] = writer.name
    return found


def check_jobs_apart(jobs: Sequence[Job], spec: RunSpec) -> None:
    """Raise `UsageError` for two jobs of `spec` that meet, with a pattern that tells them apart where there is one."""
    met = _first_meeting(jobs)
    if met is not None:
        raise UsageError(met, _cure(jobs, spec))
    report = spec.output.report
    if report is None:
        return
    taken = {identity_of(path) for job in jobs for path in (_input(job), *_written(job))}
    if identity_of(report) in taken:
        raise UsageError(f"--report names {report}, which is an input or an output", "give it another place")


def _first_meeting(jobs: Sequence[Job]) -> str | None:
    """Which two meet, and where; None where all are apart."""
    read = {identity_of(_input(job)): job for job in jobs}
    written: dict[Hashable, Job] = {}
    for job in jobs:
        for path in _written(job):
            identity = identity_of(path)
            if (reader := read.get(identity)) is not None:
                whose = "it" if reader is job else f"the input {reader.name}"
                return f"the output of {job.name} would be written over {whose}"
            if (other := written.setdefault(identity, job)) is not job:
                return f"{other.name} and {job.name} would both be written to {path}"
    return None


def _cure(jobs: Sequence[Job], spec: RunSpec) -> str:
    """The first pattern that would do."""
    found = [job.found for job in jobs]
    for pattern in _CANDIDATES:
        if _first_meeting(jobs_of(spec, found, pattern)) is None:
            return f"name another folder, or add --name '{pattern}'"
    return "name another folder"


def _written(job: Job) -> Iterator[Path]:
    for path in job.outputs:
        yield path
        if path.suffix:
            yield part_path(path)


def _input(job: Job) -> Path:
    return Path(job.found.path)
