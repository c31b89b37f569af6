"""Recordings of live sources in pieces by time."""

from __future__ import annotations

import re
import time
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
    than is to be kept are deleted then, and no other file. Names tell how old a piece of an earlier run is; of its own
    this run knows it by `clock`, as machines without a clock of their own are set right by days while they record.
    Raises as `MovieSink` does.
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
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = resolved(path)
        self._info = info
        self._options = options
        self._notify = notify
        self._movie = movie
        self._now = now
        self._clock = clock
        self._opened_at: dict[Path, float] = {}
        self._began_at: float | None = None
        self._sink = self._open()

    def write(self, rendered: Rendered) -> None:
        """Add one picture, to a new piece where the present one is as long as it may be."""
        moment = float(rendered.estimate.frame.pts)
        if self._began_at is not None and moment - self._began_at >= self._options.seconds:
            self._sink.close()
            self._sink = self._open()
            self._began_at = None
        if self._began_at is None:
            self._began_at = moment
        self._sink.write(rendered)

    def close(self, *, complete: bool = True) -> None:
        """Complete the last piece."""
        self._sink.close(complete=complete)

    def _open(self) -> MovieSink:
        now = self._now()
        if self._options.keep is not None:
            self._delete_older_than(self._options.keep, now.timestamp())
        sink = MovieSink(
            self._path.with_name(f"{self._path.stem}-{now.strftime(_STAMP)}{self._path.suffix}"),
            self._info,
            options=self._movie,
        )
        if self._options.keep is not None:
            self._opened_at[sink.path] = self._clock()
        return sink

    def _delete_older_than(self, seconds: float, now: float) -> None:
        name = re.compile(
            rf"{re.escape(self._path.stem)}-(\d{{8}}-\d{{6}})(-\d+)?{re.escape(self._path.suffix)}"
        )
        for piece in sorted(self._path.parent.iterdir()):
            match = name.fullmatch(piece.name)
            age = None if match is None else self._age_of(piece, match[1], now)
            if age is not None and age > seconds:
                with disk_errors(piece):
                    piece.unlink(missing_ok=True)
                self._opened_at.pop(piece, None)
                self._notify(f"{piece} is older than --keep allows and was deleted")

    def _age_of(self, piece: Path, stamp: str, now: float) -> float | None:
        """Seconds since a piece began; None where its name tells no time."""
        opened_at, began = self._opened_at.get(piece), _seconds_of(stamp)
        if opened_at is not None:
            return self._clock() - opened_at
        return None if began is None else now - began


def _seconds_of(stamp: str) -> float | None:
    """Since 1970; None of what is no time. Of an hour that comes twice, as summer time ends, it is the later one."""
    try:
        return datetime.strptime(stamp, _STAMP).replace(fold=1).timestamp()
    except (ValueError, OverflowError, OSError):  # the last on Windows, of times before 1970
        return None
