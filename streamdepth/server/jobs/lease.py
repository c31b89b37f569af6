"""The right of one worker to do a job: renewed while it works, given up with its life, and lost where it was late."""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import TracebackType

from streamdepth.errors import SinkError
from streamdepth.said_once import SaidUntilBack
from streamdepth.server.jobs.progress import Progress
from streamdepth.server.jobs.record import Record
from streamdepth.server.jobs.store import Store
from streamdepth.threads.worker import Flag, Worker

logger = logging.getLogger(__name__)

LEASE = 30.0
"""Seconds for which a job is its worker's without a word of it: as long as nobody goes on with one that died."""
RENEWED = 10.0
"""Seconds of it that are used up before it is renewed."""
BEAT = 0.5
"""Seconds between two looks, and between two records of progress."""
ENDS_WITHIN = 10.0


class Lease:
    """Within it the lease of a job is renewed and its progress recorded, by a thread: a slow store delays no frame.

    `stop` is called, again and again, once the job is nobody's or another's: cancelled, or taken up again. While the
    store is away the work goes on.
    """

    def __init__(
        self, store: Store, record: Record, worker: str, progress: Progress, stop: Callable[[], object]
    ) -> None:
        self._store = store
        self._id = record.id
        self._worker = worker
        self._progress = progress
        self._stop = stop
        self._told = SaidUntilBack(logger.warning)
        self._over = Flag()
        self._look = Flag()
        self._thread = Worker("lease", self._beat, on_error=_log)

    def look(self) -> None:
        """Somebody changed something: look at once."""
        self._look.set()

    def __enter__(self) -> Lease:
        """Begin to renew it."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Renew it no more."""
        self._over.set()
        self._look.set()
        self._thread.join(ENDS_WITHIN)

    def _beat(self) -> None:
        while not self._over.is_set():
            try:
                now = self._store.change(self._id, self._renewed)
                if now is None or not now.is_done_by(self._worker):
                    self._stop()
                self._told.back()
            except SinkError as error:
                line = "job %s goes on, and its progress is not recorded: %s"
                self._told.away(line, self._id, error)
            self._look.wait(BEAT)
            self._look.clear()

    def _renewed(self, record: Record) -> Record:
        if not record.is_done_by(self._worker):
            return record
        noted = self._progress.noted(record)
        now = self._store.now()
        if noted is record and now + LEASE - RENEWED < record.until <= now + LEASE:
            return record  # else it is used up, or was written before the clock was set back
        return noted.leased(self._worker, now + LEASE)


def _log(error: BaseException) -> None:
    logger.error("a lease is not renewed any more: %s", error)
