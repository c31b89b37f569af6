"""Weights files: where they are and how they get there. The only place that downloads.

The cache folder holds the files under their published names, `*.part` for what has come of a broken download, and
`MODEL.failed.json` for a failure that is not tried again for a day.
"""

from __future__ import annotations

import glob
import hashlib
import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from streamdepth.errors import WeightsError
from streamdepth.files import promote, write_whole
from streamdepth.models.registry import ModelCard, find_card
from streamdepth.values import dataclass

if TYPE_CHECKING:
    from streamdepth.models.weights.download import Progress

DATA = Path(__file__).parents[1] / "data"
"""Where the bundled weights are."""
MEMORY_SECONDS = 24 * 3600.0
"""For how long a failed download is not tried again unless asked for."""
_ORPHAN_SECONDS = 60.0

Clock = Callable[[], float]


class WeightsNotDelivered(WeightsError):
    """No place gave the right file, now or within the last day: worth remembering, unlike a full disk."""


def default_cache_dir() -> Path:
    """The user's cache folder for downloaded weights and converted networks."""
    return platformdirs.user_cache_path("streamdepth", appauthor=False)


def find_weights(
    model: str | ModelCard,
    cache_dir: Path | None = None,
    progress: Progress | None = None,
    *,
    retry: bool = False,
    now: Clock = time.time,
) -> Path:
    """The weights file of a model: bundled, else cached, else downloaded into `cache_dir`.

    A failed download is remembered for a day, so that starting without a network is not slow; `retry` tries anyway.
    `progress` is called with the bytes there are and the bytes there will be. Raises `UsageError` for an unknown
    name, `WeightsNotDelivered` where no place has the file, and else `WeightsError`.
    """
    card = find_card(model) if isinstance(model, str) else model
    folder = cache_dir or default_cache_dir()
    found = _bundled(card) if card.bundled else cached_weights(card, folder)
    return found or _fetch_once_a_day(card, folder, progress or _silent, retry, now)


def cached_weights(card: ModelCard, cache_dir: Path | None = None) -> Path | None:
    """The file of a model in the cache, under any of its published names, or None. Its hash is not computed."""
    folder = cache_dir or default_cache_dir()
    return next((path for path in _cache_paths(card, folder) if path.is_file()), None)


def last_failure(card: ModelCard, cache_dir: Path | None = None, *, now: Clock = time.time) -> str | None:
    """Why the weights of a model could not be fetched within the last day, and how long ago that was, or None."""
    return _memory_of(card, cache_dir or default_cache_dir(), now).recall()


def verify_weights(path: Path, card: ModelCard) -> str:
    """The SHA-256 of a file in hexadecimal; raises `WeightsError` where it is not the published one's."""
    digest = file_sha256(path)
    if not digest.startswith(card.sha256_prefix):
        raise WeightsError(
            f"{path.name} is not the published file: its SHA-256 begins with {digest[:8]}, not {card.sha256_prefix}",
            "delete it; it is fetched again",
        )
    return digest


