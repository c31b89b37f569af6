"""The end of a process in which a thread hangs, or still does what nobody waits for any more."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from typing import NoReturn


def a_thread_hangs() -> bool:
    """Whether Python must not end normally: see `left_behind`."""
    if "streamdepth.pipeline" not in sys.modules:
        return False  # nobody started any, and loading it takes longer than --help
    from streamdepth.threads.worker import left_behind

    return left_behind()


def leave_at_once(status: object) -> NoReturn:
    """End the process beside such a thread, with what was said and written kept, and the terminal as it was."""
    logging.shutdown()
    with contextlib.suppress(OSError, ValueError):
        _show_cursor()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            if stream is not None:
                stream.flush()
    os._exit(status if isinstance(status, int) else int(status is not None))


def _show_cursor() -> None:
    """A bar of that thread, which nobody takes away now, hid it."""
    if "rich.progress" not in sys.modules:
        return
    from streamdepth.reporting.console import ErrorConsole

    ErrorConsole().drawing.show_cursor()
