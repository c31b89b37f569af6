"""First pass: a worker infers the pictures of a piece and keeps their maps, and what steadying looks at."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from streamdepth.cluster.kept import KeptPiece, maps_path, piece_path
from streamdepth.cluster.reading import Part, opened_after
from streamdepth.cluster.tasks import Infer
from streamdepth.depthfiles.entry import Entry
from streamdepth.depthfiles.spool import SpoolWriter
from streamdepth.files import whole_file, write_whole
from streamdepth.frames import DepthMap, Estimate, Frame
from streamdepth.pipeline.inference import depth_of
from streamdepth.pipeline.stills import Inferred, Stills
from streamdepth.pixels import sum_of
from streamdepth.rendering.stream import Glance
from streamdepth.reporting.events import ignore
from streamdepth.resuming.frozen import to_bytes
from streamdepth.run.network.engines import Lane, LoadedOnce
from streamdepth.run.network.loading import load_network
from streamdepth.run.pictures import reuse_of
from streamdepth.run.spec import NetworkSpec


@cache
def engines_here() -> LoadedOnce:
    """For all tasks of this process."""
    return LoadedOnce(load_network)


def lane_for(network: NetworkSpec, cache_dir: Path | None) -> Lane:
    """The engine of a worker, for one thread."""
    return engines_here()(network, cache_dir, ignore).lanes[0]


def infer(task: Infer) -> int:
    """Infer a piece; returns how many pictures it has. A piece that is kept already is left as it is by the caller."""
    film, piece = task.film, task.piece
    glances: list[Glance] = []
    sums: list[int] = []
    with opened_after(film.spec, piece) as part, whole_file(maps_path(film.folder, piece.number)) as file:
        lane = lane_for(film.spec.network, film.cache_dir)
        lane.warm_up(part.info.width, part.info.height)
        writer: SpoolWriter | None = None
        stills = Stills(reuse_of(film.spec.picture))
        for frame in _frames(part, task):
            depth = _depth_of(frame, stills(frame), lane)
            writer = writer or SpoolWriter(file, {"meaning": depth.meaning.value})
            writer.write(Entry.of(Estimate(frame, depth, 0.0), depth))
            glances.append(Glance.at(frame, depth))
            sums.append(sum_of(frame.picture))
        before = part.before
    kept = KeptPiece(tuple(glances), tuple(sums), before)
    write_whole(piece_path(film.folder, piece.number), to_bytes(kept))
    return len(glances)


def _depth_of(frame: Frame, known_by: Inferred, lane: Lane) -> DepthMap:
    if known_by.frame is frame:
        known_by.found(depth_of(lane, frame))
    depth: list[DepthMap] = []
    known_by.then(depth.append)
    return depth[0]


def _frames(part: Part, task: Infer) -> Iterator[Frame]:
    until = task.piece.until
    while (frame := part.read()) is not None and (until is None or frame.pts <= until):
        yield frame
