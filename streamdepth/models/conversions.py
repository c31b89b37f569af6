"""The cache of converted networks: `converted/` in the cache folder.

Each file bears the hash of its own content in its name. So it appears whole and checked in one step, two processes
that make the same one at the same time do not disturb each other, and a damaged one is noticed and made again.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from streamdepth.errors import ModelError
from streamdepth.models.formats import NetworkFormat

_REVISION = 2
"""Raise it where a file made by older code must not be used any more."""
_DIGITS = 16


@dataclass(frozen=True)
class Conversion:
    """One converted network in the cache, made or yet to be made."""

    folder: Path
    stem: str
    suffix: str

    def candidates(self) -> list[Path]:
        """The files there are, unchecked; more than one where two processes made it together."""
        return sorted(self.folder.glob(f"{self.stem}.{'?' * _DIGITS}{self.suffix}"))

    def find(self) -> Path | None:
        """A whole file, or None; what is damaged is deleted."""
        for path in self.candidates():
            with suppress(OSError):  # another process has it open, or was quicker to delete it
                if path == self._named_after(path):
                    return path
                path.unlink()
        return None

    def make(self, write: Callable[[Path], None]) -> Path:
        """Call `write` with a path and keep the file that it writes there.

        Raises `ModelError` where the cache cannot be written, and what `write` raises.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with part_of(self.folder / f"{self.stem}{self.suffix}") as part:
                write(part)
                made = self._named_after(part)
                # The same file, made by another process, may be in use, and then some systems let nobody replace it.
                return made if made.is_file() else part.replace(made)
        except OSError as error:
            raise ModelError(
                f"{self.folder} cannot be written: {error.strerror or error}",
                "free some space, choose another cache folder, or use --engine torch",
            ) from error

    def _named_after(self, path: Path) -> Path:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return self.folder / f"{self.stem}.{digest[:_DIGITS]}{self.suffix}"


def conversion(cache_dir: Path, model: str, sha256: str, form: NetworkFormat) -> Conversion:
    """The place of a network converted to `form`, made of the weights with this hash by the versions here."""
    stem = f"{model}-{sha256[:16]}-torch{package_version('torch')}-{_REVISION}"
    return Conversion(cache_dir / "converted", stem, form.suffix)


@contextmanager
def part_of(path: Path) -> Iterator[Path]:
    """A name beside `path` that no other process writes to; nothing is left under it."""
    part = path.with_name(f"{path.stem}.{uuid.uuid4().hex[:8]}.part{path.suffix}")
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def package_version(package: str) -> str:
    """Of an installed package, or `-none`."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "-none"
