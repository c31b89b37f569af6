"""The jobs of a service: taken, rendered one after the other in a thread, watched, cancelled, and cleared away."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from streamdepth.errors import Overloaded, StageStuck, StreamdepthError
from streamdepth.reporting.events import Event, FrameWritten, RunBegan
from streamdepth.run.engines import Engines
from streamdepth.run.run import Run
from streamdepth.run.spec import InputSpec, NetworkSpec, OutputSpec, PictureSpec, RunSpec
from streamdepth.server.jobs.folder import Folder
from streamdepth.server.jobs.record import Record, State
from streamdepth.server.jobs.store import Store
from streamdepth.threads.worker import Flag, Lock, Worker, stuck

logger = logging.getLogger(__name__)

LOOK_EVERY = 0.2
CLEAR_EVERY = 600.0
TELL_EVERY = 0.5
"""Seconds between two records of progress."""


class Jobs:
    """All jobs in a folder; `engines` gives each run its engine. `changed` is called after each change, in any thread.

    Jobs that a process left unfinished wait again, and go on where they were. Raises `SinkError` where the folder
    cannot be used, or another service works in it.
    """

    def __init__(
        self,
        folder: Folder,
        kept_seconds: float,
        changed: Callable[[], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.folder = folder
        self._kept = kept_seconds
        self._changed = changed
        self._clock = clock
        self._store = Store(folder.base)
        self._lock = Lock()
        self._ending = Flag()
        self._wake = Flag()
        self._running: tuple[str, Run] | None = None
        self._worker: Worker | None = None
        for record in self._store.all():
            self._store.put(record.found(clock()))
        folder.sweep(record.id for record in self._store.all())

    def begin(self, engines: Engines) -> None:
        """From now on jobs are done."""
        self._worker = Worker("jobs", lambda: self._work(engines), on_error=_log).start()

    def find(self, identity: str) -> Record | None:
        """The record of a job."""
        return self._store.get(identity)

    def waiting(self) -> int:
        """How many are to be done."""
        return len(self._store.waiting())

    def add(self, record: Record) -> Record:
        """Take a job whose upload is on disk; its own record, or the one that there was of its id."""
        if self._store.add(record):
            self._wake.set()
            self._changed()
            return record
        there = self._store.get(record.id)
        return there if there is not None else self.add(record)

    def cancel(self, identity: str) -> bool:
        """End a job and remove all of it; False where there is none."""
        with self._lock:
            record = self._store.get(identity)
            if record is None:
                return False
            if not record.is_over:
                self._store.put(record.moved(State.CANCELLED, self._clock()))
            running = self._running
            is_running = running is not None and running[0] == identity
            if is_running and running is not None:
                running[1].stop()
        if not is_running:
            self._forget(identity)
        self._changed()
        return True

    def close(self, patience: float) -> None:
        """Break off what runs, which goes on with the next service; raises `StageStuck` where that takes too long."""
        self._ending.set()
        self._wake.set()
        give_up_at = time.monotonic() + patience
        try:
            while self._worker is not None and self._worker.is_running(LOOK_EVERY):
                with self._lock:
                    if self._running is not None:
                        self._running[1].stop()  # again: at its very beginning a run hears of nothing
                if time.monotonic() > give_up_at:
                    raise stuck(self._worker.name, patience)
        finally:
            self._store.close()

    def _work(self, engines: Engines) -> None:
        cleared = float("-inf")
        while not self._ending.is_set():
            if time.monotonic() - cleared > CLEAR_EVERY:
                self.clear()
                cleared = time.monotonic()
            waiting = self._store.waiting()
            if waiting:
                self._do(waiting[0], engines)
            else:
                self._wake.wait(LOOK_EVERY)
                self._wake.clear()

    def _do(self, record: Record, engines: Engines) -> None:
        run = self._begun(record, engines)
        if run is None:
            return
        state, reason = State.DONE, ""
        try:
            written = run.execute().written
            self.progress(record.id, written, written, 0.0)
        except (Overloaded, StageStuck) as error:  # pictures took all lanes: it goes on later
            state, reason = State.WAITING, str(error)
        except StreamdepthError as error:
            state, reason = State.FAILED, str(error)
        except Exception:
            logger.exception("job %s failed", record.id)
            state, reason = State.FAILED, "the service failed (its log says why)"
        self._end(record.id, state, reason)

    def _begun(self, record: Record, engines: Engines) -> Run | None:
        try:
            run = Run(self._spec(record), observe=_Progress(record.id, self), engines=engines)
        except StreamdepthError as error:
            self._store.put(record.moved(State.RUNNING, self._clock()))
            self._end(record.id, State.FAILED, str(error))
            return None
        with self._lock:
            now = self._store.get(record.id)
            if now is None or now.state is not State.WAITING or self._ending.is_set():
                return None  # cancelled meanwhile
            self._store.put(now.moved(State.RUNNING, self._clock()))
            self._running = (record.id, run)
        self._changed()
        return run

    def _end(self, identity: str, state: State, reason: str) -> None:
        with self._lock:
            self._running = None
            record = self._store.get(identity)
            is_there = self.folder.result(identity).exists()
            if record is not None and not record.is_over:
                if state is State.DONE and not is_there:
                    state = State.WAITING  # it was broken off
                self._store.put(record.moved(state, self._clock(), self._plain(record, reason)))
        if record is None or record.state is State.CANCELLED:
            self._forget(identity)
        self._changed()

    def _plain(self, record: Record, reason: str) -> str:
        """A sentence without the paths of this machine."""
        names = {self.folder.upload(record): "the film", self.folder.result(record.id): "the result"}
        for path, name in names.items():
            reason = reason.replace(str(path), name)
        return reason.replace(str(self.folder.root), "the folder of jobs")

    def _spec(self, record: Record) -> RunSpec:
        wishes = record.wishes
        return RunSpec(
            input=InputSpec(input=str(self.folder.upload(record))),
            output=OutputSpec(output=self.folder.result(record.id), resume=True),
            picture=PictureSpec(layout=wishes.layout, colormap=wishes.colormap),
            network=NetworkSpec(),
        )

    def progress(self, identity: str, frames: int, of: int | None, seconds_left: float | None) -> None:
        """So many frames of a job are done; one that nobody wants any more is ended."""
        with self._lock:
            record = self._store.get(identity)
            if record is None or record.state is not State.RUNNING:
                if self._running is not None:
                    self._running[1].stop()
                return
            self._store.put(record.progressed(frames, of, seconds_left))
        self._changed()

    def clear(self) -> None:
        """Remove what ended long ago."""
        for record in self._store.all():
            if record.ended is not None and record.ended < self._clock() - self._kept:
                self._forget(record.id)

    def _forget(self, identity: str) -> None:
        self._store.delete(identity)
        self.folder.remove(identity)


class _Progress:
    """Hears of a run, and tells now and then how far it is."""

    def __init__(self, identity: str, jobs: Jobs) -> None:
        self._id = identity
        self._jobs = jobs
        self._of: int | None = None
        self._began = self._told = time.monotonic()

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunBegan):
            self._of = event.frames
            self._began = time.monotonic()
        if isinstance(event, FrameWritten):
            now = time.monotonic()
            if now - self._told >= TELL_EVERY:
                self._told = now
                self._jobs.progress(self._id, event.count, self._of, self._left(event.count, now))

    def _left(self, done: int, now: float) -> float | None:
        if self._of is None or not done:
            return None
        return round(max(0, self._of - done) * (now - self._began) / done, 1)


def _log(error: BaseException) -> None:
    logger.error("jobs are not done any more: %s", error)
