"""Records in SQLite, for the one process that takes the jobs and does them."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from streamdepth.errors import SinkError
from streamdepth.server.jobs.record import Record
from streamdepth.server.jobs.store import Change, OnChange, StoreFull, packed, unpacked
from streamdepth.threads.worker import Lock

_TABLE = """CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, settled INTEGER NOT NULL, made REAL NOT NULL, record TEXT NOT NULL)"""
_INDEX = "CREATE INDEX IF NOT EXISTS unsettled ON jobs (made) WHERE NOT settled"


class SqliteStore:
    """A `Store` in a file, which one process alone opens. Raises `SinkError` where it cannot.

    Leases of an earlier process are over: that it has ended is why this one could open the file.
    """

    is_shared = False

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._lock = Lock()
        self._call: OnChange = lambda _is_move: None
        with _errors(path):
            self._base = sqlite3.connect(path, timeout=1.0, isolation_level=None, check_same_thread=False)
            try:
                self._begin()
                self._file = path.stat()
            except BaseException:
                self._base.close()
                raise

    def _begin(self) -> None:
        self._base.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._base.execute("PRAGMA synchronous = FULL")
        self._base.execute("BEGIN EXCLUSIVE")
        self._base.execute(_TABLE)
        self._base.execute(_INDEX)
        for record in self._rows("SELECT record FROM jobs WHERE NOT settled"):
            self._put(record.leased("", 0.0))
        self._base.execute("COMMIT")

    def now(self) -> float:
        """See `Store`."""
        return self._clock()

    def add(self, record: Record) -> bool:
        """See `Store`."""
        self._check_there()
        with self._lock, _errors(self._path):
            done = self._base.execute("INSERT OR IGNORE INTO jobs VALUES (?, ?, ?, ?)", _row(record))
            is_new = done.rowcount == 1
        self._call(True)
        return is_new

    def get(self, identity: str) -> Record | None:
        """See `Store`."""
        with self._lock:
            return self._get(identity)

    def change(self, identity: str, change: Change) -> Record | None:
        """See `Store`."""
        with self._lock:
            record = self._get(identity)
            if record is None:
                return None
            changed = change(record)
            if changed is record:
                return record
            with _errors(self._path):
                self._put(changed)
        if changed.version != record.version:
            self._call(changed.state is not record.state)
        return changed

    def unsettled(self) -> list[Record]:
        """See `Store`."""
        with self._lock:
            return self._rows("SELECT record FROM jobs WHERE NOT settled ORDER BY made")

    def all(self) -> list[Record]:
        """See `Store`."""
        with self._lock:
            return self._rows("SELECT record FROM jobs ORDER BY made")

    def newest(self) -> float:
        """See `Store`."""
        with self._lock, _errors(self._path):
            (newest,) = self._base.execute("SELECT MAX(made) FROM jobs WHERE NOT settled").fetchone()
        return newest or 0.0

    def delete(self, record: Record) -> None:
        """See `Store`."""
        with self._lock, _errors(self._path):
            there = self._get(record.id)
            if there is None or there.place != record.place:
                return
            self._base.execute("DELETE FROM jobs WHERE id = ?", (record.id,))
        self._call(True)

    def listen(self, call: OnChange) -> None:
        """See `Store`."""
        self._call = call

    def close(self) -> None:
        """Let another process have the file."""
        with self._lock:
            self._base.close()

    def _check_there(self) -> None:
        """Raise `SinkError` where the file was deleted or replaced: what is written goes with this process."""
        try:
            is_there = os.path.samestat(self._path.stat(), self._file)
        except OSError:
            is_there = False
        if not is_there:
            raise SinkError(f"{self._path} was deleted or replaced", "start this service again")

    def _get(self, identity: str) -> Record | None:
        return next(iter(self._rows("SELECT record FROM jobs WHERE id = ?", identity)), None)

    def _put(self, record: Record) -> None:
        identity, *rest = _row(record)
        self._base.execute(
            "UPDATE jobs SET settled = ?, made = ?, record = ? WHERE id = ?", (*rest, identity)
        )

    def _rows(self, query: str, *values: str) -> list[Record]:
        with _errors(self._path):
            return [unpacked(text) for (text,) in self._base.execute(query, values)]


def _row(record: Record) -> tuple[str, bool, float, str]:
    return record.id, record.is_settled, record.made, packed(record)


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise SinkError(
                f"another service works in {path.parent}", "give this one another --jobs"
            ) from error
        if "is full" in str(error):
            raise StoreFull(f"there is no room for jobs in {path}", "make some, and ask again") from error
        raise SinkError(
            f"cannot keep jobs in {path}: {error}", "check the disk and its permissions"
        ) from error
    except sqlite3.DatabaseError as error:
        raise SinkError(f"{path} holds no jobs: {error}", "move it away, or name another --jobs") from error
