"""What is done for a job, by what was uploaded, and how far it is."""

from __future__ import annotations

import time
from typing import Protocol

from streamdepth.jobs.job import BegunOtherwise
from streamdepth.reporting.events import Event, FrameWritten, RunBegan
from streamdepth.run.engines import Engines
from streamdepth.run.run import Run
from streamdepth.run.spec import InputSpec, NetworkSpec, OutputSpec, PictureSpec, RunSpec
from streamdepth.server.jobs.folder import Folder
from streamdepth.server.jobs.record import Record


class Task(Protocol):
    """Work on one upload, which leaves a result, or what another goes on with."""

    def stop(self) -> object:
        """Break it off; from any thread."""

    def execute(self) -> object:
        """Do it all; raises `StreamdepthError`."""


class Progress:
    """Hears of a run in its thread; any other may ask."""

    def __init__(self) -> None:
        self._done = self._before = 0
        self._of: int | None = None
        self._began = time.monotonic()
        self._left: float | None = None

    def __call__(self, event: Event) -> None:
        """As an `Observe`."""
        if isinstance(event, RunBegan):
            self.begin(event.done_before, event.frames)
        if isinstance(event, FrameWritten):
            self.reached(event.count)

    def begin(self, before: int, to_come: int | None) -> None:
        """So many were done before, and so many are to come."""
        self._before = self._done = before
        self._of = None if to_come is None else before + to_come
        self._began = time.monotonic()

    def reached(self, count: int) -> None:
        """So many are done of those that were to come."""
        self._done = self._before + count
        if self._of is not None and count:
            seconds = time.monotonic() - self._began
            self._left = round(max(0, self._of - self._done) * seconds / count, 1)

    def noted(self, record: Record) -> Record:
        """A record that says how far it is; the same where it does already."""
        if (record.frames, record.of) == (self._done, self._of) or not self._done:
            return record
        return record.progressed(self._done, self._of, self._left)


def task_of(record: Record, folder: Folder, engines: Engines, progress: Progress) -> Task:
    """The task of a job."""
    return Film(record, folder, engines, progress)


class Film:
    """A run that goes on where an earlier one ended; where that was another machine's, from the start."""

    def __init__(self, record: Record, folder: Folder, engines: Engines, progress: Progress) -> None:
        self._record = record
        self._folder = folder
        self._engines = engines
        self._progress = progress
        self._is_stopped = False
        self._run = self._new_run(resume=True)

    def stop(self) -> bool:
        """Break the run off."""
        self._is_stopped = True
        return self._run.stop()

    def execute(self) -> None:
        """See `Task`."""
        try:
            self._run.execute()
        except BegunOtherwise:
            self._run = self._new_run(resume=False)
            if not self._is_stopped:
                self._run.execute()

    def _new_run(self, *, resume: bool) -> Run:
        wishes = self._record.wishes
        spec = RunSpec(
            input=InputSpec(input=str(self._folder.upload(self._record))),
            output=OutputSpec(output=self._folder.result(self._record), resume=resume),
            picture=PictureSpec(layout=wishes.layout, colormap=wishes.colormap),
            network=NetworkSpec(),
        )
        return Run(spec, observe=self._progress, engines=self._engines)
