"""One input of several with the run that renders it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from streamdepth.batch.inputs import Found, Kind
from streamdepth.batch.names import Named
from streamdepth.batch.output_paths import (
    depth_endings,
    folders_among,
    is_file,
    output_endings,
    place_of,
)
from streamdepth.errors import UsageError
from streamdepth.run.inputs import is_for_a_picture
from streamdepth.run.spec import EncodingSpec, RunSpec
from streamdepth.values import dataclass


@dataclass(frozen=True)
class PlannedRun:
    """A run of one input."""

    name: str
    """The input, as it is shown."""
    found: Found
    spec: RunSpec

    @property
    def outputs(self) -> tuple[Path, ...]:
        """The picture's file or folder, and that of depth."""
        return self.spec.output.places

    @property
    def folders(self) -> tuple[Path, ...]:
        """The outputs that are folders, whatever their names end in."""
        return folders_among(self.outputs)


def planned_runs(spec: RunSpec, inputs: Sequence[Found], pattern: str) -> tuple[PlannedRun, ...]:
    """A run for each input; raises `UsageError` where an output of several is one file, or a pattern is wrong."""
    for path in spec.output.places:
        if len(inputs) > 1 and is_file(path):
            raise UsageError(
                f"{path} is one file, and there are {len(inputs)} inputs",
                f"name a folder: {path.with_suffix('')}/",
            )
    return tuple(
        _planned_run(spec, found, found.named(number), pattern) for number, found in enumerate(inputs, 1)
    )


def _planned_run(spec: RunSpec, found: Found, named: Named, pattern: str) -> PlannedRun:
    given, frames = spec.output, spec.amount.frames
    output = depth = None
    if given.output is not None:
        endings = output_endings(found.kind, spec.encoding.codec, frames)
        output = place_of(given.output, found.kind, named, pattern, endings)
    if given.depth_output is not None:
        endings = depth_endings(found.kind, spec.depth.depth_format, frames)
        depth = place_of(given.depth_output, found.kind, named, pattern, endings)
    placed = replace(given, output=output, depth_output=depth)
    is_film = found.kind is Kind.FILM and not is_for_a_picture(replace(spec, output=placed))
    goes_on = is_film or (found.kind is Kind.PICTURES and spec.input.input_fps is not None)
    return PlannedRun(
        found.name,
        found,
        replace(
            spec,
            encoding=spec.encoding if is_film else EncodingSpec(),
            input=replace(spec.input, input=found.text),
            output=replace(
                placed,
                report=None,
                manifest=given.manifest and is_film,
                resume=given.resume if goes_on else None,  # of single pictures none is left half
            ),
        ),
    )
