"""Clears away what nobody works on any more, in a thread of each service: no worker has to live for that."""

from __future__ import annotations

import logging
import time

from streamdepth.errors import SinkError
from streamdepth.said_once import SaidOnce
from streamdepth.server.jobs.jobs import Jobs
from streamdepth.threads.worker import Flag, Worker

logger = logging.getLogger(__name__)

LOOK_EVERY = 2.0
"""Seconds between two looks for jobs that were cancelled and whose worker is gone."""
CLEAR_EVERY = 600.0
"""Seconds between two looks for what is old."""
ENDS_WITHIN = 10.0


class Clearing:
    """Looks after the jobs of a store, and their files, until `close`."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._ending = Flag()
        self._say = SaidOnce(
            lambda line, trouble: logger.log(logging.WARNING if trouble else logging.INFO, line)
        )
        self._worker = Worker("clearing", self._run, on_error=_log)

    def start(self) -> None:
        """Begin."""
        self._worker.start()

    def close(self) -> None:
        """Look no more; what is being removed is, first."""
        self._ending.set()
        self._worker.is_running(ENDS_WITHIN)

    def _run(self) -> None:
        cleared, is_away = float("-inf"), False
        while not self._ending.is_set():
            try:
                self._jobs.end_left()
                if time.monotonic() - cleared > CLEAR_EVERY:
                    self._jobs.clear()
                    cleared = time.monotonic()
                if is_away:
                    self._say("jobs are cleared away again", trouble=False)
                is_away = False
            except SinkError as error:
                is_away = True
                self._say(f"jobs are cleared away later: {error}", trouble=True)
            self._ending.wait(LOOK_EVERY)


def _log(error: BaseException) -> None:
    logger.error("jobs are not cleared away any more: %s", error)
