"""No two paths of a run may be one file where one of them is written: all are compared before any is opened."""

from __future__ import annotations

import errno
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from streamdepth.addresses import LIVE_SCHEMES
from streamdepth.errors import UsageError
from streamdepth.values import dataclass

Holds = Callable[[str], bool]
"""Whether a folder may get a file of this name."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
"""How an address begins, but for the drives of Windows."""


@dataclass(frozen=True)
class Place:
    """A file or a folder that an option names, or that is read or written because of what it names."""

    option: str
    """As it is typed: `--report`."""
    path: Path
    written: bool = False
    named: bool = True
    """Whether `path` is what was typed; else it comes with it, as a sidecar does or a picture of a folder."""
    holds: Holds | None = None
    """Of a folder that is written: what may be written into it."""


def reads(option: str, *paths: Path) -> list[Place]:
    """The places of an option that names the first of `paths`, with which the others are read."""
    return [Place(option, path, named=number == 0) for number, path in enumerate(paths)]


def writes(option: str, *paths: Path, holds: Holds | None = None) -> list[Place]:
    """The same of what is written; `holds` is for a folder."""
    return [replace(place, written=True, holds=holds) for place in reads(option, *paths)]


def network_files(model: str | Path) -> list[Path]:
    """What a model that is named as a file consists of (OpenVINO has its weights beside the graph); else nothing."""
    path = Path(model)
    files = [path, *([path.with_suffix(".bin")] if path.suffix.lower() == ".xml" else [])]
    return [file for file in files if file.is_file()]


def check_name(option: str, path: Path) -> None:
    """Raise `UsageError` for a name that no disk here takes: looking for such a file gives no plain answer."""
    try:
        path.lstat()
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.EILSEQ):
            raise UsageError(
                f"the name {path.name} of {option} is too long for this disk", "choose a shorter one"
            ) from error
    except ValueError as error:
        raise UsageError(
            f"the path of {option} holds a character that no name may hold", "check the path"
        ) from error


def check_local(option: str, path: Path) -> None:
    """Raise `UsageError` for an address where a file is to be written: it would become folders of such names."""
    first = path.parts[0] if path.parts else ""
    if not _SCHEME.fullmatch(first) or Path(first).exists():
        return
    scheme = first[:-1].lower()
    if scheme in LIVE_SCHEMES or scheme.startswith("whip+"):
        cure = "a media server gets it by --publish rtsp://... or whip+https://..."
    else:
        cure = "leave out file://" if scheme == "file" else "write a file here, then copy it there"
    raise UsageError(f"{option} takes a file or a folder, and what begins with {first}// is an address", cure)


def check_apart(places: Iterable[Place]) -> None:
    """Raise `UsageError` where one option would write what another one reads or writes.

    Links and hard links are followed. Names that differ in case alone are one place where no file shows whether the
    disk knows them apart. Devices and pipes are nobody's: several may write to one.
    """
    by_identity: dict[Hashable, list[Place]] = defaultdict(list)
    files = [place for place in places if not _is_device(place.path)]
    for place in files:
        by_identity[identity_of(place.path)].append(place)
    for same in by_identity.values():
        for one, other in combinations(same, 2):
            if one.option != other.option and (one.written or other.written):
                raise _clash(one, other)
    for folder, file in _may_meet(files):
        raise UsageError(
            f"{file.option} names {file.path}, where {folder.option} may write a file of that name",
            f"give {_to_move(folder, file).option} another place",
        )


def identity_of(path: Path) -> Hashable:
    """Equal for two paths that lead to one file, now or once it is written."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        resolved = path.resolve()  # also of a link to something that is yet to be
        try:
            folder = resolved.parent.stat()
        except (OSError, ValueError):
            return _folded(str(resolved))
        return folder.st_dev, folder.st_ino, _folded(resolved.name)
    return status.st_dev, status.st_ino


def _may_meet(places: list[Place]) -> Iterator[tuple[Place, Place]]:
    """Each written folder with the files in it that it may come to overwrite."""
    for folder in (place for place in places if place.holds is not None):
        identity = identity_of(folder.path)
        for file in places:
            inside = file.option != folder.option and identity_of(file.path.parent) == identity
            if inside and folder.holds is not None and folder.holds(file.path.name):
                yield folder, file


def _clash(one: Place, other: Place) -> UsageError:
    moved = _to_move(one, other)
    stays = other if moved is one else one
    cure = f"give {moved.option} another place"
    if not (one.named and other.named):
        verb = "writes" if stays.written else "reads"
        return UsageError(f"{moved.option} would write {moved.path}, which {stays.option} {verb}", cure)
    if one.path == other.path:
        return UsageError(f"{stays.option} and {moved.option} name the same place, {moved.path}", cure)
    both = f"{stays.option} {stays.path} and {moved.option} {moved.path}"
    if one.path.exists():
        return UsageError(f"{both} are the same file", cure)
    return UsageError(f"{both} are one file on many disks", cure)


def _to_move(one: Place, other: Place) -> Place:
    """Which of two clashing places is to be changed: one that is written, and typed rather than derived."""
    return max(other, one, key=lambda place: (place.written, place.named))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _is_device(path: Path) -> bool:
    try:
        return path.exists() and not (path.is_file() or path.is_dir())
    except (OSError, ValueError):
        return False
