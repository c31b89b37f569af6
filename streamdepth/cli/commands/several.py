"""What a batch and a group of cameras have in common on the command line: signals, report, table, exit status."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from streamdepth.batch.outcome import Outcome
from streamdepth.cli.batch_words import exit_status, table
from streamdepth.cli.commands.run_words import Reports, reported
from streamdepth.cli.signals import Stoppable, handled_signals
from streamdepth.reporting.console import ErrorConsole
from streamdepth.reporting.logs import log_info

AtEnd = Callable[[Sequence[Outcome], float], None]
"""Gets the outcomes, and the seconds that all took."""


class Several(Stoppable, Reports, Protocol):
    """Several runs that are executed together."""

    @property
    def outcomes(self) -> Sequence[Outcome]:
        """What became of each so far."""

    def execute(self) -> object:
        """Do it all."""


def execute(several: Several, console: ErrorConsole, at_end: AtEnd | None, *, leaves_parts: bool) -> int:
    """The exit status of all together, with a table of them however it ends; raises what `several.execute` raises."""
    began = time.monotonic()
    try:
        signals = handled_signals(several, several.write_report, leaves_parts=leaves_parts)
        with signals as received, reported(several):
            several.execute()
    finally:
        seconds = time.monotonic() - began
        for line in table(several.outcomes, seconds):
            log_info(console, line, plain=True)
        if at_end is not None:
            at_end(several.outcomes, seconds)
    return 128 + received[0] if received else exit_status(several.outcomes)
