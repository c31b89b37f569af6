"""What a folder holds: films, folders of pictures, and what is neither."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from streamdepth.sources.images.picture_files import PICTURE_SUFFIXES, natural_key
from streamdepth.sources.video.suffixes import FILM_SUFFIXES
from streamdepth.values import dataclass, field

_PART = ".part"


@dataclass
class Contents:
    """Of one folder and, where they were searched, of those in it; hidden files and folders are not looked at."""

    films: list[Path] = field(default_factory=list)
    pictures: list[Path] = field(default_factory=list)
    """The folders that hold pictures."""
    left_out: list[tuple[Path, str, bool]] = field(default_factory=list)
    """What is not taken, why, and whether it could not be read."""


def contents_of(root: Path, *, recursive: bool) -> Contents:
    """Look into a folder, in natural order. Links to files are followed, links to folders are not."""
    contents = Contents()
    others: Counter[str] = Counter()
    for folder in _folders(root, contents, recursive=recursive):
        has_picture = False
        for file in _shown(folder, contents):
            suffix = file.suffix.lower()
            if not file.is_file():
                if suffix in FILM_SUFFIXES | PICTURE_SUFFIXES and (what := _no_file(file)):
                    contents.left_out.append((file, what, False))
                continue
            if file.stem.endswith(_PART) and suffix in FILM_SUFFIXES:
                contents.left_out.append((file, "it is the unfinished part of a film", False))
            elif suffix in FILM_SUFFIXES:
                contents.films.append(file)
            elif suffix in PICTURE_SUFFIXES:
                has_picture = True
            else:
                others[suffix or "no ending"] += 1
        if has_picture:
            contents.pictures.append(folder)
    if others:
        kinds = ", ".join(f"{count} {suffix}" for suffix, count in sorted(others.items()))
        contents.left_out.append((root, f"no films or pictures by their endings: {kinds}", False))
    return contents


def _folders(root: Path, contents: Contents, *, recursive: bool) -> Iterator[Path]:
    """The folder itself, and where it is `recursive` all below it."""
    yield root
    inside = [entry for entry in _shown(root, contents) if entry.is_dir()]
    if inside and not recursive:
        count = f"{len(inside)} folder{'s' if len(inside) > 1 else ''} in it"
        contents.left_out.append((root, f"{count} not searched (--recursive does)", False))
        return
    for folder in inside:
        if folder.is_symlink():
            contents.left_out.append((folder, "links to folders are not followed", False))
        else:
            yield from _folders(folder, contents, recursive=recursive)


def _shown(folder: Path, contents: Contents) -> list[Path]:
    try:
        names = [name for name in os.listdir(folder) if not name.startswith(".")]  # noqa: PTH208 (names only)
    except OSError as error:
        unread = (folder, f"it cannot be read: {error.strerror or error}", True)
        if unread not in contents.left_out:
            contents.left_out.append(unread)
        return []
    return sorted((folder / name for name in names), key=natural_key)


def _no_file(path: Path) -> str:
    """What has the name of a film and is none; empty for a folder, which is looked at as one."""
    if path.is_dir():
        return ""
    return "it is a pipe or a device" if path.exists() else "it is a link to what is not there"


def is_folder(path: Path) -> bool:
    """Whether there is a folder of that name; a name that no disk allows is reported by the checks of the run."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
