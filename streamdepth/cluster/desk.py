"""A worker's side where machines share no folder: what a task needs is fetched, what it leaves is put into the store.

A machine has one folder for a film, in which files lie that all its workers read; each is fetched once. Each task has
one of its own below it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from streamdepth.cluster.kept import MARK, is_mark, leaves, needs
from streamdepth.cluster.store import Store, facts_of, glimpse_of
from streamdepth.cluster.tasks import Draw, Film, Greet, Needed, Wanted
from streamdepth.counted import byte_size
from streamdepth.errors import SinkError, SourceError
from streamdepth.files import disk_errors
from streamdepth.files.lock import NoLocks, claim
from streamdepth.run.spec import RunSpec

_BEGIN, _END = "streamdepth-", ".cluster"
_ROOM = 256 << 20
"""Bytes that stay free beside a file that is fetched."""
_PATIENCE = 3600.0
"""For another worker of this machine to fetch a file: as long as a task may take."""
_STALE = 2 * _PATIENCE
"""Seconds without a task after which a machine is taken to have stopped work on a film."""


class Lacking(Exception):
    """A request, not an error: a file is neither here nor in the store."""

    def __init__(self, needed: Needed) -> None:
        super().__init__(needed.name)
        self.needed = needed


@contextmanager
def at_hand(wanted: Wanted, root: str, machine: str) -> Iterator[Wanted]:
    """The task with names that hold on this `machine`; what it wrote is handed on when the block is left.

    Raises `Lacking`, `StoreError` and `SinkError`.
    """
    store, is_greeting = _store_at(root), isinstance(wanted, Greet)
    if is_greeting and store.facts(MARK) is None:
        raise SinkError(
            f"{machine} does not find what was put into {store.name}",
            "--cluster-store must lead to the same place from all machines",
        )
    place = folder_of(wanted.film)
    with disk_errors(place):
        place.mkdir(mode=0o700, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=place))
        _sweep(place.parent)
    try:
        spec = _reading(wanted.film, place, store, is_greeting=is_greeting)
        for name in needs(wanted):
            store.fetch(name, folder / name)
        yield _placed(wanted, replace(wanted.film, folder=folder, spec=spec))
        for name in leaves(wanted):
            store.hand_on(folder / name, name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def leave(film: Film) -> None:
    """Take away what this machine has of a film."""
    shutil.rmtree(folder_of(film), ignore_errors=True)


def folder_of(film: Film) -> Path:
    """What a machine has of a film."""
    return Path(tempfile.gettempdir()) / f"{_BEGIN}{film.mark}{_END}"


def _reading(film: Film, place: Path, store: Store, *, is_greeting: bool) -> RunSpec:
    """The spec with the files that this machine reads: its own, or those in `place`."""
    spec, here = film.spec, {}
    for role in ("input", "model", "scenes"):
        files = [one for one in film.needed if one.role == role]
        if not all(_is_here(one, is_greeting=is_greeting) for one in files):
            brought = [_brought(one, place, store, is_greeting=is_greeting) for one in files]
            here[role] = brought[0]  # by which the others are found
    model = here.get("model")
    return replace(
        spec,
        input=replace(spec.input, input=str(here.get("input", spec.input.input))),
        network=replace(spec.network, model=spec.network.model if model is None else str(model)),
        picture=replace(spec.picture, scenes=here.get("scenes", spec.picture.scenes)),
    )


def _is_here(needed: Needed, *, is_greeting: bool) -> bool:
    """Whether that file lies under its name; for a greeting its size will do.

    What is as long, changed when the command's did and begins like it, is the same. Only another one is read to its
    end, which takes each worker minutes of a film.
    """
    with suppress(OSError, SourceError):
        if needed.path.stat().st_size != needed.facts.size:
            return False
        is_like_it = is_greeting or glimpse_of(needed.path) == needed.glimpse
        return is_like_it or facts_of(needed.path) == needed.facts
    return False


def _brought(needed: Needed, place: Path, store: Store, *, is_greeting: bool) -> Path:
    """A file from the store; for a greeting, which is soon to be answered, that it is there will do."""
    path = place / needed.role / needed.path.name
    if path.is_file():
        return path
    if store.facts(needed.name) != needed.facts:
        raise Lacking(needed)
    if not is_greeting:
        path.parent.mkdir(exist_ok=True)
        with _alone(place / f"{needed.role}.lock"):  # the file's own name may be as long as names can be
            if not path.is_file():
                _check_room(needed, place)
                store.fetch(needed.name, path)
    return path


def _check_room(needed: Needed, place: Path) -> None:
    if shutil.disk_usage(place).free < needed.facts.size + _ROOM:
        raise SinkError(
            f"there is no room for {needed.path.name} in {place.parent} ({byte_size(needed.facts.size)})",
            "make room there, or let TMPDIR name another folder before ray start",
        )


def _placed(wanted: Wanted, film: Film) -> Wanted:
    """The same task of the film as it lies here."""
    if isinstance(wanted, Draw):
        maps = tuple(replace(part, path=film.folder / part.path.name) for part in wanted.maps)
        return replace(wanted, film=film, maps=maps)
    return replace(wanted, film=film)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Within it no other worker of this machine; where there are no locks, the last file that is whole stands."""
    try:
        handle = claim(lock, _PATIENCE)
    except NoLocks:
        yield
        return
    if handle is None:
        raise SinkError(
            f"{lock} has been held by another process for an hour", "check what it is waiting for"
        )
    try:
        yield
    finally:
        os.close(handle)


def _sweep(folder: Path) -> None:
    """Take away what runs that were killed left on this machine."""
    for place in folder.glob(f"{_BEGIN}*{_END}"):
        with suppress(OSError):
            is_ours = is_mark(place.name.removeprefix(_BEGIN).removesuffix(_END))
            if is_ours and time.time() - place.stat().st_mtime > _STALE:
                shutil.rmtree(place, ignore_errors=True)


@lru_cache(1)
def _store_at(root: str) -> Store:
    return Store(root)
