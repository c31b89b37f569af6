"""The file that `--cameras` names: a table for each camera, with the words of the command line in it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Annotated, Any, cast

from cyclopts import App, CycloptsError, Parameter

from streamdepth.addresses import redact
from streamdepth.cameras.spec import check_name
from streamdepth.cli.options import (
    AmountOptions,
    DepthFileOptions,
    EncodingOptions,
    InputOptions,
    NetworkOptions,
    OutputOptions,
    PictureOptions,
    SessionOptions,
    StreamOptions,
    plain,
)
from streamdepth.errors import UsageError
from streamdepth.run.spec import RunSpec

_NOT_OF_ONE = ("report", "window", "switch-to", "resume", "control-video", "target-latency", "target-fps")
"""Options that are for one input that runs alone, or for all cameras together."""
_CURE = "docs/guide/cameras.md has an example"


def read_cameras(path: Path, common: RunSpec) -> dict[str, RunSpec]:
    """The runs of the cameras in a file, by their names: `common` with what each table says otherwise.

    Raises `UsageError` for a file that cannot be read, and for whatever is wrong in a table.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise UsageError(f"cannot read {path}: {why}", f"--cameras takes a .toml file: {_CURE}") from error
    for name, table in tables.items():
        check_name(name)
        if not isinstance(table, dict):
            raise UsageError(
                f"{name} in {path} is no table", f"write [{name}] and its options below: {_CURE}"
            )
    if not tables:
        raise UsageError(f"{path} has no table of a camera", _CURE)
    return {name: _camera(f"[{name}] in {path}", table, common) for name, table in tables.items()}


def _camera(where: str, table: Mapping[str, Any], common: RunSpec) -> RunSpec:
    keys = {key.replace("_", "-"): value for key, value in table.items()}
    if wrong := next((key for key in _NOT_OF_ONE if key in keys), None):
        raise UsageError(f"{wrong} in {where} is not an option of one camera among others", "leave it out")
    if ("camera" in keys) == ("input" in keys):
        raise UsageError(f"{where} names no camera, or two", "give it either input or camera")
    try:
        said = cast("RunSpec", _TABLE(list(_words(where, keys))))
    except CycloptsError as error:
        raise UsageError(f"{where}: {redact(' '.join(str(error).split()))}", _CURE) from error
    names = {key.replace("-", "_") for key in keys}
    return replace(
        common, **{part.name: _overlaid(part.name, common, said, names) for part in fields(RunSpec)}
    )


def _overlaid(part: str, common: RunSpec, said: RunSpec, names: set[str]) -> Any:
    """A part of the common spec, with the fields that were given."""
    usual, own = getattr(common, part), getattr(said, part)
    given = names & {one.name for one in fields(own)}
    return replace(usual, **{name: getattr(own, name) for name in given})


def _words(where: str, keys: Mapping[str, Any]) -> Iterator[str]:
    """A table as it would be typed."""
    for key, value in keys.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict | list):
                raise UsageError(f"{key} in {where} is neither a value nor a list of values", _CURE)
            yield f"--{key}={str(one).lower() if isinstance(one, bool) else one}"


_TABLE = App(
    default_parameter=Parameter(negative_iterable=(), negative_none=()),
    help_flags=(),
    version_flags=(),
    print_error=False,
    exit_on_error=False,
    result_action="return_value",
)


@_TABLE.default
def _read(
    *,
    camera: str | None = None,
    input: str | None = None,
    given: Annotated[InputOptions, Parameter(name="*")] = InputOptions(),
    stream: Annotated[StreamOptions, Parameter(name="*")] = StreamOptions(),
    output: Annotated[OutputOptions, Parameter(name="*")] = OutputOptions(),
    depth: Annotated[DepthFileOptions, Parameter(name="*")] = DepthFileOptions(),
    encoding: Annotated[EncodingOptions, Parameter(name="*")] = EncodingOptions(),
    picture: Annotated[PictureOptions, Parameter(name="*")] = PictureOptions(),
    network: Annotated[NetworkOptions, Parameter(name="*")] = NetworkOptions(),
    amount: Annotated[AmountOptions, Parameter(name="*")] = AmountOptions(),
    session: Annotated[SessionOptions, Parameter(name="*")] = SessionOptions(),
) -> RunSpec:
    return RunSpec(
        input=replace(plain(given), camera=camera, input=input),
        stream=plain(stream),
        output=plain(output),
        depth=plain(depth),
        picture=plain(picture),
        network=plain(network),
        amount=plain(amount),
        encoding=plain(encoding),
        session=plain(session),
    )
