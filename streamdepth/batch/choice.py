"""Whether what was asked for is one run or several."""

from __future__ import annotations

import glob
from dataclasses import replace
from pathlib import Path

from streamdepth.addresses import local_path, scheme_of
from streamdepth.batch.folders import contents_of, is_folder
from streamdepth.batch.spec import DEFAULT_NAME, LIST, BatchSpec
from streamdepth.run.spec import RunSpec
from streamdepth.sources import may_be_live
from streamdepth.sources.images.picture_files import is_pattern
from streamdepth.sources.local import is_still
from streamdepth.sources.video.suffixes import FILM_SUFFIXES


def is_batch(spec: RunSpec, batch: BatchSpec) -> bool:
    """Whether it takes a plan: several inputs, a list, films in a folder, or what only a plan can do.

    A folder or a pattern of pictures alone is one run, as it is of one film.
    """
    if spec.input.camera is not None or not batch.inputs:
        return False
    if len(batch.inputs) > 1 or batch.recursive or batch.skip_existing or batch.name != DEFAULT_NAME:
        return True
    (only,) = batch.inputs
    into_folder = spec.writes_files and (_holds_films(only) or _goes_into_folder(only, spec.output.output))
    return only.startswith(LIST) or into_folder


def one_run(spec: RunSpec, batch: BatchSpec) -> RunSpec:
    """The run of the one input, where there is any."""
    return replace(spec, input=replace(spec.input, input=batch.inputs[0])) if batch.inputs else spec


def _holds_films(text: str) -> bool:
    path = _path(text)
    if path is None:
        return False
    if path.is_dir():
        return bool(contents_of(path, recursive=False).films)
    names = glob.iglob(text, recursive=True) if scheme_of(text) is None and is_pattern(text) else ()  # noqa: PTH207 (an absolute pattern)
    return not path.exists() and any(Path(name).suffix.lower() in FILM_SUFFIXES for name in names)


def _goes_into_folder(text: str, output: Path | None) -> bool:
    """Whether it is one film for a folder; pictures go into one by themselves."""
    if output is None or not (is_folder(output) or not output.suffix or "{" in str(output)):
        return False
    path = _path(text)
    return text == "demo" or (path is not None and path.is_file() and not is_still(path))


def _path(text: str) -> Path | None:
    """The file, the folder or the pattern; None for what is none, or has a name that no file may have."""
    path = None if may_be_live(text) else local_path(text)
    try:
        if path is not None:
            path.expanduser().exists()
    except (OSError, ValueError):
        return None
    return None if path is None else path.expanduser()
