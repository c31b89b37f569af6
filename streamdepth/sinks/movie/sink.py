"""The movie sink: every frame with its own timestamp, beside all else that the source has."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from av.error import FFmpegError

from streamdepth.counted import fitted_sizes
from streamdepth.errors import DiskFull, SinkError, SourceError, StopRequested, StreamdepthError, UsageError
from streamdepth.files import OutputFile, from_os_error, part_path, resolved
from streamdepth.frames import Rendered, SourceInfo
from streamdepth.sinks.movie.borders import Borders
from streamdepth.sinks.movie.containers import CONTAINERS, Container, container_of
from streamdepth.sinks.movie.movie import Movie
from streamdepth.sinks.movie.options import MovieOptions

__all__ = ["MovieOptions", "MovieSink"]

_LAST_PICTURES = 2.0
"""Seconds for the pictures that are in the encoder when a run is broken off: it has eight to end."""


class MovieSink:
    """Writes rendered frames to a movie: MP4, Matroska, MOV or WebM, by its suffix.

    A source that is not live gives a whole file: the timestamps, rate, pixel shape and other tracks of the source, MP4
    and MOV ready for streaming (index first). It grows as `NAME.part.mp4` and gets its final name, replacing what was
    there, in one step when it is complete. If the run ends early the part is made playable and kept, see `kept`.

    A live source is recorded under its final name at once, in fragments of half a second: a killed process loses no
    more than the last one. An earlier recording stays: where `day.mp4` is there, this is `day-2.mp4`; see `path`. The
    first frame is at 0 s, and the others are as far from it as on the capture clock.

    With `borders` the film can be gone on with by a later run, and may go on what an earlier one left; then a full disk
    is waited for, and what fails leaves the part where it is.

    The name is taken when the sink is made: until the first frame there is an empty file, which goes if none comes.
    Raises SinkError (`Taken` where another run writes that file, DiskFull where there is no space) and UsageError.
    """

    def __init__(
        self,
        path: Path,
        info: SourceInfo,
        *,
        options: MovieOptions | None = None,
        borders: Borders | None = None,
    ) -> None:
        """Raises SinkError where `path` cannot be written, UsageError where that would overwrite the input.

        UsageError also for a suffix of no movie, and for a codec that its container does not take.
        """
        self.kept: Path | None = None
        """The playable part of a run that ended early, once closed; None if there is none."""
        self.warnings: list[str] = []
        """One sentence each on what of the source the file lacks; known with the first frame, but for its end."""
        self._info = info
        self._options = options or MovieOptions()
        self._kind = _container_of(path)
        self._options.codec_for(self._kind)
        self._movie: Movie | None = None
        self._closed = False
        self._sizes: dict[tuple[int, int], None] = {}
        """(width, height) of the source's pictures so far, the first one's first."""
        final = resolved(path)
        for output in (final, part_path(final)):
            _refuse_input(info.origin, output)
        self._borders = borders
        if borders is not None:
            self._file = borders.file
        else:
            self._file = OutputFile.numbered(final) if info.live else OutputFile.begin(final)

    @property
    def path(self) -> Path:
        """The final name of the file."""
        return self._file.path

    def write(self, rendered: Rendered) -> None:
        """Add one frame at its own timestamp."""
        if self._closed:
            raise SinkError(f"{self.path} is closed", "open a new sink")
        frame = rendered.estimate.frame
        with self._errors_named():
            if self._movie is None:
                self._movie = self._begin(rendered)
            self._movie.write(rendered.picture, frame.pts, frame.shown_for)
        self._sizes[frame.picture.width, frame.picture.height] = None

    def close(self, *, complete: bool = True) -> None:
        """Complete the file, and give it its final name if the run is `complete`; without a frame there is none."""
        self._closed = True
        if self._movie is None:
            self._file.release()
            return
        movie = self._movie
        try:
            with self._errors_named():
                give_up_at = time.monotonic() + (math.inf if complete else _LAST_PICTURES)
                movie.finish(whole=complete, has_time=lambda: time.monotonic() < give_up_at)
        except StopRequested:
            return
        except SourceError:  # of the source's other tracks: what was read of them is in the part, which plays
            self._movie = None
            self._name(complete=False)
            raise
        except BaseException:
            self._discard()
            raise
        finally:
            self.warnings = [*movie.warnings, *self._fitted()]
        self._movie = None
        self._name(complete)

    def _fitted(self) -> Iterator[str]:
        """What is said where pictures of several sizes came, as from a folder of photos."""
        if len(self._sizes) > 1:
            first, *others = self._sizes
            yield fitted_sizes(first, others)

    def _begin(self, first: Rendered) -> Movie:
        try:
            raw = self._opened()
            movie = Movie(raw, first.picture, self._info, self._kind, self._options, self._borders)
            self.warnings = movie.warnings
            return movie
        except BaseException:
            self._discard()
            raise

    def _opened(self) -> io.FileIO:
        borders = self._borders
        if borders is None:
            return self._file.open_raw()
        if borders.earlier:  # whose notes stay until the encoder has turned out to be that of then
            return self._file.open_second(borders.patience)
        borders.begins()
        return self._file.open_raw(borders.patience)

    def _name(self, complete: bool) -> None:
        if not self._info.live:
            self.kept = self._file.at
        try:
            if complete:
                self._file.finish()
                self.kept = None
            else:
                self._file.take_second()
        finally:
            self._file.release()

    @contextmanager
    def _errors_named(self) -> Iterator[None]:
        try:
            yield
        except StopRequested:  # no room, and no time to wait for it: what is there plays
            self._let_go()
            raise
        except StreamdepthError:
            raise
        except (FFmpegError, OSError) as error:
            ours = from_os_error(error, self.path)
            if isinstance(ours, DiskFull):
                self._discard()
            raise ours from error

    def _discard(self) -> None:
        """Give up: only a part that a later run can go on with stays, and a live recording, for that plays."""
        if self._borders is not None and self._borders.can_go_on:
            self._let_go()
            return
        movie, self._movie, self._closed = self._movie, None, True
        if self._info.live:
            self._file.release()
        else:
            # Before the file is closed: the muxer would take its time to finish a file that is thrown away.
            self._file.discard()
        if movie is not None:
            movie.abandon()

    def _let_go(self) -> None:
        """Leave the part as it is on disk."""
        movie, self._movie, self._closed = self._movie, None, True
        if movie is not None:
            movie.abandon()
        self.kept = self._file.at
        self._file.release()


def _container_of(path: Path) -> Container:
    container = container_of(path)
    if container is None:
        raise UsageError(f"{path} is not a movie", f"choose a name that ends in {', '.join(CONTAINERS)}")
    return container


def _refuse_input(origin: Path | None, output: Path) -> None:
    if origin is not None and origin.exists() and output.exists() and output.samefile(origin):
        raise UsageError(f"{output} is the input itself", "choose another name for the output")
