"""What is done for a job, by what was uploaded, and how far it is."""

from __future__ import annotations

import logging
from typing import Protocol

from streamdepth.rendering.colormaps import COLORMAPS
from streamdepth.rendering.layouts.registry import LAYOUTS
from streamdepth.reporting.events import Event, RunBegan, Said
from streamdepth.resuming.resumable_output import BegunOtherwise
from streamdepth.run.network.engines import Engines
from streamdepth.run.run import Run
from streamdepth.run.spec import InputSpec, NetworkSpec, OutputSpec, PictureSpec, RunSpec
from streamdepth.server.jobs.films import SUFFIXES
from streamdepth.server.jobs.folder import Folder
from streamdepth.server.jobs.pictures import FORMS, Pictures
from streamdepth.server.jobs.progress import Progress
from streamdepth.server.jobs.record import Record
from streamdepth.server.settings import Limits

logger = logging.getLogger(__name__)


class Task(Protocol):
    """Work on one upload, which leaves a result, or what another goes on with."""

    def stop(self) -> object:
        """Break it off; from any thread."""

    def execute(self) -> object:
        """Do it all; raises `StreamdepthError`."""


def is_known(record: Record) -> bool:
    """Whether this release knows all that is wished of a job, and what was uploaded: else another one does it."""
    wishes = record.wishes
    known = wishes.layout in LAYOUTS and wishes.colormap in COLORMAPS and wishes.form in FORMS
    return known and record.suffix in SUFFIXES and not wishes.more


def task_of(record: Record, folder: Folder, engines: Engines, progress: Progress, limits: Limits) -> Task:
    """The task of a job; raises `StreamdepthError` where that cannot even begin."""
    if record.is_archive:
        return Pictures(record, folder, engines, progress, limits)
    return Film(record, folder, engines, progress)


class Film:
    """A run that goes on where an earlier one ended; where that was another machine's, from the start."""

    def __init__(self, record: Record, folder: Folder, engines: Engines, progress: Progress) -> None:
        self._record = record
        self._folder = folder
        self._engines = engines
        self._progress = progress
        self._is_stopped = False
        self._has_begun = False
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
        return Run(spec, observe=self._observe, engines=self._engines)

    def _observe(self, event: Event) -> None:
        self._has_begun = self._has_begun or isinstance(event, RunBegan)
        # Before it begins, each film says that nothing can be resumed.
        if isinstance(event, Said) and self._has_begun:
            level = logging.WARNING if event.is_warning else logging.INFO
            logger.log(level, "job %s: %s", self._record.id, event.line)
        self._progress(event)
