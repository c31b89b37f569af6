"""What `--resume` makes of a film or of depth that is complete already, and what is noted for it at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamdepth.addresses import is_remote
from streamdepth.frames import SourceInfo
from streamdepth.reporting.events import Observe, Said
from streamdepth.run.resume.manifest import has_proof, write_proof
from streamdepth.run.spec import RunSpec
from streamdepth.values import dataclass

if TYPE_CHECKING:
    from streamdepth.resuming.finished import Finished
    from streamdepth.resuming.resumable_output import ResumableOutput

_NETWORK = ("model", "engine", "precision")
_ANEW = "--no-resume renders it anew"


class CompleteAlready(Exception):
    """All that a run was to make is there, from an earlier one."""


@dataclass(frozen=True)
class Complete:
    """What an earlier run made of all that is asked for."""

    line: str
    """That says so."""
    chosen: Mapping[str, str]
    """What `auto` came to."""


def complete_already(spec: RunSpec, cache_dir: Path | None) -> Complete | None:
    """What an earlier run made of all outputs; None where that is not known.

    Raises `BegunOtherwise` where that run was asked for something else, unless `--resume any` is said.
    """
    from streamdepth.resuming.conditions import differences
    from streamdepth.resuming.finished import recall
    from streamdepth.resuming.resumable_output import BegunOtherwise

    outputs = spec.output.places
    found = recall(outputs, cache_dir)
    if found is None:
        return None
    names = " and ".join(map(str, outputs))
    verb = "is" if len(outputs) == 1 else "are"
    then = {**_options_of(RunSpec()), **found.asked}  # what its release did not know was as it is by default
    now = _asked_of(spec)
    chosen = {f"--{name}": found.chosen.get(name) for name in _NETWORK}
    now |= {name: then[name] for name, value in chosen.items() if now[name] == value}
    differ = "; ".join(differences(then, now))
    if differ and spec.output.resume != "any":
        raise BegunOtherwise(f"{names} {verb} complete, but made with other settings: {differ}", _ANEW)
    otherwise = f", though made with other settings: {differ}" if differ else ""
    return Complete(f"{names} {verb} complete already{otherwise} ({_ANEW})", found.chosen)


def stop_where_complete(spec: RunSpec, info: SourceInfo, cache_dir: Path | None, observe: Observe) -> None:
    """Raise `CompleteAlready` where an earlier run made all; a manifest that is asked for and missing is written.

    Raises `BegunOtherwise` as `complete_already`.
    """
    complete = complete_already(spec, cache_dir)
    if complete is None:
        return
    observe(Said(complete.line))
    if spec.output.manifest and not has_proof(spec):
        write_proof(spec, info, complete.chosen, observe)
    raise CompleteAlready


def finish(
    spec: RunSpec,
    info: SourceInfo,
    resumable: ResumableOutput | None,
    report: Callable[[], Mapping[str, Any]],
    cache_dir: Path | None,
    observe: Observe,
) -> None:
    """All outputs of a run are whole: note that for a later one, and write the manifest; raises as `write_proof`."""
    # At an address another film may lie by then.
    if resumable is not None and not is_remote(str(spec.input.input)):
        _note(spec, resumable, cache_dir)
    if spec.output.manifest and not info.live:
        write_proof(spec, info, report(), observe)


def in_words_of(spec: RunSpec, finished: Finished) -> Finished:
    """What was asked by `spec` where a machine of a cluster was asked for what `auto` came to."""
    return replace(finished, asked={**finished.asked, **_network_of(spec)})


def _note(spec: RunSpec, resumable: ResumableOutput, cache_dir: Path | None) -> None:
    from streamdepth.resuming.finished import Finished, remember

    asked = _asked_of(spec)
    # A list of cuts that was only just written is what a later run reads; all else is as it was at the start.
    as_begun = {
        name: resumable.now.conditions[name] for name in asked.keys() & resumable.now.conditions.keys()
    }
    as_begun.pop("--scenes", None)
    remember(spec.output.places, Finished({**asked, **as_begun}, resumable.now.chosen), cache_dir)


def _asked_of(spec: RunSpec) -> dict[str, str]:
    """What was typed, which is known before a network is loaded."""
    from streamdepth.resuming.conditions import of_input
    from streamdepth.sources import files_of

    named, weights = str(spec.input.input), Path(str(spec.network.model))
    return {
        **of_input(named, [path for path in files_of(named) if path.is_file()]),
        **_options_of(spec),
        **({"the file of the network": _file_of(weights)} if weights.is_file() else {}),
    }


def _options_of(spec: RunSpec) -> dict[str, str]:
    from streamdepth.resuming.conditions import of_spec

    return {**of_spec(spec), **_network_of(spec)}


def _network_of(spec: RunSpec) -> dict[str, str]:
    return {f"--{name}": str(getattr(spec.network, name)) for name in _NETWORK}


def _file_of(weights: Path) -> str:
    facts = weights.stat()
    return f"{facts.st_size} bytes of {facts.st_mtime_ns} ns"
