"""What is to be done with several inputs: a run for each, all of them checked against each other before any begins."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from streamdepth.batch.apart import check_runs_apart, own_outputs
from streamdepth.batch.inputs import Found, Inputs, Kind, LeftOut, find_inputs
from streamdepth.batch.names import check_pattern, split_pattern
from streamdepth.batch.output_paths import is_file
from streamdepth.batch.planned_run import PlannedRun, planned_runs
from streamdepth.batch.spec import BatchSpec, OnError
from streamdepth.cluster.store import check_store
from streamdepth.errors import SourceMissing, StreamdepthError, UsageError
from streamdepth.reporting.report import check_report_place
from streamdepth.run.checks import check, places_of
from streamdepth.run.control_video import as_control_video
from streamdepth.run.pictures import look_of
from streamdepth.run.places import check_apart, writes
from streamdepth.run.spec import RunSpec
from streamdepth.run.surroundings import Surroundings
from streamdepth.run.unfit_options import SEVERAL_FILES, check_fit
from streamdepth.sources import SourceOptions, open_source
from streamdepth.values import dataclass


@dataclass(frozen=True)
class Plan:
    """Runs, one after the other, and what is left out from the start."""

    runs: tuple[PlannedRun, ...]
    left_out: tuple[LeftOut, ...] = ()
    skip_existing: bool = False
    on_error: OnError = "skip"
    report: Path | None = None
    """The .json that gets the figures of all."""


def plan_batch(spec: RunSpec, batch: BatchSpec, surroundings: Surroundings) -> Plan:
    """Find the inputs and name their outputs; nothing is written, and films are not opened.

    `spec` is what is wanted of each, with folders as its outputs. Raises `UsageError` for what is wrong with any of
    them: a mix of live inputs and files, two that would write to one place, an output that is an input.
    """
    check_pattern(batch.name)
    _check_single(spec)
    look_of(spec)
    check_store(spec.output.cluster_store)
    inputs = find_inputs(batch.inputs, recursive=batch.recursive)
    _check_live(inputs)
    _check_place(spec)
    _leave_out_old_outputs(inputs, spec)
    chosen = _without_doubles(inputs)
    if batch.on_error == "stop":
        _check_whole(inputs)
    runs = planned_runs(spec, chosen, batch.name)
    outputs = own_outputs(runs)
    kept = tuple(planned for planned in runs if planned not in outputs)
    check_runs_apart(kept, spec)
    # One of each kind shows what is wrong with all; each run checks its own places again.
    for planned in {planned.found.kind: planned for planned in reversed(kept)}.values():
        check(as_control_video(planned.spec), surroundings)
    if spec.output.report is not None:
        _check_report(spec.output.report, kept, surroundings)
    left = [LeftOut(planned.name, f"it is the output of {of}") for planned, of in outputs.items()]
    return Plan(kept, (*inputs.left_out, *left), batch.skip_existing, batch.on_error, spec.output.report)


def _check_report(report: Path, runs: Sequence[PlannedRun], surroundings: Surroundings) -> None:
    """The report of all may be none of the files that one of `runs` reads or writes; raises as `check` does."""
    for planned in runs:
        check_apart([*places_of(planned.spec, surroundings), *writes("--report", report)])
    check_report_place(report)


def _check_single(spec: RunSpec) -> None:
    """What is for one input alone."""
    check_fit(spec, SEVERAL_FILES)
    if spec.stream.live:
        raise UsageError(
            "several live inputs cannot be taken together yet, and --live makes files live",
            "name one, or leave --live out",
        )


def _check_place(spec: RunSpec) -> None:
    if not spec.writes_files:
        raise UsageError(
            "several inputs need a place for their outputs",
            "add --output FOLDER, or name one input to watch it",
        )


def _check_live(inputs: Inputs) -> None:
    live = [one for one in inputs.found if one.kind is Kind.LIVE or _turns_out_live(one, inputs)]
    if not live:
        return
    if len(inputs.found) == 1:
        raise UsageError(
            f"{live[0].name} is live, and an input without an end cannot be planned",
            "leave out --dry-run, --recursive, --name and --skip-existing",
        )
    if len(live) < len(inputs.found):
        other = next(one for one in inputs.found if one not in live)
        raise UsageError(
            f"{live[0].name} is live and {other.name} is not, so they cannot be taken together",
            "name the live one by itself; with --live a file is played like a camera, by itself too",
        )
    raise UsageError("several live inputs cannot be taken together yet", "start one run for each of them")


def _check_whole(inputs: Inputs) -> None:
    """Raise `SourceMissing` where something that is wanted cannot be taken."""
    for left in inputs.left_out:
        if left.is_failure:
            raise SourceMissing(f"{left.name} cannot be used, so nothing is started: {left.reason}")


def _turns_out_live(found: Found, inputs: Inputs) -> bool:
    """Of an address at which a film may lie: it is opened for a moment. One that cannot be is left out."""
    if found.kind is not Kind.FILM or not found.is_remote:
        return False
    try:
        source = open_source(found.text, SourceOptions())
    except StreamdepthError as error:
        inputs.found.remove(found)
        inputs.left_out.append(LeftOut(found.name, str(error), is_failure=True))
        return False
    source.close()
    return source.info.live


def _leave_out_old_outputs(inputs: Inputs, spec: RunSpec) -> None:
    """What lies in the folder of the outputs, where that is inside a folder that is searched: from an earlier batch."""
    for output in (spec.output.output, spec.output.depth_output):
        if output is None or is_file(output):
            continue
        folder = split_pattern(output, "")[0].resolve()
        kept: list[Found] = []
        for found in inputs.found:
            if _was_found_in(found, folder):
                inputs.left_out.append(LeftOut(found.name, f"it lies in {output}, where the outputs go"))
            else:
                kept.append(found)
        inputs.found = kept


def _was_found_in(found: Found, folder: Path) -> bool:
    """Whether an input lies in a folder that a search of a larger one came upon."""
    if found.root is None or Path(found.root).resolve() not in folder.parents:
        return False
    within = Path(found.path).resolve()
    return folder in within.parents or folder == within


def _without_doubles(inputs: Inputs) -> Sequence[Found]:
    """The inputs, each once."""
    chosen: dict[object, Found] = {}
    for found in inputs.found:
        # By its path: a file with two names by hard links was named as two films.
        key = found.text if found.is_remote or found.text == "demo" else Path(found.path).resolve()
        if (first := chosen.setdefault((found.kind, key), found)) is not found:
            inputs.left_out.append(LeftOut(found.name, f"it is {first.name}, which is rendered already"))
    return list(chosen.values())
