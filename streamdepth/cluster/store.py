"""Files by name in a store that fsspec reaches, S3 above all: for machines that share no folder.

A file is written in parts, each by one request, the first of them last, with what the whole is like at its head: what
has a first part is whole. What comes back is compared with that.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar

from streamdepth.addresses import redact, redact_address, scheme_of
from streamdepth.errors import SourceError, StageStuck, StopRequested, StreamdepthError, UsageError
from streamdepth.files import whole_file
from streamdepth.quiet import proxies_beside_rays
from streamdepth.threads.aside import run_bounded
from streamdepth.values import dataclass

T = TypeVar("T")

_PART = 8 << 20
_SECONDS = 120.0
"""For one part, with what is sent again: half a megabit a second will do."""
_GLIMPSE = 1 << 20
_HEAD = 128
"""Bytes of the first part that are not the file's own."""
_TRIES = 3
_ATTEMPTS = 3
"""Of each request, beside what s3fs tries again."""
_S3 = ("s3", "s3a")
_LOCAL = ("file", "local")
_KEYS = "look at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or at ~/.aws/credentials, on each machine"
_REACH = "look at the address, at AWS_ENDPOINT_URL, and whether each machine reaches it"
_REACH_OTHER = "look at the address, and whether each machine reaches it and may write there"


class StoreError(StreamdepthError, ConnectionError):
    """The store cannot be reached, refuses, or does not give back what was put there."""


@dataclass(frozen=True)
class Facts:
    """What identifies the contents of a file."""

    size: int
    """Bytes."""
    sum: str
    """SHA-256."""


@dataclass(frozen=True)
class Glimpse:
    """What a file that was copied with its time shares with the one it was copied from, seen without reading it all."""

    changed: int
    """When, in nanoseconds since 1970."""
    begin: str
    """SHA-256 of its first megabyte."""


def glimpse_of(path: Path) -> Glimpse:
    """That of a file here; raises `SourceError`."""
    with _read_errors(path), path.open("rb") as file:
        return Glimpse(os.fstat(file.fileno()).st_mtime_ns, hashlib.sha256(file.read(_GLIMPSE)).hexdigest())


def facts_of(path: Path) -> Facts:
    """Those of a file here; raises `SourceError`. It is read again only where its size or time changed."""
    with _read_errors(path):
        known = path.stat()
        return _facts(path, known.st_size, known.st_mtime_ns)


@lru_cache(64)
def _facts(path: Path, size: int, _changed: int) -> Facts:
    with path.open("rb") as file:
        return Facts(size, hashlib.file_digest(file, "sha256").hexdigest())


@contextmanager
def _read_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except StreamdepthError:
        raise
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}", "run it again") from error


def check_store(address: str | None) -> None:
    """Raise `UsageError` for what is no address of a store, holds a login, or needs what is not installed."""
    if address is None:
        return
    shown, (kind, _, place) = redact_address(address), address.partition("://")
    if scheme_of(address) is None or "::" in address:
        raise UsageError(
            f"--cluster-store {shown} is not the address of a store",
            "s3://BUCKET/FOLDER, or another one of fsspec",
        )
    if "@" in address or "?" in address:
        raise UsageError(f"--cluster-store {shown} may hold no login and no key", f"leave it out; {_KEYS}")
    if any(sign in address for sign in "*["):  # all that matches would be taken away at the end
        raise UsageError(f"--cluster-store {shown} may hold no * and no [", "choose another folder")
    if kind in _LOCAL and not place.startswith("/"):  # each process would look from where it runs
        raise UsageError(
            f"--cluster-store {shown} is not an absolute path", "file:///FOLDER, the same on all machines"
        )
    if kind in _S3 and not place.partition("/")[0]:
        raise UsageError(f"--cluster-store {shown} names no bucket", "s3://BUCKET/FOLDER")
    cure = f"pip install {'s3fs' if kind in _S3 else 'fsspec'}"
    try:
        import fsspec

        if kind not in _S3:
            cure = f"install the fsspec package for {kind}://"
        fsspec.get_filesystem_class(kind)
    except ImportError as error:
        raise UsageError(f"--cluster-store {shown} needs a package that is not installed", cure) from error
    except ValueError as error:
        raise UsageError(
            f"fsspec knows no store of the kind {kind}://", "s3://BUCKET/FOLDER, or file:///FOLDER"
        ) from error


def _never() -> bool:
    return False


