"""No two runs may write to one place, and none may write what another reads."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from pathlib import Path

from streamdepth.batch.planned_run import PlannedRun, planned_runs
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
"""Patterns that may give different names where another one does not."""


def own_outputs(runs: Sequence[PlannedRun]) -> dict[PlannedRun, str]:
    """The runs whose input was found by a search and is an output of another run, each with that run's input."""
    written = {identity_of(path): planned for planned in runs for path in planned.outputs}
    found: dict[PlannedRun, str] = {}
    for planned in runs:
        writer = written.get(identity_of(_input(planned))) if planned.found.root is not None else None
        if writer is not None and writer is not planned:
            found[planned] = writer.name
    return found


def check_runs_apart(runs: Sequence[PlannedRun], spec: RunSpec) -> None:
    """Raise `UsageError` for two runs of `spec` that meet, with a pattern that separates them where there is one."""
    met = _first_meeting(runs)
    if met is not None:
        raise UsageError(met, _cure(runs, spec))


def _first_meeting(runs: Sequence[PlannedRun]) -> str | None:
    """Which two meet, and where; None where all are apart."""
    read = {identity_of(_input(planned)): planned for planned in runs}
    written: dict[Hashable, PlannedRun] = {}
    for planned in runs:
        for path in _written(planned):
            identity = identity_of(path)
            if (reader := read.get(identity)) is not None:
                whose = "it" if reader is planned else f"the input {reader.name}"
                return f"the output of {planned.name} would be written over {whose}"
            if (other := written.setdefault(identity, planned)) is not planned:
                return f"{other.name} and {planned.name} would both be written to {path}"
    return None


def _cure(runs: Sequence[PlannedRun], spec: RunSpec) -> str:
    """The first pattern that would do."""
    found = [planned.found for planned in runs]
    for pattern in _CANDIDATES:
        if _first_meeting(planned_runs(spec, found, pattern)) is None:
            return f"name another folder, or add --name '{pattern}'"
    return "name another folder"


def _written(planned: PlannedRun) -> Iterator[Path]:
    for path in planned.outputs:
        yield path
        if path.suffix:
            yield part_path(path)


def _input(planned: PlannedRun) -> Path:
    return Path(planned.found.path)
