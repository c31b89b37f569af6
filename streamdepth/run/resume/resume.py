"""A run that resumes a film: its resumable output, its source after what is done, and what the film depends on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from streamdepth.errors import SinkError, UsageError
from streamdepth.files import resolved
from streamdepth.frames import SourceInfo
from streamdepth.pipeline.inference import several_at_once
from streamdepth.protocols import GoesOn, Source
from streamdepth.reporting.events import Observe, Said
from streamdepth.run.inputs import open_input
from streamdepth.run.network.engines import RunEngine
from streamdepth.run.resume.complete_already import stop_where_complete
from streamdepth.run.spec import NetworkSpec, RunSpec

if TYPE_CHECKING:
    from streamdepth.resuming.resumable_output import ResumableOutput


_WORTH_A_SEARCH = 20
"""Seconds of an input; less is read again sooner."""


def open_resumable(
    spec: RunSpec,
    info: SourceInfo,
    must_stop: Callable[[], bool],
    observe: Observe,
    cache_dir: Path | None = None,
) -> ResumableOutput | None:
    """What a run writes of a film that nobody watches, of depth beside it, or of depth alone.

    None of all else, for which `--resume` is refused with `UsageError`. Raises `CompleteAlready` where nothing is left
    to do: `cache_dir` has the notes of what was completed.
    """
    resume = spec.output.resume
    if not _has_borders(spec, info):
        if resume:
            raise _for_films("--resume")
        return None  # which always begins anew
    from streamdepth.resuming.resumable_output import claim

    stop_where_complete_already(spec, info, cache_dir, observe)
    return claim(*_places(spec, info), resume, must_stop, lambda line: observe(Said(line)))


def places_of(spec: RunSpec, info: SourceInfo) -> tuple[Path | None, Path | None]:
    """The film and the depth that are rendered on a cluster; raises `UsageError` where there is anything else."""
    if not _has_borders(spec, info):
        raise _for_films("--cluster")
    return _places(spec, info)


def _for_films(option: str) -> UsageError:
    return UsageError(
        f"{option} is for a film, or depth of one, that is rendered from a file to a file without --events",
        "leave it out here",
    )


def _has_borders(spec: RunSpec, info: SourceInfo) -> bool:
    named = spec.output.output, spec.output.depth_output
    is_other = info.live or info.retold or info.depth or spec.is_watched or spec.output.events
    return named == _places(spec, info) and not is_other


def _places(spec: RunSpec, info: SourceInfo) -> tuple[Path | None, Path | None]:
    return _film_of(spec), _depth_of(spec, info)


def _film_of(spec: RunSpec) -> Path | None:
    from streamdepth.sinks.movie.containers import container_of

    output = spec.output.output
    return output if output is not None and container_of(output) is not None else None


def _depth_of(spec: RunSpec, info: SourceInfo) -> Path | None:
    """Where depth of a clip goes."""
    output = spec.output.depth_output
    if output is None:
        return None
    from streamdepth.sinks.depth.choice import is_of_clip

    return output if is_of_clip(output, info) else None


def check_left(spec: RunSpec, info: SourceInfo, cache_dir: Path | None, observe: Observe) -> None:
    """Raise now what `open_resumable` would raise after a first pass of hours."""
    refuse_loss(spec, info)
    stop_where_complete_already(spec, info, cache_dir, observe)


def stop_where_complete_already(
    spec: RunSpec, info: SourceInfo, cache_dir: Path | None, observe: Observe
) -> None:
    """Raise as `stop_where_complete` where `--resume` is said and nothing is left of a later run to go on with."""
    if may_be_complete(spec, info):
        stop_where_complete(spec, info, cache_dir, observe)


def may_be_complete(spec: RunSpec, info: SourceInfo) -> bool:
    """Whether `--resume` is said and nothing is left to go on with."""
    from streamdepth.resuming.leftover import left_of

    film, depth = _places(spec, info)
    is_film = bool(spec.output.resume) and _has_borders(spec, info)
    return is_film and left_of(film and resolved(film), depth) is None


def refuse_loss(spec: RunSpec, info: SourceInfo) -> None:
    """Raise `SinkError` now for what `open_resumable` would refuse after a first pass of hours."""
    from streamdepth.resuming.leftover import left_of
    from streamdepth.resuming.resumable_output import asked_for

    film, depth = _places(spec, info)
    if film is not None or depth is not None:
        asked_for(left_of(film and resolved(film), depth), spec.output.resume)


def refuse_loss_beside(spec: RunSpec, info: SourceInfo) -> None:
    """The same where another way of rendering cannot go on with what is left, whatever `--resume` says."""
    if spec.output.resume:
        spec = replace(spec, output=replace(spec.output, resume=None))
    try:
        refuse_loss(spec, info)
    except SinkError as error:
        cure = "without --cluster, --resume continues it, and --no-resume starts anew"
        raise SinkError(error.what, cure) from error


def behind(source: Source, resumable: ResumableOutput | None, spec: RunSpec, observe: Observe) -> Source:
    """A source that gives what follows the last picture of `resumable`, at once or when it is read up to there."""
    last = resumable.left_off if resumable is not None else None
    # Which frames --max-fps lets through depends on all before.
    if last is None or spec.amount.max_fps is not None or last.pts - last.first < _WORTH_A_SEARCH:
        return source
    if not isinstance(source, GoesOn):
        return source
    if source.go_on_after(last):
        return source
    source.close()
    observe(Said("the input is read again up to there"))
    return open_input(spec, observe)


def as_begun(network: NetworkSpec, resumable: ResumableOutput | None) -> NetworkSpec:
    """`network` with what `auto` came to when the film was begun."""
    chosen = resumable.chosen if resumable is not None else {}

    def said(name: str, wanted: str) -> str:
        return chosen.get(name, wanted) if wanted == "auto" else wanted

    return replace(
        network,
        model=said("model", network.model),
        engine=said("engine", network.engine),
        precision=said("precision", network.precision),
    )


def check_conditions(
    resumable: ResumableOutput, spec: RunSpec, info: SourceInfo, engine: RunEngine, observe: Observe
) -> None:
    """Compare what the film depends on with what it did; raises `SinkError` where that may not differ."""
    conditions, chosen = conditions_of(spec, info, engine)
    may_differ = spec.output.resume == "any"
    resumable.go_on_under(
        conditions, chosen, (lambda line: observe(Said(line, is_warning=True))) if may_differ else None
    )


def conditions_of(
    spec: RunSpec, info: SourceInfo, engine: RunEngine
) -> tuple[dict[str, str], dict[str, str]]:
    """What the film depends on, and what `auto` came to."""
    from streamdepth.resuming.conditions import of_input, of_machine, of_spec
    from streamdepth.sources import files_of

    lanes = len(engine.lanes) if several_at_once(info) else 1
    named = spec.input.input if spec.input.input is not None else str(spec.input.camera)
    conditions = {
        **of_input(named, [path for path in files_of(named) if path.is_file()]),
        **of_spec(spec),
        "the network": engine.name,
        "the sum of its weights": engine.sha256[:16],
        "the runtime": engine.runtime_name,
        "the precision": engine.precision,
        **of_machine(engine.runtime_name, spec.network.threads, lanes),
    }
    model = spec.network.model if spec.network.model != "auto" else engine.name
    return conditions, {"model": model, "engine": engine.runtime_name, "precision": engine.precision}