class Store:
    """All files below `root`, an address without a login that ends with the mark of a film.

    Every wait is bounded, and ends with `StopRequested` soon after `must_stop` says so. Raises `StoreError`.
    """

    def __init__(self, root: str, must_stop: Callable[[], bool] = _never) -> None:
        place, _, mark = root.rpartition("/")
        self.name = f"{redact_address(place)}/{mark}"
        """As it may be shown: a mark looks like a key, and is none."""
        self._must_stop = must_stop
        self._is_s3 = scheme_of(root) in _S3
        self._fs, self._root = self._ask(partial(_opened, root))

    def facts(self, name: str) -> Facts | None:
        """Those of a file that is there and whole; None where it is not."""
        with suppress(FileNotFoundError, ValueError, TypeError):
            return Facts(**json.loads(self._get(_part_of(name, 0), _HEAD)))
        return None

    def hand_on(self, path: Path, name: str) -> None:
        """Put a file there; raises `SourceError`, too."""
        facts = facts_of(path)
        head = json.dumps(asdict(facts)).encode().ljust(_HEAD)
        with _read_errors(path), path.open("rb") as file:
            for number in reversed(range(_parts(facts))):
                file.seek(number * _PART)
                self._put(_part_of(name, number), (b"" if number else head) + file.read(_PART))

    def fetch(self, name: str, to: Path) -> None:
        """Get a file; it appears whole, and is what was put there."""
        facts = self.facts(name)
        if facts is None:
            raise StoreError(f"{name} is not in {self.name}", "run it again")
        digest = hashlib.sha256()
        with whole_file(to, flushed=False) as file:
            for number in range(_parts(facts)):
                data = self._part(name, number)
                digest.update(data)
                file.write(data)
            if (file.tell(), digest.hexdigest()) != (facts.size, facts.sum):
                raise StoreError(f"{name} in {self.name} is not what was put there", "run it again")

    def remove(self) -> None:
        """Take all of it away, also what somebody was still writing."""
        for _ in range(_TRIES):
            try:
                self._ask(lambda: self._fs.rm(self._root, recursive=True))
            except FileNotFoundError:
                return
        raise StoreError(f"{self.name} is still being written to", "find out by what, and remove it")

    def _part(self, name: str, number: int) -> bytes:
        try:
            return self._get(_part_of(name, number))[0 if number else _HEAD :]
        except FileNotFoundError as error:
            raise StoreError(f"{name} in {self.name} was removed", "run it again") from error

    def _get(self, name: str, end: int | None = None) -> bytes:
        return self._ask(lambda: bytes(self._fs.cat_file(f"{self._root}/{name}", end=end)))

    def _put(self, name: str, data: bytes) -> None:
        path = f"{self._root}/{name}"

        def put() -> None:
            if not self._is_s3:  # which has no folders, and would make a bucket
                self._fs.makedirs(path.rpartition("/")[0], exist_ok=True)
            self._fs.pipe_file(path, data)

        try:
            self._ask(put)
        except FileNotFoundError as error:
            raise StoreError(
                f"the bucket of {self.name} does not exist", "make it, or name another one"
            ) from error

    def _ask(self, call: Callable[[], T]) -> T:
        """`FileNotFoundError` and `StopRequested` come as they are."""
        try:
            return run_bounded(
                "the store", call, _SECONDS, discard=lambda _late: None, is_stopped=self._must_stop
            )
        except (FileNotFoundError, StopRequested):
            raise
        except StageStuck as error:
            raise StoreError(f"{self.name} did not answer within {_SECONDS:.0f} s", self._reach) from error
        except PermissionError as error:
            raise self._shut() from error
        except Exception as error:  # of whatever kind a store raises
            if "Credentials" in type(error).__name__:
                raise StoreError(f"there are no keys for {self.name}", _KEYS) from error
            raise StoreError(f"{self.name} fails: {_line_of(error)}", self._reach) from error

    @property
    def _reach(self) -> str:
        return _REACH if self._is_s3 else _REACH_OTHER

    def _shut(self) -> StoreError:
        if self._is_s3:
            return StoreError(f"{self.name} refuses these keys", _KEYS)
        return StoreError(f"{self.name} may not be read or written", self._reach)


def _parts(facts: Facts) -> int:
    return max(1, -(-facts.size // _PART))


def _part_of(name: str, number: int) -> str:
    return f"{name}/{number:06d}"


def _line_of(error: Exception) -> str:
    return redact(" ".join(str(error).split()))[:200] or type(error).__name__


def _opened(root: str) -> tuple[Any, str]:
    import fsspec

    words = _of_s3() if scheme_of(root) in _S3 else {}
    fs, path = fsspec.core.url_to_fs(root, skip_instance_cache=True, **words)
    return fs, path.rstrip("/")


def _of_s3() -> dict[str, Any]:
    """Short waits, and keys from where the user put them: the address that clouds have for keys is not asked."""
    from aiobotocore.session import AioSession

    session = AioSession()
    session.get_component("credential_provider").remove("iam-role")
    config = {
        "connect_timeout": 5,
        "read_timeout": 30,
        "retries": {"total_max_attempts": _ATTEMPTS, "mode": "standard"},
        "proxies": proxies_beside_rays(),
    }
    words = {"session": session, "config_kwargs": config, "use_listings_cache": False}
    return words | {"max_concurrency": 1}  # a part is one request; more ask for its size first
