"""From what was typed to what is to be rendered: files, folders by what they hold, patterns and lists of all these."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path, PurePath, PurePosixPath
from urllib.parse import unquote, urlsplit

from streamdepth.addresses import is_remote, local_path, redact_address, scheme_of
from streamdepth.batch.folders import Contents, contents_of
from streamdepth.batch.names import Named
from streamdepth.batch.spec import LIST
from streamdepth.errors import StreamdepthError, UsageError
from streamdepth.files.listed import read_list
from streamdepth.sources import check_source, may_be_live
from streamdepth.sources.images.picture_files import PICTURE_SUFFIXES, is_pattern
from streamdepth.sources.local import is_still
from streamdepth.sources.video.suffixes import FILM_SUFFIXES
from streamdepth.values import dataclass, field

_MAY_END = frozenset({"http", "https", "ftp", "sftp", "smb"})
"""Kinds of address at which a film may lie."""


class Kind(Enum):
    """What an input is, as far as its output is concerned."""

    FILM = "film"
    PICTURE = "picture"
    PICTURES = "pictures"
    LIVE = "live"


@dataclass(frozen=True)
class Found:
    """An input that is to be rendered."""

    text: str
    """As a source takes it."""
    kind: Kind
    path: PurePath
    """What its output is named after."""
    root: PurePath | None = None
    """The folder in which it was found by searching; None where it was named."""

    @property
    def name(self) -> str:
        """As it is shown."""
        return redact_address(self.text)

    @property
    def is_remote(self) -> bool:
        """Whether it is no file of this machine."""
        return is_remote(self.text)

    def named(self, number: int) -> Named:
        """What the words of a pattern stand for, where it is the input of this number."""
        if self.root is None:
            return Named(self.path, PurePath(), number)
        within = self.path.relative_to(self.root)
        return Named(self.path, within if self.kind is Kind.PICTURES else within.parent, number)


@dataclass(frozen=True)
class LeftOut:
    """Something that is not rendered, and why."""

    name: str
    reason: str
    is_failure: bool = False
    """Whether it was wanted: it is not there, or cannot be read."""


@dataclass
class Inputs:
    """What was found so far, in order."""

    found: list[Found] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def add(self, text: str, *, recursive: bool) -> None:
        """Take one more input: a file, a folder, a pattern, a word or an address."""
        file = None if may_be_live(text) else local_path(text)
        if file is None:
            self.found.append(_by_word(text))
            return
        path = file.expanduser()
        if scheme_of(text) is None and not _exists(path) and is_pattern(text):
            self._add_pattern(text, recursive=recursive)
        elif _exists(path) and path.is_dir():
            self._add_folder(path, recursive=recursive)
        elif text == "demo":
            self.found.append(Found(text, Kind.FILM, PurePath(text)))
        else:
            self._add_file(text, path)

    def _add_file(self, text: str, path: Path) -> None:
        try:
            if not _exists(path):
                check_source(text)  # it says best what was meant
        except StreamdepthError as error:
            self.left_out.append(LeftOut(text, str(error), is_failure=True))
            return
        self.found.append(Found(text, Kind.PICTURE if is_still(path) else Kind.FILM, path))

    def _add_folder(self, root: Path, *, recursive: bool) -> None:
        contents = contents_of(root, recursive=recursive)
        self.found += _of_folder(root, contents)
        self.left_out += [LeftOut(str(name), reason, failed) for name, reason, failed in contents.left_out]
        if not contents.films and not contents.pictures:
            self.left_out.append(LeftOut(str(root), "it holds no film and no picture", is_failure=True))

    def _add_pattern(self, pattern: str, *, recursive: bool) -> None:
        """Films one by one, below the folder in which the pattern begins; pictures all together, as ever."""
        matching = sorted(map(Path, glob.glob(pattern, recursive=True)))  # noqa: PTH207 (an absolute pattern)
        base = Path(*_before_pattern(pattern))
        films = [path for path in matching if path.suffix.lower() in FILM_SUFFIXES and path.is_file()]
        for film in films:
            self.found.append(Found(str(film), Kind.FILM, film, base))
        folders = [path for path in matching if path.is_dir()]
        for folder in folders if recursive else []:
            self._add_folder(folder, recursive=True)
        is_counted = not glob.has_magic(pattern)  # f%04d.png, which is for pictures alone
        has_pictures = is_counted or any(path.suffix.lower() in PICTURE_SUFFIXES for path in matching)
        if has_pictures:
            self.found.append(Found(pattern, Kind.PICTURES, base, base))
        elif not films and not (folders and recursive):
            self.left_out.append(LeftOut(pattern, "no film and no picture matches it", is_failure=True))


def find_inputs(texts: Sequence[str], *, recursive: bool) -> Inputs:
    """All inputs that are meant; raises `UsageError` for a list that cannot be read."""
    inputs = Inputs()
    for text in _with_lists(texts):
        inputs.add(text, recursive=recursive)
    return inputs


def _with_lists(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        if text.startswith(LIST):
            yield from _lines_of(Path(text.removeprefix(LIST)).expanduser())
        else:
            yield text


def _lines_of(path: Path) -> Iterator[str]:
    """The inputs in a list, one a line, in quotes or not; empty lines and comments (#) are none."""
    cure = "name one input per line; ./@x is a file called @x"
    inputs = [item for _, item in read_list(path, f"the list {path} cannot be read", cure, UsageError)]
    if not inputs:
        raise UsageError(f"the list {path} names no input", "name one a line")
    if nested := next((line for line in inputs if line.startswith(LIST)), None):
        raise UsageError(
            f"the list {path} names a list, {nested}", "name films, pictures, folders or patterns in it"
        )
    yield from map(_unquoted, inputs)


def _unquoted(line: str) -> str:
    """As it would be typed: "Copy as path" of Windows and `ls` put names into quotes."""
    return line[1:-1] if len(line) > 2 and line[0] == line[-1] and line[0] in "\"'" else line


def _by_word(text: str) -> Found:
    """A camera, a word, or an address; at some kinds of address lies a film, others are always live."""
    if is_remote(text) and scheme_of(text) in _MAY_END:
        path = PurePosixPath(unquote(urlsplit(redact_address(text)).path))
        return Found(text, Kind.FILM, PurePath(path.name if path.name.strip("*") else "film"))
    return Found(text, Kind.LIVE, PurePath("live"))


def _of_folder(root: Path, contents: Contents) -> Iterator[Found]:
    for folder in contents.pictures:
        yield Found(str(folder), Kind.PICTURES, folder, root)
    for film in contents.films:
        yield Found(str(film), Kind.FILM, film, root)


def _before_pattern(pattern: str) -> Iterator[str]:
    """The parts of a pattern's path that are no pattern themselves, but for the name."""
    for part in Path(pattern).expanduser().parts[:-1]:
        if is_pattern(part):
            return
        yield part


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
