"""The cache of converted networks: `converted/` in the cache folder.

Each file bears the hash of its own content in its name. So it appears whole and checked in one step, two processes
that make the same one at the same time do not disturb each other, and a damaged one is noticed and made again. A lock
saves the second of two processes that start together the work, no more: where it cannot be had, both do it.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from streamdepth.errors import ModelError
from streamdepth.files import private_part, promote
from streamdepth.models.export.formats import NetworkFormat, weights_file
from streamdepth.values import dataclass

LOCK_SECONDS = 120.0
"""For how long one process waits for what another one is making; longer than anything takes to make."""
ORPHAN_SECONDS = 3600.0
"""Since something last came to a part: its process is gone."""
_PART = re.compile(r"\.[0-9a-f]{8}\.part\.")
"""In the names of parts, and of the folders that writers make beside them."""
_REVISION = 5
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
                if self._is_whole(path):
                    return path
                for part in {path, weights_file(path)}:
                    part.unlink(missing_ok=True)
        return None

    def find_or_make(self, write: Callable[[Path], None], wait: float = LOCK_SECONDS) -> Path:
        """A whole file: found, or made by another process within `wait` seconds, or made as `make` does."""
        found = self.find()
        if found is not None:
            return found
        with self.alone(wait):
            return self.find() or self.make(write)

    def make(self, write: Callable[[Path], None], now: Callable[[], float] = time.time) -> Path:
        """Call `write` with a path and keep the file that it writes there.

        What processes left there that were killed while they made one, an hour ago or longer, goes.

        Raises `ModelError` where the cache cannot be written, and what `write` raises.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _clear(self.folder, now())
            with part_of(self.folder / f"{self.stem}{self.suffix}") as part:
                write(part)
                made = self._named_after(part)
                if part.suffix == ".xml":
                    _keep(weights_file(part), weights_file(made))  # first: an .xml that is there is complete
                return _keep(part, made)
        except OSError as error:
            raise ModelError(
                f"{self.folder} cannot be written: {error.strerror or error}",
                "free some space, choose another cache folder, or use --engine torch",
            ) from error

    @contextmanager
    def alone(self, wait: float = LOCK_SECONDS) -> Iterator[None]:
        """Hold the lock of this conversion; after `wait` seconds, or where there can be none, go on without."""
        from filelock import FileLock, Timeout

        lock = FileLock(self.folder / f"{self.stem}{self.suffix}.lock", timeout=wait)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except (OSError, Timeout):  # `make` raises what cannot be written, with its cure
            yield
            return
        try:
            yield
        finally:
            lock.release()

    def _is_whole(self, path: Path) -> bool:
        return weights_file(path).is_file() and path == self._named_after(path)

    def _named_after(self, path: Path) -> Path:
        digest = hashlib.sha256(_sha256(path))
        if path.suffix == ".xml":
            digest.update(_sha256(weights_file(path)))
        return self.folder / f"{self.stem}.{digest.hexdigest()[:_DIGITS]}{self.suffix}"


def conversion(cache_dir: Path, model: str, sha256: str, form: NetworkFormat, kind: str = "") -> Conversion:
    """The place of a network converted to `form`, made of the weights with this hash by the versions here.

    `kind` distinguishes what else was done to it; it names the versions of what did it.
    """
    made_by = kind or f"torch{package_version('torch')}"
    return Conversion(cache_dir / "converted", f"{model}-{sha256[:16]}-{made_by}-{_REVISION}", form.suffix)


@contextmanager
def part_of(path: Path) -> Iterator[Path]:
    """A name beside `path` that no other process writes to; nothing is left under it, nor its weights beside it."""
    with private_part(path) as part:
        try:
            yield part
        finally:
            weights_file(part).unlink(missing_ok=True)


def _clear(folder: Path, now: float) -> None:
    """Delete parts, and folders of writers beside them, that nobody can be writing to any more."""
    for left in filter(lambda path: _PART.search(path.name), folder.iterdir()):
        with suppress(OSError):  # another process was quicker, or it is not ours to delete
            if now - left.lstat().st_mtime < ORPHAN_SECONDS:
                continue
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
            else:
                left.unlink()


def _keep(part: Path, made: Path) -> Path:
    # The same file, made by another process, may be in use, and then some systems let nobody replace it.
    if not made.is_file():
        promote(part, made)
    return made


def _sha256(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def package_version(package: str) -> str:
    """Of an installed package, or `-none`."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "-none"
