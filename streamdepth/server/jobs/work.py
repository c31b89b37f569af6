"""Does the jobs of a store, one after the other, in as many processes as there are: each is leased to one of them."""

from __future__ import annotations

import logging
import secrets
import socket
import time
from collections.abc import Callable

from streamdepth.errors import DiskFull, Overloaded, SinkError, StageStuck, StreamdepthError
from streamdepth.files import Taken
from streamdepth.run.network.engines import Engines
from streamdepth.said_once import SaidUntilBack
from streamdepth.server.jobs.jobs import Jobs
from streamdepth.server.jobs.lease import LEASE, Lease
from streamdepth.server.jobs.progress import Progress
from streamdepth.server.jobs.record import Record, State
from streamdepth.server.jobs.tasks import Task, is_known, task_of
from streamdepth.server.settings import Limits
from streamdepth.threads.worker import Flag, Worker, stuck

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks for jobs, hints or not."""
AWAY = 1.0
"""Seconds until a store that does not answer is asked again."""
STOPPING = 0.2


class Work:
    """Takes jobs and does them. `engines` gives each its engine.

    What a process leaves unfinished, whatever ended it, is gone on with by another.
    """

    def __init__(self, jobs: Jobs, engines: Engines, limits: Limits) -> None:
        self.name = f"{socket.gethostname()}-{secrets.token_hex(4)}"
        self._jobs = jobs
        self._engines = engines
        self._limits = limits
        self._ending = Flag()
        self._wake = Flag()
        self._task: Task | None = None
        self._lease: Lease | None = None
        self._told = SaidUntilBack(logger.warning)
        self._worker: Worker | None = None

    def start(self, on_error: Callable[[BaseException], None]) -> None:
        """From now on jobs are done, in a thread; `on_error` is called in it if that cannot go on."""
        self._worker = Worker("jobs", self._run, on_error=on_error).start()

    def look(self, is_move: bool) -> None:
        """Look at once where a job came, moved or went. From any thread."""
        if not is_move:
            return
        self._wake.set()
        if (lease := self._lease) is not None:
            lease.look()

    def close(self, patience: float) -> None:
        """Break off what runs, which another process goes on with; raises `StageStuck` where that takes too long."""
        self._ending.set()
        self._wake.set()
        give_up_at = time.monotonic() + patience
        while self._worker is not None and self._worker.is_running(STOPPING):
            if (task := self._task) is not None:
                task.stop()  # again: a run that is just starting ignores it
            if time.monotonic() > give_up_at:
                raise stuck(self._worker.name, patience)

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                self._turn()
            except SinkError as error:
                self._told.away("%s", error)
                self._ending.wait(AWAY)

    def _turn(self) -> None:
        record = self._next()
        self._told.back()
        if record is not None:
            self._do(record)
        else:
            self._wake.wait(LOOK_EVERY)
            self._wake.clear()

    def _next(self) -> Record | None:
        """The oldest job that nobody does, from now on done by this one."""
        store = self._jobs.store
        for record in store.unsettled():
            if _may_take(record, store.now()) and not self._ending.is_set():
                now = store.change(record.id, self._taken)
                if now is not None and now.is_done_by(self.name):
                    return now
        return None

    def _taken(self, record: Record) -> Record:
        now = self._jobs.store.now()
        if not _may_take(record, now):
            return record  # another one was faster
        found = record.found(now)
        return found if found.is_over else found.taken(self.name, now, now + LEASE)

    def _do(self, record: Record) -> None:
        progress = Progress()
        result = self._jobs.folder.result(record)
        change: Callable[[Record], Record]
        try:
            task = self._task = task_of(record, self._jobs.folder, self._engines, progress, self._limits)
            with Lease(self._jobs.store, record, self.name, progress, task.stop) as self._lease:
                if self._ending.is_set():
                    task.stop()
                task.execute()
            # a result that is there is whole; without one it was broken off
            change = self._moved(State.DONE if result.exists() else State.WAITING)
        except (
            Overloaded,
            StageStuck,
            Taken,
        ) as error:  # pictures took all lanes, or one that was given up goes on
            change = self._put_off(self._plain(record, error.what))
        except DiskFull as error:
            change = self._put_off(_without_room(record, error))
        except StreamdepthError as error:
            if not self._jobs.store.is_shared:
                change = self._moved(State.FAILED, self._plain(record, str(error)))
            elif not self._jobs.folder.has_upload(record):
                change = self._put_off(self._without_upload(record))
            elif not self._jobs.folder.takes_files(record):
                change = self._put_off(_without_right(record, error))
            else:
                change = self._moved(State.FAILED, self._plain(record, str(error)))
        except Exception:
            logger.exception("job %s failed", record.id)
            change = self._moved(State.FAILED, "the service failed (its log says why)")
        finally:
            self._task = self._lease = None
        self._end(record, lambda now: change(progress.noted(now)))

    def _end(self, record: Record, change: Callable[[Record], Record]) -> None:
        """Note how it ended; while the store is away, as long as it takes, or until this process is to end."""
        while True:
            try:
                now = self._jobs.store.change(
                    record.id, lambda one: change(one) if one.is_done_by(self.name) else one
                )
                if now is None:
                    self._jobs.folder.remove(record.place)
                elif now.state is State.CANCELLED:
                    self._jobs.forget(now)
                return
            except SinkError as error:
                self._told.away("%s", error)
                if self._ending.wait(AWAY):
                    return

    def _moved(self, state: State, reason: str = "") -> Callable[[Record], Record]:
        return lambda record: record.moved(state, self._jobs.store.now(), reason)

    def _put_off(self, reason: str) -> Callable[[Record], Record]:
        def change(record: Record) -> Record:
            now = self._jobs.store.now()
            return record.put_off(now, now + LEASE, reason)

        return change

    def _without_upload(self, record: Record) -> str:
        """Log that the upload is not in the folder here, which may not be that of the service; return the reason."""
        there = self._jobs.folder.root
        logger.warning(
            "job %s waits: its upload is not in %s (is that the folder of the service?)", record.id, there
        )
        return "its upload is not where a worker looks for it; it is tried again"

    def _plain(self, record: Record, reason: str) -> str:
        """A sentence without the paths of this machine."""
        folder = self._jobs.folder
        names = {folder.upload(record): "the upload", folder.result(record): "the result"}
        for path, name in names.items():
            reason = reason.replace(str(path), name)
        return reason.replace(str(folder.root), "the folder of jobs")


def _without_room(record: Record, error: DiskFull) -> str:
    """Log that there is no room for what comes of a job; return the reason."""
    logger.warning("job %s waits: %s", record.id, error)
    return "there is too little room on the disk of this service; it is tried again"


def _without_right(record: Record, error: StreamdepthError) -> str:
    """Log that nothing can be written for a job here, which another worker may; return the reason."""
    logger.warning("job %s waits: %s", record.id, error.what)
    return "a worker cannot write where its upload is; it is tried again"


def _may_take(record: Record, now: float) -> bool:
    return record.may_be_taken(now) and is_known(record)
