"""The jobs of a folder, with their records where they are meant to be."""

from __future__ import annotations

from pathlib import Path

from streamdepth.server.jobs.folder import Folder
from streamdepth.server.jobs.jobs import Jobs
from streamdepth.server.jobs.redis_store import RedisStore
from streamdepth.server.jobs.sqlite_store import SqliteStore
from streamdepth.server.jobs.store import Store


def open_jobs(root: Path, store: str, kept_seconds: float) -> Jobs:
    """The jobs in `root`; `store` is the address of a Redis, or empty for records beside them.

    Raises `UsageError` and `SinkError` where one of them cannot be used.
    """
    folder = Folder(root)
    opened: Store = RedisStore(store) if store else SqliteStore(folder.base)
    try:
        return Jobs(folder, opened, kept_seconds)
    except BaseException:
        opened.close()
        raise