def file_sha256(path: Path) -> str:
    """SHA-256 of a file in hexadecimal; raises `WeightsError` where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror or error}", "check the path") from error


def _bundled(card: ModelCard) -> Path:
    path = DATA / f"{card.name}.safetensors"
    if not path.is_file():
        raise WeightsError(
            f"the weights of {card.name} are not in this installation", "install streamdepth again"
        )
    return path


def _cache_paths(card: ModelCard, folder: Path) -> list[Path]:
    return [folder / url.rpartition("/")[2] for url in card.urls]


def _silent(_done: int, _total: int | None) -> None:
    pass


def _fetch_once_a_day(card: ModelCard, folder: Path, progress: Progress, retry: bool, now: Clock) -> Path:
    memory = _memory_of(card, folder, now)
    if not retry:
        memory.refuse(card)
    try:
        path = _fetch(card, folder, progress, now)
    except WeightsNotDelivered as error:
        memory.keep(error)
        raise
    memory.forget()
    return path


def _memory_of(card: ModelCard, folder: Path, now: Clock) -> _FailureMemory:
    return _FailureMemory(folder / f"{card.name}.failed.json", now)


def _fetch(card: ModelCard, folder: Path, progress: Progress, now: Clock) -> Path:
    """Download from the first place that has the file; the error names what happened at the last one tried."""
    target = _cache_paths(card, folder)[0]
    _make_folder(folder)
    with _own_part(target.with_name(f"{target.name}.part"), now) as part:
        last = _first_that_works(card, part, progress)
        if last is None:
            _name(part, target)
            return target
    raise WeightsNotDelivered(
        f"the weights of {card.name} could not be fetched: {last}",
        f"fetch {card.urls[0]} by other means and pass the file with --model, or use --model nano",
    ) from last


def _first_that_works(card: ModelCard, part: Path, progress: Progress) -> Exception | None:
    """Fill `part` from the first place that has the right file; else the failure at the last place tried."""
    from streamdepth.models.weights.download import DownloadFailed, download  # with http and ssl behind it

    failure: Exception | None = None
    for url in card.urls:
        try:
            download(url, part, progress)
        except DownloadFailed as error:
            failure = error
            if not error.answered:
                break  # the places are on one host: the others would only cost time
            continue
        failure = _wrong_hash(part, card)
        if failure is None:
            return None
        part.unlink(missing_ok=True)
    return failure


def _wrong_hash(part: Path, card: ModelCard) -> Exception | None:
    digest = file_sha256(part)
    if digest.startswith(card.sha256_prefix):
        return None
    return ValueError(
        f"the download is another file: its SHA-256 begins with {digest[:8]} and not with {card.sha256_prefix}"
    )


def _name(part: Path, target: Path) -> None:
    try:
        promote(part, target)
    except OSError as error:
        raise WeightsError(
            f"{target} cannot be written: {error.strerror or error}",
            "free some space, or choose another cache folder",
        ) from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WeightsError(
            f"the cache folder {folder} cannot be made: {error.strerror or error}",
            "choose another cache folder",
        ) from error


@contextmanager
def _own_part(part: Path, now: Clock) -> Iterator[Path]:
    """The unfinished download under a name that no other process writes to; it gets its common name back after.

    What killed processes left and has not grown for a minute: the longest of it is taken over, and the rest goes.
    """
    mine = part.with_name(f"{part.name}.{uuid.uuid4().hex[:8]}")
    for left in _left_by_others(part, now()):
        with suppress(OSError):  # another process was quicker, or it is not ours to take
            if mine.exists():
                left.unlink()
            else:
                left.replace(mine)
    try:
        yield mine
    finally:
        if mine.exists():
            mine.replace(part)


def _left_by_others(part: Path, now: float) -> list[Path]:
    """Unfinished downloads that nobody writes to, the longest first."""
    found = []
    for left in (part, *part.parent.glob(f"{glob.escape(part.name)}.*")):
        with suppress(OSError):
            facts = left.stat()
            if left == part or now - facts.st_mtime > _ORPHAN_SECONDS:
                found.append((facts.st_size, left))
    return [left for _, left in sorted(found, reverse=True)]


def _ago(seconds: float) -> str:
    if seconds < 30:
        return "a moment ago"
    return f"{seconds / 3600:.0f} h ago" if seconds >= 3600 else f"{seconds / 60:.0f} min ago"


@dataclass(frozen=True)
class _FailureMemory:
    """The last failure to fetch, kept in a small file with its time."""

    path: Path
    now: Clock

    def refuse(self, card: ModelCard) -> None:
        """Raise `WeightsNotDelivered` where the last failure is younger than a day."""
        failure = self.recall()
        if failure is not None:
            raise WeightsNotDelivered(failure, f"streamdepth models fetch {card.name} tries again")

    def recall(self) -> str | None:
        """The last failure with its age, where it is younger than a day."""
        try:
            stamp = json.loads(self.path.read_text("utf-8"))
            age, what = self.now() - float(stamp["at"]), str(stamp["what"])
        except (OSError, ValueError, KeyError, TypeError):
            return None  # no memory, or a damaged one
        return f"{what}, {_ago(age)}" if 0 <= age < MEMORY_SECONDS else None

    def keep(self, error: WeightsError) -> None:
        stamp = {"at": self.now(), "what": error.what}
        with suppress(OSError):  # a folder that cannot be written is what `error` already says
            write_whole(self.path, json.dumps(stamp).encode())

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)
