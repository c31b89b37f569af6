"""Keeps the packets that a viewer gets, as they came, with the descriptions of their depth."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from av.error import FFmpegError

from streamdepth.depthfiles.stacked import DepthDescription
from streamdepth.depthfiles.stacked_film import StackedWriter
from streamdepth.ffmpeg.matroska import PlainFile
from streamdepth.files import OutputFile, disk_errors, from_os_error
from streamdepth.sources.browser.sent_video import SentPicture, is_keyframe

MOST_WAITING = 1000
"""Pictures that wait for a word of their depth, which comes by another way."""


class Recording:
    """One file, under its name from the start: what is written of it plays at any moment. All by one thread.

    A name that is taken gets a number. Raises `SinkError` where it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._file = OutputFile.numbered(path)
        self.path = self._file.path
        with disk_errors(self.path):
            self._raw = PlainFile(self._file.open_raw())
        self._writer: StackedWriter | None = None
        self._waiting: list[tuple[SentPicture, float]] = []
        self._next: int | None = None
        self._lost = 0

    def add(self, sent: SentPicture, at: float, description: DepthDescription | None) -> None:
        """A picture that was decoded, shown `at` seconds of any clock; `description` is None until there is one."""
        if is_keyframe(sent.codec, sent.data) and self._writer is None:
            self._waiting.clear()
        self._waiting = [*self._waiting, (sent, at)][-MOST_WAITING:]
        if description is not None:
            with self._errors():
                self._write(description)

    def close(self) -> None:
        """Complete it."""
        try:
            with self._errors():
                if self._writer is not None:
                    self._writer.close()
                self._raw.close()
        finally:
            self._file.release()

    def _write(self, description: DepthDescription) -> None:
        for sent, at in self._waiting:
            is_key = is_keyframe(sent.codec, sent.data)
            if self._writer is None:
                self._writer = StackedWriter(self._raw, sent.codec, sent.data, description, {})
            self._lost += 0 if self._next is None else sent.number - self._next
            self._next = sent.number + 1
            self._writer.add(sent.data, at, description, is_key=is_key, lost=self._lost)
        self._waiting.clear()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (FFmpegError, OSError) as error:
            self._writer = None  # it would go on writing where that failed
            self._raw.give_up()
            raise from_os_error(error, self.path) from error
