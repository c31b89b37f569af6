"""Weights and disk: what is bundled, what is cached, and how much room is left."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from streamdepth.counted import byte_size, counted
from streamdepth.diagnosis.finding import Finding, Grade
from streamdepth.models.registry import MIDAS_SMALL
from streamdepth.models.weights.bundled import damaged_files
from streamdepth.models.weights.store import DATA, cached_weights, default_cache_dir, last_failure
from streamdepth.packages import PYTORCH, how_to_install, is_installed

_LITTLE_ROOM = 500_000_000
"""Bytes; a download, its conversions and room to work take about 300 MB."""

_HOW_TO_GET = (
    "not needed: nano runs without; streamdepth models fetch midas-small gets it (82 MB), or fetch "
    f"{MIDAS_SMALL.urls[0]} by other means and pass the file with --model"
)
_OF_NO_USE = f"not needed: nano runs without; it needs {PYTORCH}, too ({how_to_install(PYTORCH)})"


def bundled_weights(folder: Path = DATA) -> list[Finding]:
    """Whether the weights inside the package are undamaged."""
    try:
        damaged = damaged_files(folder)
    except OSError as error:
        damaged = [str(error)]
    if damaged:
        what = f"weights in the package are damaged or missing: {', '.join(damaged)}"
        return [Finding("weights", what, Grade.PROBLEM, "install streamdepth again", {"damaged": damaged})]
    return [Finding("weights", "nano is in the package, undamaged", facts={"damaged": []})]


def cache(cache_dir: Path | None) -> list[Finding]:
    """The cache folder: what is in it, whether it can be written, how much room its disk has."""
    folder = cache_dir or default_cache_dir()
    return [_midas_small(folder), *_contents(folder), *_room(folder)]


def _midas_small(folder: Path) -> Finding:
    path = cached_weights(MIDAS_SMALL, folder)
    facts = {"cached": str(path) if path else None}
    if path is None:
        failure = last_failure(MIDAS_SMALL, folder)
        text = f"midas-small is not here{f': {failure}' if failure else ''}"
        cure = _HOW_TO_GET if is_installed(PYTORCH) else _OF_NO_USE
        return Finding("weights", text, Grade.NOTE, cure, facts)
    return Finding("weights", f"midas-small: {path}, {byte_size(path.stat().st_size)}", facts=facts)


def _contents(folder: Path) -> list[Finding]:
    files = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
    size = sum(path.stat().st_size for path in files)
    facts = {
        "path": str(folder),
        "bytes": size,
        "files": {str(p.relative_to(folder)): p.stat().st_size for p in files},
    }
    return [Finding("cache", f"{folder}: {counted(len(files), 'file')}, {byte_size(size)}", facts=facts)]


def _room(folder: Path) -> list[Finding]:
    """Of the first folder on the way up that exists: the cache is made when it is needed."""
    there = next(path for path in (folder, *folder.parents) if path.is_dir())
    free = shutil.disk_usage(there).free
    facts = {"free_bytes": free}
    if not os.access(there, os.W_OK):
        cure = "name another with --cache-dir, or change its permissions"
        return [Finding("disk", f"{there} cannot be written to", Grade.NOTE, cure, facts)]
    if free < _LITTLE_ROOM:
        cure = "make room, or name another folder with --cache-dir"
        return [Finding("disk", f"only {byte_size(free)} free in {there}", Grade.NOTE, cure, facts)]
    return [Finding("disk", f"{byte_size(free)} free", facts=facts)]
