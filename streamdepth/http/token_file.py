"""The tokens of a file, followed while a service runs: a new one is taken, and one that was withdrawn no more."""

from __future__ import annotations

import logging
from pathlib import Path

from streamdepth.errors import SinkError, UsageError
from streamdepth.http.tokens import Tokens
from streamdepth.said_once import SaidUntilBack
from streamdepth.threads.worker import Flag, Worker

logger = logging.getLogger(__name__)

LOOK_EVERY = 5.0
"""Seconds between two looks: Kubernetes brings a changed secret to its mounts within about a minute."""
ENDS_WITHIN = 1.0


class TokenFile:
    """Those that the file holds now, or held when it could last be read. Raises as `Tokens.read`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tokens = Tokens.read(path)
        self._told = SaidUntilBack(logger.warning)
        self._ending = Flag()
        self._worker = Worker("tokens", self._run, on_error=_log)

    def __bool__(self) -> bool:
        """One is asked for: a file without any is refused."""
        return True

    def allow(self, given: str) -> bool:
        """See `Tokens.allow`; from any thread."""
        return self._tokens.allow(given)

    def start(self) -> None:
        """Follow the file from now on."""
        self._worker.start()

    def close(self) -> None:
        """Follow it no more."""
        self._ending.set()
        self._worker.is_running(ENDS_WITHIN)

    def look(self) -> None:
        """Take what the file holds now: a mount of secrets replaces it as a whole, so its name is what counts."""
        try:
            tokens = Tokens.read(self._path)
        except (SinkError, UsageError) as error:
            self._told.away("the tokens stay as they were: %s", error)
            return
        self._told.back()
        if tokens != self._tokens:
            self._tokens = tokens
            logger.info("the tokens in %s were changed: there are now %d", self._path, len(tokens.secrets))

    def _run(self) -> None:
        while not self._ending.wait(LOOK_EVERY):
            self.look()


def _log(error: BaseException) -> None:
    logger.error("the file of tokens is not followed any more: %s", error)
