"""The file that `--cameras` names: a table for each camera, with the words of the command line in it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Annotated, Any, cast

from cyclopts import App, CycloptsError, Parameter

from streamdepth.addresses import redact
from streamdepth.cameras.plan import WORD
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
from streamdepth.cli.typed import put_right
from streamdepth.cli.web_options import WEB_WORDS
from streamdepth.errors import UsageError
from streamdepth.files.listed import decoded
from streamdepth.run.spec import OutputSpec, RunSpec
from streamdepth.run.unfit_options import SEVERAL_CAMERAS

_OF_ALL = {
    *("report", "metrics", "target-latency", "target-fps", "allow-camera-changes", "config"),
    *(word.replace("_", "-") for word in WEB_WORDS),
}
"""Options that are for all cameras together."""
_OF_ONE_ALONE = {option.removeprefix("--") for option in SEVERAL_CAMERAS[0].options}
"""Options that are for one input that runs alone."""
_CURE = "docs/guide/cameras.md has an example"


def read_cameras(path: Path, common: RunSpec) -> dict[str, RunSpec]:
    """The runs of the cameras in a file, by their names: `common` with what each table says otherwise.

    Raises `UsageError` for a file that cannot be read, and for whatever is wrong in a table.
    """
    try:
        tables = tomllib.loads(decoded(path.read_bytes()))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        cure = f"--cameras takes a .toml file, in which names with \\ are in single quotes: {_CURE}"
        raise UsageError(f"cannot read {path}: {why}", cure) from error
    for name, table in tables.items():
        check_name(name)
        if not isinstance(table, dict):
            raise UsageError(
                f"{name} in {path} is not a table",
                f"write [NAME] of a camera above its options, and what is for all on the command line: {_CURE}",
            )
    if not tables:
        raise UsageError(f"{path} has no table of a camera", _CURE)
    return {name: _camera(name, f"[{name}] in {path}", table, common) for name, table in tables.items()}


def _camera(name: str, where: str, table: Mapping[str, Any], common: RunSpec) -> RunSpec:
    keys = {key.replace("_", "-"): value for key, value in table.items()}
    if len(keys) < len(table):
        twice = next(key for key in table if "_" in key and key.replace("_", "-") in table)
        raise UsageError(f"{twice} in {where} is written in two ways", "leave one of them out")
    for names, cure in ((_OF_ALL, "say it on the command line, for all"), (_OF_ONE_ALONE, "leave it out")):
        if wrong := next((key for key in keys if key in names), None):
            raise UsageError(f"{wrong} in {where} is not an option of one camera among others", cure)
    try:
        said = cast("RunSpec", _TABLE(list(_words(where, keys))))
    except CycloptsError as error:
        raise UsageError(f"{where}: {redact(' '.join(str(error).split()))}", _CURE) from error
    if [keys.get("input"), keys.get("camera")].count(None) != 1 or keys.get("input") in ("", []):
        raise UsageError(f"{where} names no camera, or two", "give it either input or camera")
    names = {key.replace("-", "_") for key in keys}
    said = replace(said, output=_own_folder(name, said.output))
    return replace(
        common, **{part.name: _overlaid(part.name, common, said, names) for part in fields(RunSpec)}
    )


def _own_folder(name: str, output: OutputSpec) -> OutputSpec:
    """A folder of depth maps that a table calls like its camera is that camera's, and not one for all of them."""
    depth = output.depth_output
    if depth is None or depth.name != name:
        return output
    return replace(output, depth_output=depth.with_name(WORD))


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
    config=put_right,
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
