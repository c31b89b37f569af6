"""Ctrl-C before a run handles signals itself: remembered, since the exception that Python raises for it may be lost.

A library written in C that is being loaded turns it into an ImportError of its own, and in a callback of the garbage
collector Python prints it and goes on.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType

_ended_by: int | None = None


def remember_interrupts() -> None:
    """From now on, but not where Ctrl-C is ignored, as behind `&` in a script, or handled by somebody else."""
    sys.unraisablehook = _say_unraisable
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)


def ends_by(number: int) -> None:
    """Remember that an exception is raised now by which the process ends, because of this signal."""
    global _ended_by
    _ended_by = number


def ended_by() -> int | None:
    """The signal because of which the process is to end: what fails after it fails because of it."""
    return _ended_by


def _interrupt(number: int, _frame: FrameType | None) -> None:
    ends_by(number)
    raise KeyboardInterrupt


def _say_unraisable(lost: sys.UnraisableHookArgs) -> None:
    if _ended_by is None or not issubclass(lost.exc_type, (KeyboardInterrupt, SystemExit)):
        sys.__unraisablehook__(lost)
