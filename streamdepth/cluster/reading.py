"""A worker's part of an input: opened where it begins, exactly as if all before it had been read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from streamdepth.cluster.kept import Joint
from streamdepth.cluster.tasks import Piece
from streamdepth.errors import SourceError
from streamdepth.frames import Frame, LeftOff, SourceInfo
from streamdepth.pixels import sum_of
from streamdepth.protocols import Divisible, GoesOn, Source
from streamdepth.reporting.events import ignore
from streamdepth.run.inputs import open_input
from streamdepth.run.spec import RunSpec


class Part:
    """The frames of a source from a place on, one of which may have been read already."""

    def __init__(self, source: Source, pending: Frame | None = None, before: Joint | None = None) -> None:
        self._source = source
        self._pending = pending
        self.before = before
        """The frame before the first."""

    @property
    def info(self) -> SourceInfo:
        """That of the source."""
        return self._source.info

    def read(self) -> Frame | None:
        """The next frame, None after the last."""
        frame, self._pending = self._pending or self._source.read(), None
        return frame

    def close(self) -> None:
        """Release the source."""
        self._source.close()


@contextmanager
def opened_after(spec: RunSpec, piece: Piece) -> Iterator[Part]:
    """The input from the first frame of a piece on."""
    part = _at_piece(spec, piece)
    try:
        yield part
    finally:
        part.close()


@contextmanager
def opened_behind(spec: RunSpec, last: LeftOff | None) -> Iterator[Part]:
    """The input behind a frame that is known; raises `SourceError` where it gives another one there."""
    part = _behind(spec, last)
    try:
        yield part
    finally:
        part.close()


def _at_piece(spec: RunSpec, piece: Piece) -> Part:
    source = open_input(spec, ignore)
    if piece.after is None:
        return Part(source)
    if isinstance(source, Divisible) and not piece.from_start:
        found = source.arrive_at(piece.after, piece.first, piece.index)
        if found is not None:
            return Part(source, before=Joint(piece.after, found))
    source.close()
    source = open_input(spec, ignore)
    last: Frame | None = None
    while (frame := source.read()) is not None and frame.pts <= piece.after:
        last = frame
    return Part(source, frame, Joint(last.pts, sum_of(last.picture)) if last is not None else None)


def _behind(spec: RunSpec, last: LeftOff | None) -> Part:
    source = open_input(spec, ignore)
    if last is None or (isinstance(source, GoesOn) and source.go_on_after(last)):
        return Part(source)
    source.close()
    source = open_input(spec, ignore)
    while (frame := source.read()) is not None and frame.index < last.index:
        pass
    if frame is None or frame.pts != last.pts or sum_of(frame.picture) != last.sum:
        source.close()
        raise SourceError("the input changed while it was read", "run it again")
    return Part(source)
