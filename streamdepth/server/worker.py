"""`streamdepth worker` as a whole: it loads its network, and does the jobs that services share with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamdepth.errors import SinkError, UsageError
from streamdepth.run.network.engines import RunEngine
from streamdepth.server.jobs.opening import open_jobs
from streamdepth.server.jobs.work import Work
from streamdepth.server.settings import JobLimits, Limits
from streamdepth.threads.worker import Flag, wait_for

PATIENCE = 20.0
"""Seconds for a film to be closed so that another goes on with it."""
_USUAL = Limits()


class JobWorker:
    """Does the jobs in a folder, whose records are at `store`, with one network for all.

    Raises `UsageError` where no store is named that a service could share, and `SinkError` where it cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        store: str,
        load: Callable[[], RunEngine],
        kept_seconds: float = JobLimits.kept_seconds,
        limits: Limits = _USUAL,
    ) -> None:
        if not store:
            raise UsageError(
                "a worker shares its jobs with a service", "name their Redis: --jobs-store redis://HOST:PORT"
            )
        if not folder.is_dir():
            raise SinkError(
                f"there is no folder {folder}",
                "name that of the service's --jobs, as it is seen on this machine",
            )
        self._jobs = open_jobs(folder, store, kept_seconds)
        if not self._jobs.folder.takes_files():
            self._jobs.store.close()
            raise SinkError(
                f"{folder} is not writable", "let this worker's user write there, as the service's"
            )
        self._load = load
        self._limits = limits
        self._ending = Flag()
        self._failure: BaseException | None = None

    def run(self, on_ready: Callable[[RunEngine], None] = lambda _engine: None) -> None:
        """Load the network, say so to `on_ready`, and do jobs until `stop`; raises what ended it otherwise."""
        try:
            engine = self._load()
            work = Work(self._jobs, lambda network, cache_dir, observe: engine, self._limits)
            self._jobs.store.listen(work.look)
            work.start(self._fail)
            on_ready(engine)
            wait_for(self._ending)
            work.close(PATIENCE)
        finally:
            self._jobs.store.close()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> bool:
        """Ask it to end: what it does is gone on with by another. From any thread, also from a signal."""
        self._ending.set()
        return True

    def _fail(self, error: BaseException) -> None:
        self._failure = error
        self._ending.set()
