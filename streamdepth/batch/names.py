"""Where the outputs of an input go: a folder, and below it a pattern such as `{folder}/{name}-depth`.

| word | of clips/day1/street.mov, found in the folder clips |
|---|---|
| `{name}` | `street` |
| `{file}` | `street.mov` |
| `{folder}` | `day1`: the folders between the one that was named and the file |
| `{parent}` | `day1`: the folder that the file is in |
| `{number}` | its place among all inputs, from 1; `{number:04d}` is `0001` |
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from pathlib import Path, PurePath
from string import Formatter

from streamdepth.errors import UsageError
from streamdepth.values import dataclass

WORDS = ("name", "file", "folder", "parent", "number")
_CURE = "it may hold {name}, {file}, {folder}, {parent} and {number}, as in '{folder}/{name}-depth'"


@dataclass(frozen=True)
class Named:
    """What the words of a pattern stand for."""

    path: PurePath
    """The input."""
    folder: PurePath
    """The folders between the one that was named and the input."""
    number: int

    @property
    def words(self) -> dict[str, str | int]:
        """The value of each word."""
        path = self.path
        parent = path.parent.name or Path(path.parent).resolve().name
        return dict(
            zip(WORDS, (path.stem, path.name, self.folder.as_posix(), parent, self.number), strict=True)
        )


def check_pattern(pattern: str) -> None:
    """Raise `UsageError` for a pattern that names no place below a folder."""
    try:
        words = [word for _, word, _, _ in Formatter().parse(pattern) if word is not None]
        example = pattern.format(**Named(PurePath("a/b.mp4"), PurePath("a"), 1).words) if words else pattern
    except (ValueError, KeyError, IndexError, AttributeError) as error:
        raise UsageError(f"the pattern {pattern!r} cannot be read", _CURE) from error
    if unknown := [word for word in words if word not in WORDS]:
        raise UsageError(f"{{{unknown[0]}}} in the pattern {pattern!r} is not a word", _CURE)
    parts = PurePath(example).parts
    if not parts or PurePath(pattern).is_absolute() or ".." in parts:
        raise UsageError(f"the pattern {pattern!r} leads out of the output's folder", _CURE)


def split_pattern(path: Path, pattern: str) -> tuple[Path, str]:
    """The folder and the pattern below it; a `path` that holds words itself brings its own."""
    parts = path.parts
    first = next((place for place, part in enumerate(parts) if "{" in part), None)
    if first is None:
        return path, pattern
    return Path(*parts[:first]), "/".join(parts[first:])


def place_of_file(folder: Path, pattern: str, named: Named, fitting: Sequence[str], known: Set[str]) -> Path:
    """The path of a file that ends in a suffix of `fitting`: that of the pattern, or else the first.

    A suffix of the pattern that is `known`, but for other files, is replaced. Raises `UsageError` where the pattern
    gives no name.
    """
    own = PurePath(pattern).suffix
    path = _joined(folder, pattern.removesuffix(own) if own.lower() in known else pattern, named)
    if path == folder:
        raise UsageError(f"the pattern {pattern!r} gives {named.path} no name", _CURE)
    return path.with_name(path.name + (own if own.lower() in fitting else fitting[0]))


def place_of_folder(folder: Path, pattern: str, named: Named) -> Path:
    """Where pictures go that keep their own names: what the pattern gives, but for its last part."""
    return _joined(folder, pattern.rpartition("/")[0], named)


def _joined(folder: Path, pattern: str, named: Named) -> Path:
    parts = pattern.format(**named.words).split("/")
    return folder.joinpath(*(part for part in parts if part not in ("", ".")))
