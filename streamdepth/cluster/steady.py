"""Second pass: depth is steadied in order from what the first pass kept; no picture is decoded, nothing inferred."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from streamdepth.cluster.kept import KeptPiece, maps_path, read_piece, write_state
from streamdepth.cluster.tasks import MapsAt
from streamdepth.depthfiles.entry import Entry
from streamdepth.depthfiles.spool import SpoolReader
from streamdepth.errors import SinkError
from streamdepth.frames import DepthMap, DepthMeaning, DepthRange, Estimate, Frame, LeftOff, Rendered
from streamdepth.imaging.sampled import Sampled
from streamdepth.pipeline.ahead import in_view
from streamdepth.pixels import Picture
from streamdepth.rendering.range import HIGH, LOW
from streamdepth.rendering.stream import DepthStream, Glance
from streamdepth.resuming.leftover import BEGIN_ANEW
from streamdepth.resuming.states import KeptState
from streamdepth.run.spec import AmountSpec
from streamdepth.values import dataclass


@dataclass(frozen=True)
class Steadied:
    """What is known once all pictures were gone through."""

    count: int
    """Pictures of the film."""
    maps: tuple[MapsAt, ...]
    left_off: tuple[LeftOff, ...]
    """The last picture of each segment after which there is more."""
    span: DepthRange | None
    """From the 2nd to the 98th percentile of all that is shown; None where there was no picture."""


@dataclass(frozen=True)
class _Known:
    """A picture that was inferred."""

    entry: Entry
    depth: DepthMap
    glance: Glance
    sum: int


def steady(
    folder: Path,
    pieces: int,
    stream: DepthStream,
    every: int,
    amount: AmountSpec,
    take: Callable[[Rendered], None],
) -> Steadied:
    """Follow all pieces in `folder`, and keep the state of `stream` after each `every` pictures.

    `take` gets the depth of all pictures up to the last such border, as a sink would. Raises `SinkError`.
    """
    kept = [_kept(folder, number) for number in range(pieces)]
    maps = tuple(_maps_of(folder, kept))
    waiting: list[Rendered] = []
    left_off: list[LeftOff] = []
    sampled, count, first = Sampled(), 0, None
    last: tuple[KeptState, LeftOff] | None = None
    all_known = _within(_all_known(maps, kept), amount)
    for known in in_view(all_known, lambda one: _foresee(stream, one), lambda: stream.knows_next):
        if last is not None:
            write_state(folder, len(left_off), last[0])
            left_off.append(last[1])
            for rendered in waiting:
                take(rendered)
            waiting, last = [], None
        scaled = stream.take_next()
        sampled.add(scaled.depth.values)
        count += 1
        pts = known.entry.pts
        first = pts if first is None else first
        estimate = _estimate(known)
        waiting.append(Rendered(estimate, estimate.frame.picture, scaled=scaled))
        if count % every == 0:
            last = KeptState(count, pts, stream.state), LeftOff(count - 1, pts, known.sum, count, first)
    span = DepthRange(*sampled.quantiles(LOW, HIGH)) if count else None
    return Steadied(count, maps, tuple(left_off), span)


def _foresee(stream: DepthStream, known: _Known) -> None:
    stream.foresee_glance(known.glance, known.depth)


def _kept(folder: Path, number: int) -> KeptPiece:
    piece = read_piece(folder, number)
    if piece is None:
        raise SinkError(f"piece {number} in {folder} cannot be read", "run it again")
    return piece


def _maps_of(folder: Path, kept: Sequence[KeptPiece]) -> Iterator[MapsAt]:
    index = 0
    for number, piece in enumerate(kept):
        if piece.glances:
            yield MapsAt(maps_path(folder, number), index)
        index += len(piece.glances)


def _all_known(maps: Sequence[MapsAt], kept: Sequence[KeptPiece]) -> Iterator[_Known]:
    for part, piece in zip(maps, (piece for piece in kept if piece.glances), strict=True):
        reader = SpoolReader(part.path)
        meaning = DepthMeaning(reader.facts["meaning"])
        of_pictures = zip(reader, piece.glances, piece.sums, strict=False)
        count = 0
        for offset, (entry, glance, total) in enumerate(of_pictures):
            numbered = replace(entry, index=part.index + offset)
            yield _Known(numbered, DepthMap(entry.values, meaning), glance, total)
            count += 1
        if count < len(piece.glances):  # a map that is damaged ends a spool
            raise SinkError(f"{part.path} is damaged", BEGIN_ANEW)


def _within(known: Iterator[_Known], amount: AmountSpec) -> Iterator[_Known]:
    """What of it is wanted."""
    first: Fraction | None = None
    for count, one in enumerate(known):
        first = one.entry.pts if first is None else first
        if amount.duration is not None and one.entry.pts - first >= amount.duration:
            return
        if amount.frames is not None and count >= amount.frames:
            return
        yield one


def _estimate(known: _Known) -> Estimate:
    entry = known.entry
    frame = Frame(entry.index, entry.pts, 0.0, _stand_in(entry), entry.name)
    return Estimate(frame, known.depth, 0.0)


def _stand_in(entry: Entry) -> Picture:
    """A picture of which the size and the bars are known."""
    return Picture(*entry.source, np.zeros((1, 1, 3), np.uint8), entry.inner)
