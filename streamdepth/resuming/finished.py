"""What is remembered of films and depth that are complete: which files they are, and what was asked for.

A note lies in the cache folder, under a name made of the paths of the outputs. It counts as long as these are as they
were left; without it a film is rendered anew, as if none were there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

from streamdepth.depthfiles.index import INDEX_NAME, read_index
from streamdepth.errors import SourceError
from streamdepth.files import index_path, write_whole
from streamdepth.models.weights.store import default_cache_dir
from streamdepth.values import dataclass

_FORMAT = 1
_MOST = 20_000
"""Notes that are kept; of more the older half goes."""


@dataclass(frozen=True)
class Finished:
    """What was asked of a run that completed its outputs, and what `auto` came to."""

    asked: Mapping[str, str]
    chosen: Mapping[str, str]


def remember(outputs: Sequence[Path], finished: Finished, cache_dir: Path | None) -> None:
    """Note that these outputs are complete; where nothing can be written, the next run does not know."""
    note = _note_of(outputs, cache_dir)
    with suppress(OSError):
        document = {"format": _FORMAT, "files": _files_of(outputs), **asdict(finished)}
        note.parent.mkdir(parents=True, exist_ok=True)
        _forget_old(note.parent)
        write_whole(note, json.dumps(document).encode(), flushed=False)


def recall(outputs: Sequence[Path], cache_dir: Path | None) -> Finished | None:
    """What was asked for these outputs; None where that is not known, or they are not as they were left."""
    try:
        document = json.loads(_note_of(outputs, cache_dir).read_bytes())
        is_same = document["format"] == _FORMAT and document["files"] == _files_of(outputs)
        is_same = is_same and all(map(_has_all, outputs))
        return Finished(dict(document["asked"]), dict(document["chosen"])) if is_same else None
    except (OSError, LookupError, TypeError, ValueError, SourceError):
        return None


def _note_of(outputs: Sequence[Path], cache_dir: Path | None) -> Path:
    names = os.fsencode("\0".join(str(path.resolve()) for path in outputs))
    return (cache_dir or default_cache_dir()) / "finished" / f"{sha256(names).hexdigest()[:24]}.json"


def _files_of(outputs: Sequence[Path]) -> dict[str, list[int]]:
    """Size and time of each file that describes an output; raises OSError where one is missing."""
    facts = {path: path.stat() for output in outputs for path in _files_describing(output)}
    return {str(path.resolve()): [one.st_size, one.st_mtime_ns] for path, one in facts.items()}


def _files_describing(output: Path) -> Iterator[Path]:
    if output.is_dir():
        yield output / INDEX_NAME
        return
    yield output
    if index_path(output).is_file():
        yield index_path(output)


def _has_all(output: Path) -> bool:
    """Whether a folder of maps has each that its index names; raises SourceError where that is damaged."""
    if not output.is_dir():
        return True
    return all((output / one.file).is_file() for one in read_index(output / INDEX_NAME).pictures)


def _forget_old(folder: Path) -> None:
    notes = list(folder.iterdir())
    if len(notes) <= _MOST:
        return
    for note in sorted(notes, key=lambda path: path.stat().st_mtime_ns)[: len(notes) // 2]:
        note.unlink(missing_ok=True)
