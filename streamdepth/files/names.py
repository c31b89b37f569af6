"""The names of files that are being written."""

from __future__ import annotations

import hashlib
import os
import uuid
from pathlib import Path

from streamdepth.errors import SinkError

_LONGEST_NAME = 255


def resolved(path: Path) -> Path:
    """Where writing to `path` ends: behind a symbolic link, else `path` itself. Raises `SinkError` for a circle."""
    if not path.is_symlink():
        return path
    real = Path(os.path.realpath(path))
    if real.is_symlink():
        raise SinkError(f"the link {path} leads nowhere", "remove it, or choose another name")
    return real


def part_path(final: Path) -> Path:
    """The unfinished file beside `final`: `depth.mp4` is written as `depth.part.mp4`.

    The suffix stays last, so that whatever picks a format by it (and a player, for a kept part) still can. A name that
    would get too long is cut, and distinguished by a few digits.
    """
    return beside(final, ".part")


def second_part_path(final: Path) -> Path:
    """Another unfinished file beside the part, which is to take its place."""
    return beside(final, ".part-2")


def journal_path(final: Path) -> Path:
    """What is kept of how far an unfinished film is: `depth.mp4.part.journal`."""
    return with_end(final, ".part.journal")


def state_path(final: Path) -> Path:
    """What the next picture of an unfinished film depends on: `depth.mp4.part.state`."""
    return with_end(final, ".part.state")


def manifest_path(movie: Path) -> Path:
    """What a movie that is whole holds, beside it: `depth.mp4.manifest.json`."""
    return with_end(movie, ".manifest.json")


def index_path(depth: Path) -> Path:
    """What says what the values of a depth file mean, beside it: `depth.json`."""
    return sibling(depth, ".json")


def sibling(path: Path, suffix: str) -> Path:
    """`path` with another suffix: a longer one does not make the name too long."""
    return beside(path.with_suffix(suffix), "")


def with_end(final: Path, end: str) -> Path:
    """The whole name, then `end`: `depth.mp4` and `depth.mkv` may be in the making at the same time."""
    mark, _, suffix = end.rpartition(".")
    return beside(final.with_name(f"{final.name}.{suffix}"), mark)


def private_path(final: Path) -> Path:
    """A part beside `final` that no other process has the name of."""
    return beside(final, f".{uuid.uuid4().hex[:8]}.part")


def beside(final: Path, mark: str) -> Path:
    """`final` with `mark` before its suffix; the stem is cut where the name would get too long."""
    name = f"{final.stem}{mark}{final.suffix}"
    if len(os.fsencode(name)) <= _LONGEST_NAME:
        return final.with_name(name)
    digits = hashlib.sha256(os.fsencode(final.name)).hexdigest()[:8]
    end = f"~{digits}{mark}{final.suffix}"
    room = _LONGEST_NAME - len(os.fsencode(end))
    return final.with_name(os.fsencode(final.stem)[:room].decode(errors="ignore") + end)
