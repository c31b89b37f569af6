"""The records of jobs, in SQLite: what was accepted is on disk, and outlives the process."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from streamdepth.errors import SinkError
from streamdepth.server.jobs.record import Record, State, Wishes
from streamdepth.threads.worker import Lock

_TABLE = """CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, state TEXT NOT NULL, made REAL NOT NULL, ended REAL, record TEXT NOT NULL)"""


class Store:
    """Records by their id, from any thread; one process alone opens a file. Raises `SinkError` where it cannot.

    Whatever is put is brought to disk before the call returns.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        with _errors(path):
            self._base = sqlite3.connect(path, timeout=1.0, isolation_level=None, check_same_thread=False)
            try:
                self._base.execute("PRAGMA locking_mode = EXCLUSIVE")
                self._base.execute("PRAGMA synchronous = FULL")
                self._base.execute("BEGIN EXCLUSIVE")
                self._base.execute(_TABLE)
                self._base.execute("COMMIT")
            except BaseException:
                self._base.close()
                raise

    def add(self, record: Record) -> bool:
        """Keep a new record; False where there is one of its id."""
        with self._lock, _errors(self._path):
            done = self._base.execute("INSERT OR IGNORE INTO jobs VALUES (?, ?, ?, ?, ?)", _row(record))
            return done.rowcount == 1

    def put(self, record: Record) -> None:
        """Keep what became of a record; one that was deleted stays so."""
        identity, *rest = _row(record)
        with self._lock, _errors(self._path):
            self._base.execute(
                "UPDATE jobs SET state = ?, made = ?, ended = ?, record = ? WHERE id = ?", (*rest, identity)
            )

    def get(self, identity: str) -> Record | None:
        """The record of an id."""
        rows = self._rows("SELECT record FROM jobs WHERE id = ?", identity)
        return next(iter(rows), None)

    def waiting(self) -> list[Record]:
        """Those that are to be done, the oldest first."""
        return self._rows("SELECT record FROM jobs WHERE state = ? ORDER BY made", State.WAITING.value)

    def all(self) -> list[Record]:
        """Every record, the oldest first."""
        return self._rows("SELECT record FROM jobs ORDER BY made")

    def delete(self, identity: str) -> None:
        """Forget a record."""
        with self._lock, _errors(self._path):
            self._base.execute("DELETE FROM jobs WHERE id = ?", (identity,))

    def close(self) -> None:
        """Let another process have the file."""
        with self._lock:
            self._base.close()

    def _rows(self, query: str, *values: str) -> list[Record]:
        with self._lock, _errors(self._path):
            return [_record(text) for (text,) in self._base.execute(query, values)]


def _row(record: Record) -> tuple[str, str, float, float | None, str]:
    told = json.dumps(asdict(record) | {"state": record.state.value})
    return record.id, record.state.value, record.made, record.ended, told


def _record(text: str) -> Record:
    told = json.loads(text)
    return Record(**(told | {"state": State(told["state"]), "wishes": Wishes(**told["wishes"])}))


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise SinkError(
                f"another service works in {path.parent}", "give this one another --jobs"
            ) from error
        raise SinkError(f"cannot keep jobs in {path}: {error}", "look at the disk and its rights") from error
    except sqlite3.DatabaseError as error:
        raise SinkError(f"{path} holds no jobs: {error}", "move it away, or name another --jobs") from error
