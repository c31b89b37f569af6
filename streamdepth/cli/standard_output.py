"""Standard output that takes no more: its reader has gone (`| head`), or its disk is full."""

from __future__ import annotations

import io
import os
import select
import sys
from contextlib import suppress
from pathlib import Path

from streamdepth.addresses import redact
from streamdepth.reporting.logs import complain
from streamdepth.visible import visible

FAILURE = 1


def say(line: str) -> None:
    """Print a line for people at once, without secrets; a name in it stays on the line, whatever it holds."""
    print(visible(redact(line)), flush=True)


def buffer_output() -> None:
    """Have standard output buffered also where Python does not (`PYTHONUNBUFFERED`), but for no longer than a line.

    What could not be written is then there for the next flush, by which `is_of_output` knows whose error it was.
    """
    output = sys.stdout
    if isinstance(output, io.TextIOWrapper) and isinstance(output.buffer, io.RawIOBase):
        binary = io.BufferedWriter(io.FileIO(output.fileno(), "w", closefd=False))
        sys.stdout = io.TextIOWrapper(binary, output.encoding, output.errors, line_buffering=True)


def flush_failure() -> OSError | None:
    """Why what was printed cannot be written; None where it is. What is left of it is given up then."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        _give_up()
        return error
    return None


def is_of_output(error: OSError) -> bool:
    """Whether it is standard output that failed: what a flush could not write is there for the next one."""
    return flush_failure() is not None or (isinstance(error, BrokenPipeError) and _has_no_reader())


def complain_of_output(error: OSError) -> int:
    """The exit status; whoever closed a pipe wants no more of it, and no word either."""
    if not isinstance(error, BrokenPipeError):
        complain(
            f"standard output cannot be written: {(error.strerror or str(error)).lower()} (send it elsewhere)"
        )
    return FAILURE


def _has_no_reader() -> bool:
    if sys.stdout is None or not hasattr(select, "poll"):  # Windows
        return False
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    return any(events & select.POLLERR for _handle, events in poll.poll(0))


def _give_up() -> None:
    """Point standard output at nothing: else the interpreter tries once more when it ends, and complains itself."""
    with Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())
    with suppress(OSError):
        sys.stdout.flush()
