"""Events as JSON, one a line: a file of a film appears whole, one of a live input grows."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from streamdepth.delivery.deliverer import Deliverer
from streamdepth.delivery.standing import NotDelivered, Standing
from streamdepth.errors import SinkError
from streamdepth.files import OutputFile, check_output, disk_errors, from_os_error, is_stream, resolved
from streamdepth.said_once import Say
from streamdepth.sinks.events.event import Event


class FilmLines:
    """The events of a film: all of them, or an error. `write` takes each line, `end` whether all came."""

    def __init__(self, name: str, write: Callable[[bytes], object], end: Callable[[bool], None]) -> None:
        self._name = name
        self._write = write
        self._end = end
        self._count = 0
        self.failure: BaseException | None = None
        """There is no thread that could fail."""

    @classmethod
    def of_file(cls, path: Path) -> FilmLines:
        """A file that bears its name once it is whole; raises `SinkError`."""
        if is_stream(path):
            with disk_errors(path):
                return cls.of_stream(path.open("wb", buffering=0))
        output = OutputFile.begin(path)
        file = output.open()

        def end(complete: bool) -> None:
            with disk_errors(path):
                file.close()
                if complete:
                    output.finish()
                else:
                    output.release()

        return cls(str(path), file.write, end)

    @classmethod
    def of_stream(cls, stream: BinaryIO) -> FilmLines:
        """Standard output, or a pipe: each line is written when it is there."""

        def write(line: bytes) -> None:
            stream.write(line)
            stream.flush()

        return cls("standard output", write, lambda _complete: None)

    def put(self, event: Event) -> None:
        """Write one; raises `SinkError`."""
        self._guarded(lambda: self._write(event.line.encode() + b"\n"))
        self._count += 1

    def end(self) -> None:
        """Nothing waits."""

    def close(self, *, complete: bool) -> None:
        """End the file; raises `SinkError`."""
        self._guarded(lambda: self._end(complete))

    def figures(self) -> dict[str, Any]:
        """The figures of the deliverer."""
        return Standing(self._name, lambda _line, _trouble: None).figures(0, 0) | {"delivered": self._count}

    def _guarded(self, call: Callable[[], object]) -> None:
        try:
            call()
        except BrokenPipeError as error:
            raise SinkError(f"nobody reads {self._name} any more", "start again") from error
        except OSError as error:
            raise from_os_error(error, Path(self._name)) from error


class LiveLines:
    """The events of a live input, which waits for no disk and no reader."""

    def __init__(self, name: str, write: Callable[[bytes], None], say: Say) -> None:
        self._write = write
        self._lines: Deliverer[Event] = Deliverer("events-lines", self._deliver, Standing(name, say))

    @classmethod
    def of_file(cls, path: Path, say: Say) -> LiveLines:
        """Behind what the file holds already; raises `SinkError`."""
        check_output(path)
        if not is_stream(path):  # a pipe may get its reader later
            with disk_errors(path):
                os.close(_at_once(resolved(path), os.O_WRONLY | os.O_CREAT | os.O_APPEND))

        return cls(str(path), partial(_append, path), say)

    @classmethod
    def of_stream(cls, stream: BinaryIO, say: Say) -> LiveLines:
        """Standard output."""

        def write(line: bytes) -> None:
            stream.write(line)
            stream.flush()

        return cls("standard output", write, say)

    @property
    def failure(self) -> BaseException | None:
        """What ended its thread although it was not asked to."""
        return self._lines.failure

    def put(self, event: Event) -> None:
        """Let one be written."""
        self._lines.put(event)

    def end(self) -> None:
        """No more comes."""
        self._lines.end()

    def close(self, *, complete: bool) -> None:
        """Write what waits, in a bounded time."""
        self._lines.close()

    def figures(self) -> dict[str, Any]:
        """As the report has them."""
        return self._lines.figures()

    def _deliver(self, event: Event) -> None:
        try:
            self._write(event.line.encode() + b"\n")
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise NotDelivered(reason.lower()) from error


def _append(path: Path, line: bytes) -> None:
    """All of `line` or nothing: a disk takes what there is room for before it says that it is full.

    It is opened for each line: after the file was moved away, as by logrotate, a new one is begun.
    """
    with open(path, "ab", buffering=0, opener=_at_once) as file:
        start = file.tell() if file.seekable() else None
        try:
            while line:
                written = file.write(line)
                if written is None:
                    raise BlockingIOError(errno.EAGAIN, "nobody reads it")
                line = line[written:]
        except OSError:
            if start is not None:
                file.truncate(start)
            raise


def _at_once(path: str | Path, flags: int) -> int:
    """As `open` has its opener; a pipe without a reader is an error instead of a wait without end."""
    try:
        return os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError(errno.ENXIO, "nobody reads it") from error
        raise
