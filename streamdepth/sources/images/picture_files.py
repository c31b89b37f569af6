"""Which files are meant by a file, a folder, a glob or a numbered pattern of pictures."""

from __future__ import annotations

import glob
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

from streamdepth.errors import SourceMissing
from streamdepth.files import no_ordinary_file, not_readable
from streamdepth.sources.video.suffixes import FILM_SUFFIXES

PICTURE_SUFFIXES = frozenset(
    (
        *(
            ".apng",
            ".avif",
            ".bmp",
            ".dib",
            ".gif",
            ".heic",
            ".heif",
            ".hif",
            ".j2k",
            ".jfif",
            ".jif",
            ".jp2",
        ),
        *(
            ".jpe",
            ".jpeg",
            ".jpg",
            ".mpo",
            ".pam",
            ".pbm",
            ".pgm",
            ".png",
            ".pnm",
            ".ppm",
            ".tga",
            ".tif",
            ".tiff",
        ),
        ".webp",
    )
)
"""Endings, in small letters, of the files that a folder or a glob is searched for."""
_BESIDE = frozenset(
    (".aae", ".csv", ".db", ".ini", ".json", ".log", ".md", ".toml", ".txt", ".xml", ".xmp", ".yaml", ".yml")
)
"""Endings of files that usually lie beside pictures: no warning is worth it that they are left out."""
_NUMBER = re.compile(r"(\d+)")
_COUNTER = re.compile(r"%(?:0?(\d{1,2}))?d")
_SUFFIX_LIST = ", ".join(sorted(suffix[1:] for suffix in PICTURE_SUFFIXES))


def is_pattern(text: str) -> bool:
    """Whether this can mean several files: a glob (`f*.png`), or numbers as FFmpeg takes them (`f%04d.png`)."""
    return glob.has_magic(text) or _COUNTER.search(Path(text).name) is not None


def find_pictures(pattern: str | Path) -> list[Path]:
    """The pictures that are meant by a file, a folder (not the folders in it) or a pattern, in natural order.

    A file is taken whatever its ending; a folder and a pattern give the files ending in PICTURE_SUFFIXES, hidden ones
    left out. Raises SourceMissing where there is none, and SourceError for a device or what cannot be read.
    """
    path = Path(pattern)
    if path.is_file():
        return [path]
    if path.exists() and not path.is_dir():
        raise no_ordinary_file(path)
    if not path.is_dir() and not is_pattern(str(pattern)):
        raise SourceMissing(f"there is no file or folder {path}", "check the path")
    pictures = sorted(filter(_is_picture, _matching(path)), key=natural_key)
    if not pictures:
        what = f"the folder {path} holds no picture" if path.is_dir() else f"no picture matches {pattern}"
        film = min(filter(_is_film, _matching(path)), default=None)
        cure = f"pictures end in {_SUFFIX_LIST}" if film is None else f"name a film in it, such as {film}"
        raise SourceMissing(what, cure)
    return pictures


def _is_film(path: Path) -> bool:
    """By its name alone."""
    return path.suffix.lower() in FILM_SUFFIXES and _is_shown(path)


def left_out(pattern: str | Path) -> list[str]:
    """A sentence each on files that are not taken for pictures, and on numbers that a pattern skips."""
    path = Path(pattern)
    if path.is_file():
        return []
    found = list(_matching(path))
    where = f"in {path}" if path.is_dir() else f"that match {path}"
    sentences = []
    if others := _kinds(file for file in found if _is_missed(file)):
        sentences.append(f"the pictures {where} are taken, and not files of other endings: {others}")
    if films := _kinds(filter(_is_film, found)):
        sentences.append(f"the pictures {where} are one input, and each film there is another one: {films}")
    return [*sentences, *_gaps(path, found)]


def _kinds(files: Iterable[Path]) -> str:
    """How many there are of each ending; empty where there are none."""
    kinds = Counter(file.suffix.lower() or "no ending" for file in files)
    return ", ".join(f"{count} {suffix}" for suffix, count in sorted(kinds.items()))


def natural_key(path: Path) -> list[tuple[int, int, str]]:
    """Sorts by the numbers in a path as numbers and by the rest as text, whatever the case."""
    parts = _NUMBER.split(str(path).casefold())
    numbers = [(1, int(part), part) if part.isdecimal() else (0, 0, part) for part in parts]
    return [*numbers, (0, 0, str(path))]


def _matching(path: Path) -> Iterable[Path]:
    if path.is_dir():
        try:
            return list(path.iterdir())
        except OSError as error:
            raise not_readable(path, error) from error
    if glob.has_magic(str(path)):
        return map(Path, glob.glob(str(path), recursive=True))  # noqa: PTH207 (Path.glob takes no absolute pattern)
    return (file for file in path.parent.glob("*") if _numbered(path.name).fullmatch(file.name))


def _numbered(name: str) -> re.Pattern[str]:
    """What `f%04d.png` means: at least four digits, as C's printf writes them."""
    begin, parts = 0, []
    for match in _COUNTER.finditer(name):
        parts += [re.escape(name[begin : match.start()]), rf"(\d{{{match[1] or 1},}})"]
        begin = match.end()
    return re.compile("".join(parts) + re.escape(name[begin:]))


def _gaps(path: Path, found: Iterable[Path]) -> Iterator[str]:
    if glob.has_magic(str(path)) or not _COUNTER.search(path.name):
        return
    matches = (_numbered(path.name).fullmatch(file.name) for file in found)
    numbers = {int(match[1]) for match in matches if match}
    if not numbers:
        return
    whole = max(numbers) - min(numbers) + 1
    if whole > len(numbers):
        first = next(number for number in count(min(numbers)) if number not in numbers)
        yield f"{path} has gaps: of {whole} numbers {whole - len(numbers)} have no file, {first} first"


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURE_SUFFIXES and _is_shown(path)


def _is_missed(path: Path) -> bool:
    """Whether a file is neither a picture nor a film nor beside them as usual."""
    return path.suffix.lower() not in PICTURE_SUFFIXES | FILM_SUFFIXES | _BESIDE and _is_shown(path)


def _is_shown(path: Path) -> bool:
    return not path.name.startswith(".") and path.is_file()
