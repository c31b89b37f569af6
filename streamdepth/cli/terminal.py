"""Standard output and error that are closed, or on a terminal that may close while a run goes on: no reason to fail."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def hold_standard_handles() -> None:
    """Point standard input, output and error at nothing where they are closed (`2>&-`, some schedulers).

    The next file that is opened would get the number, and a film what a library says on standard error.
    """
    for handle in range(3):
        try:
            os.fstat(handle)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def outlast_terminal() -> None:
    """From now on what is written to a terminal that has closed is lost, in any thread; SIGHUP reports it.

    The signal alone would come too late: a bar that moves in the moment before it would end the run.
    """
    if not hasattr(signal, "SIGHUP"):
        return  # Windows, which ends a program with its console
    if _is_terminal(sys.stdout):
        sys.stdout = _lasting(sys.stdout)
    if _is_terminal(sys.stderr):
        sys.stderr = _lasting(sys.stderr)


def _is_terminal(stream: TextIO | None) -> bool:
    return isinstance(stream, io.TextIOWrapper) and stream.isatty()


def _lasting(stream: TextIO) -> TextIO:
    stream.flush()
    raw = _Terminal(stream.fileno(), "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw), stream.encoding, stream.errors, line_buffering=True, write_through=True
    )


class _Terminal(io.FileIO):
    def write(self, data: ReadableBuffer, /) -> int:
        """All of it, where there is nobody any more to read it."""
        try:
            return super().write(data)
        except OSError as error:
            if error.errno != errno.EIO:  # what a terminal answers that has hung up
                raise
            return memoryview(data).nbytes
