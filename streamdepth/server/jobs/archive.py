"""A zip of pictures that a client sent: looked through before anything is unpacked, read picture by picture."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from streamdepth.errors import SourceError, Trouble
from streamdepth.values import dataclass

SUFFIX = ".zip"
MOST_DIRECTORY = 8_000_000
"""Bytes of the list of entries, which is read as a whole."""
_END = b"PK\x05\x06"
_END_FORM = struct.Struct("<4s4H2LH")
_ZIP64 = b"PK\x06\x07"
_ZIP64_FORM = struct.Struct("<4sLQL")
_ZIP64_END = b"PK\x06\x06"
_ZIP64_END_FORM = struct.Struct("<4sQ2H2L4Q")
_LONGEST_COMMENT = 0xFFFF
_READ = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED, _IS_UTF8 = 0x1, 0x800
_OF_DOS = 0
"""The system that an entry says it comes from."""
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError)
"""What `zipfile` raises for archives that are damaged: of an offset before the file, for one, an OSError, and of a
version or flags that it does not know a NotImplementedError."""


@dataclass(frozen=True)
class ZipLimits:
    """How much an archive may hold, by what it says; no more is ever unpacked."""

    pictures: int = 10_000
    picture_bytes: int = 20_000_000
    """Of one, unpacked."""
    all_bytes: int = 8_000_000_000
    """Of all, unpacked."""


class Archive:
    """The pictures of a zip, in its order; what else lies in it and is hidden, or a folder, is passed over.

    Names are for people to read: no file is ever called by one. Raises `SourceError` for what is no zip that is read
    here, or holds more than it may; `trouble` is `TOO_LARGE` for the latter.
    """

    def __init__(self, path: Path, limits: ZipLimits) -> None:
        self._limits = limits
        try:
            _check_directory(path)
            self._zip = zipfile.ZipFile(path)
        except _BROKEN as error:
            if isinstance(error, SourceError):
                raise
            raise _broken() from error
        try:
            self._entries = [entry for entry in self._zip.infolist() if _is_picture(entry)]
            _check(self._entries, limits)
        except BaseException:
            self._zip.close()
            raise
        self.names: Sequence[str] = [_plain(_name(entry)) for entry in self._entries]
        """What the entries are called, for people; made once: each picture asks for its own."""

    def read(self, number: int) -> bytes:
        """The bytes of an entry, from 0; raises `SourceError` where it is broken or longer than it said."""
        entry = self._entries[number]
        try:
            with self._zip.open(entry) as file:
                data = file.read(self._limits.picture_bytes + 1)
        except _BROKEN as error:
            raise SourceError("it cannot be unpacked", "pack it again") from error
        if len(data) != entry.file_size:
            raise SourceError("it is not as long as the zip says", "pack it again")
        return data

    def __enter__(self) -> Archive:
        """The archive itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._zip.close()


def _check_directory(path: Path) -> None:
    """Raise `SourceError` where the list of entries is too long to be read: Python reads it as a whole."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        tail_size = min(size, _END_FORM.size + _LONGEST_COMMENT + _ZIP64_FORM.size + _ZIP64_END_FORM.size)
        file.seek(size - tail_size)
        tail = file.read(tail_size)
    at = tail.rfind(_END)
    if at < 0 or at + _END_FORM.size > len(tail):
        raise _broken()
    length = _END_FORM.unpack_from(tail, at)[5]
    if tail[max(0, at - _ZIP64_FORM.size) : at].startswith(_ZIP64):
        length = _huge_length(tail[:at], size - tail_size)
    if length > MOST_DIRECTORY:
        raise _too_much("its list of entries is too long")


def _huge_length(tail: bytes, begin: int) -> int:
    """Of the list of entries in the form for huge archives, which Python believes whatever the usual one says.

    Raises `SourceError` where its record is not where each version of Python looks for it: directly before, and there
    by its offset as well.
    """
    locator = len(tail) - _ZIP64_FORM.size
    at = locator - _ZIP64_END_FORM.size
    if at < 0 or _ZIP64_FORM.unpack_from(tail, locator)[2] != begin + at:
        raise _broken()
    mark, *_, length, _ = _ZIP64_END_FORM.unpack_from(tail, at)
    if mark != _ZIP64_END:
        raise _broken()
    return int(length)


def _check(entries: Sequence[zipfile.ZipInfo], limits: ZipLimits) -> None:
    if not entries:
        raise SourceError("there is no picture in the zip", "pack some", Trouble.CODEC)
    if len(entries) > limits.pictures:
        raise _too_much(f"it holds {len(entries)} files, and {limits.pictures} are allowed")
    for entry in entries:
        name = _plain(_name(entry))
        if entry.flag_bits & _ENCRYPTED:
            raise SourceError(f"{name} in the zip is encrypted", "pack it without a password", Trouble.CODEC)
        if entry.compress_type not in _READ:
            raise SourceError(f"{name} is compressed in an unsupported way", "use deflate", Trouble.CODEC)
        if entry.file_size > limits.picture_bytes:
            raise _too_much(f"{name} has more than {limits.picture_bytes / 1e6:g} MB unpacked")
    if sum(entry.file_size for entry in entries) > limits.all_bytes:
        raise _too_much(f"it holds more than {limits.all_bytes / 1e9:g} GB unpacked")


def _is_picture(entry: zipfile.ZipInfo) -> bool:
    parts = _name(entry).split("/")
    return parts[-1] != "" and not parts[-1].startswith(".") and "__MACOSX" not in parts


def _name(entry: zipfile.ZipInfo) -> str:
    """What an entry is called: Macs leave UTF-8 unmarked, and so do others; some programs on Windows write \\ for /."""
    name = entry.filename
    if not entry.flag_bits & _IS_UTF8:
        with suppress(UnicodeError):  # else it is of DOS, as it was read
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/") if entry.create_system == _OF_DOS else name


def _plain(name: str) -> str:
    return "".join(letter for letter in name if letter.isprintable())[:200]


def _broken() -> SourceError:
    return SourceError("the zip is broken or cut off", "send it again", Trouble.CODEC)


def _too_much(what: str) -> SourceError:
    return SourceError(f"the zip is too large: {what}", "send it in parts", Trouble.TOO_LARGE)
