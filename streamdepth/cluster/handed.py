"""What is handed on between the command and its workers: which files, and for machines without a shared folder how."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from streamdepth.addresses import local_path
from streamdepth.cluster.executor import Executor
from streamdepth.cluster.kept import MARK, is_mark, leaves, needs
from streamdepth.cluster.store import Facts, Store, StoreError, facts_of, glimpse_of
from streamdepth.cluster.tasks import Answer, Film, Leave, Needed, Task, Wanted
from streamdepth.counted import byte_size
from streamdepth.files import write_whole
from streamdepth.protocols import Notify
from streamdepth.run.places import network_files
from streamdepth.threads.aside import run_bounded

_LEFT = "store"
"""The file in a film's folder that says where else something of it lies."""
_PARTING = (
    "what workers hand on lies in {}; it is taken away at the end, "
    "or by the same command should this one be killed"
)


def place_in(store: str | None, mark: str) -> str | None:
    """The address in a store of what a film hands on."""
    return None if store is None else f"{store.rstrip('/')}/{mark}"


def with_needed(film: Film, must_stop: Callable[[], bool]) -> Film:
    """`film` with the files beside its folder that all workers read, as far as they are there.

    They are read, which takes minutes of a long film. Raises `SourceError`, and `StopRequested` soon after `must_stop`.
    """
    if film.store is None:
        return film
    spec, source, scenes = film.spec, local_path(str(film.spec.input.input)), film.spec.picture.scenes
    files = [
        ("input", source),
        *(("model", file) for file in network_files(spec.network.model)),
        ("scenes", scenes),
    ]
    there = [(role, path) for role, path in files if path is not None and path.is_file()]
    needed = tuple(Needed(role, path, _read(path, must_stop), glimpse_of(path)) for role, path in there)
    return replace(film, needed=needed)


def _read(path: Path, must_stop: Callable[[], bool]) -> Facts:
    call = partial(facts_of, path)
    return run_bounded(path.name, call, math.inf, discard=lambda _late: None, is_stopped=must_stop)


class Handed:
    """The command's side: what a film's folder has, is put into the store, and comes from there.

    Where there is no store, all machines see the folder, and there is nothing to do. `is_new` says that nothing of the
    film can be in the store yet. Raises `StoreError`.
    """

    def __init__(self, film: Film, notify: Notify, must_stop: Callable[[], bool], *, is_new: bool) -> None:
        self._film = film
        self._notify = notify
        self._store = Store(film.store, must_stop) if film.store is not None else None
        self._is_new = is_new
        self._there: set[str] = set()
        place, _, mark = ("" if self._store is None else self._store.name).rpartition("/")
        self.place = f"{place}, folder {mark}"
        """Where it lies in the store, as it is shown: within an address the log would hide the mark as a key."""
        self.has_put = not is_new
        """Whether something of the film may lie in the store."""

    def give(self, wanted: Wanted) -> None:
        """What a task needs."""
        for name in (MARK, *needs(wanted)) if self._store is not None else ():
            self._put(name, self._film.folder / name)

    def take(self, wanted: Wanted) -> None:
        """What it left."""
        if self._store is None:
            return
        for name in leaves(wanted):
            self._store.fetch(name, self._film.folder / name)
            self._there.add(name)

    def has_left(self, wanted: Wanted) -> bool:
        """Whether an earlier run of this film had it done, and did not come to take it; now it is here."""
        if self._store is None or self._is_new or not all(map(self._store.facts, leaves(wanted))):
            return False
        self.take(wanted)
        return True

    def bring(self, answers: list[Answer]) -> None:
        """The files that machines lack."""
        before = set(self._there)
        for lacks, machine in {one.lacks: one.machine.name for one in answers}.items():
            assert lacks is not None
            if lacks.name in before:
                raise StoreError(
                    f"{machine} does not find {lacks.name}, which was put into the store", "run it again"
                )
            size = byte_size(lacks.facts.size)
            self._notify(f"{machine} cannot read {lacks.path}: it is put into the store ({size})")
            self._put(lacks.name, lacks.path)

    def _put(self, name: str, path: Path) -> None:
        if name not in self._there:
            assert self._store is not None
            if self._is_new or self._store.facts(name) != facts_of(path):
                self._store.hand_on(path, name)
            self.has_put = True
            self._there.add(name)


@contextmanager
def handed(film: Film, executor: Executor, notify: Notify, must_stop: Callable[[], bool]) -> Iterator[Handed]:
    """Within it files are handed on; at its end what lies in the store, and on machines, is taken away."""
    if film.store is None:
        yield Handed(film, notify, must_stop, is_new=True)
        return
    is_new = left_in(film.folder) is None
    hands = Handed(film, notify, must_stop, is_new=is_new)
    write_whole(film.folder / _LEFT, film.store.encode())
    notify(_PARTING.format(hands.place))  # now, since a command that is killed says nothing any more
    try:
        yield hands
    finally:
        if hands.has_put:
            if not executor.everywhere(Task("the end", Leave(film), weight=0, threads=0)):
                notify("a machine may have kept files that it fetched; its next run removes them")
            take_away(film.folder, film.store, notify)
        else:
            (film.folder / _LEFT).unlink(missing_ok=True)


def left_in(folder: Path) -> str | None:
    """Where something of a film lies beside its folder; None is nowhere.

    All that lies there is going to be taken away, so that an address without a mark at its end is none of ours.
    """
    try:
        root = (folder / _LEFT).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    return root if is_mark(root.rpartition("/")[2]) else None


def take_away(folder: Path, root: str, notify: Notify) -> None:
    """Remove everything of a film at `root`; a failure is reported, not raised."""
    try:
        Store(root).remove()
        (folder / _LEFT).unlink(missing_ok=True)
    except StoreError as error:
        notify(f"what was put into the store is still there: {error}")
