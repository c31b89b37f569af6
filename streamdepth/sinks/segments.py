"""Recordings of live sources in pieces by time."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from streamdepth.files import disk_errors, resolved
from streamdepth.frames import Rendered, SourceInfo
from streamdepth.protocols import Notify, silent
from streamdepth.sinks.movie.options import MovieOptions
from streamdepth.sinks.movie.sink import MovieSink
from streamdepth.values import dataclass

_STAMP = "%Y%m%d-%H%M%S"


@dataclass(frozen=True)
class SegmentOptions:
    """How a recording is cut, and for how long its pieces are kept."""

    seconds: float
    """Of a piece."""
    keep: float | None = None
    """Seconds after its begin for which a piece is kept; None is for ever."""


class SegmentSink:
    """Records into one file after the other: of `day.mp4`, `day-20250131-235959.mp4` and so on, by local time.

    Each is closed whole before the next is opened with the very next picture. Pieces of this recording that are older
    than is to be kept are deleted then, and no other file. Raises as `MovieSink` does.
    """

    def __init__(
        self,
        path: Path,
        info: SourceInfo,
        options: SegmentOptions,
        *,
        notify: Notify = silent,
        movie: MovieOptions | None = None,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._path = resolved(path)
        self._info = info
        self._options = options
        self._notify = notify
        self._movie = movie
        self._now = now
        self._began_at: float | None = None
        self._sink = self._open()

    def write(self, rendered: Rendered) -> None:
        """Add one picture, to a new piece where the present one is as long as it may be."""
        time = float(rendered.estimate.frame.pts)
        if self._began_at is not None and time - self._began_at >= self._options.seconds:
            self._sink.close()
            self._sink = self._open()
            self._began_at = None
        if self._began_at is None:
            self._began_at = time
        self._sink.write(rendered)

    def close(self, *, complete: bool = True) -> None:
        """Complete the last piece."""
        self._sink.close(complete=complete)

    def _open(self) -> MovieSink:
        now = self._now()
        if self._options.keep is not None:
            self._delete_before(now.timestamp() - self._options.keep)
        return MovieSink(
            self._path.with_name(f"{self._path.stem}-{now.strftime(_STAMP)}{self._path.suffix}"),
            self._info,
            options=self._movie,
        )

    def _delete_before(self, oldest: float) -> None:
        name = re.compile(
            rf"{re.escape(self._path.stem)}-(\d{{8}}-\d{{6}})(-\d+)?{re.escape(self._path.suffix)}"
        )
        for piece in sorted(self._path.parent.iterdir()):
            match = name.fullmatch(piece.name)
            began = None if match is None else _seconds_of(match[1])
            if began is not None and began < oldest:
                with disk_errors(piece):
                    piece.unlink(missing_ok=True)
                self._notify(f"{piece} is older than --keep allows and was deleted")


def _seconds_of(stamp: str) -> float | None:
    """Since 1970; None of what is no time. Of an hour that comes twice, as summer time ends, it is the later one."""
    try:
        return datetime.strptime(stamp, _STAMP).replace(fold=1).timestamp()
    except (ValueError, OverflowError, OSError):  # the last on Windows, of times before 1970
        return None
