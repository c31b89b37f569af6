"""Third pass: a worker draws and encodes a segment, from the state that the border before it has."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import av
from av.packet import Packet
from av.stream import Stream

from streamdepth.cluster.kept import entries_of, meaning_of, packed, read_state, segment_path
from streamdepth.cluster.reading import opened_behind
from streamdepth.cluster.tasks import Draw
from streamdepth.errors import SinkError
from streamdepth.ffmpeg.payloads import as_encoded
from streamdepth.files import whole_file
from streamdepth.frames import Estimate, Frame, SourceInfo
from streamdepth.pipeline import RunStats
from streamdepth.pipeline.ahead import in_view
from streamdepth.pixels import Picture
from streamdepth.protocols import Source
from streamdepth.rendering import Renderer
from streamdepth.rendering.shots import UNKNOWN
from streamdepth.run.pictures import horizon_of, look_of, renderer_of
from streamdepth.run.scenes import scenes_in
from streamdepth.run.whole_clip import WithDepth
from streamdepth.sinks.movie.borders import Segment
from streamdepth.sinks.movie.containers import container_of
from streamdepth.sinks.movie.options import MovieOptions
from streamdepth.sinks.movie.video_track import VideoTrack


def draw(task: Draw) -> Segment:
    """Draw and encode a segment into a file; returns what the journal says of it."""
    path = segment_path(task.film.folder, task.number)
    begin = 0 if task.left_off is None else task.left_off.index + 1
    with opened_behind(task.film.spec, task.left_off) as part, whole_file(path) as file:
        ahead = horizon_of(task.film.spec, part.info).pictures
        entries = islice(entries_of(task.maps, begin), min(task.count + ahead, task.end - begin))
        source = WithDepth(part, entries, meaning_of(task.maps))
        drawn = islice(_drawn(task, source), task.count)
        frame, picture = next(drawn)
        track = _track(task, source.info, picture)
        codec = track.stream.codec_context.codec.canonical_name

        def keep(packets: list[Packet[Stream]]) -> None:
            for packet in packets:
                file.write(packed(as_encoded(bytes(packet), codec), is_key=packet.is_keyframe))

        keep(track.encode(picture, frame.pts, frame.shown_for))
        count = 1
        for frame, picture in drawn:
            keep(track.encode(picture, frame.pts, frame.shown_for))
            count += 1
        packets, segment = track.begin_anew(lambda: None)
        keep(packets)
    if count != task.count:
        raise SinkError(f"segment {task.number} has {count} pictures instead of {task.count}", "run it again")
    return segment


def _drawn(task: Draw, source: Source) -> Iterator[tuple[Frame, Picture]]:
    spec = task.film.spec
    scenes = scenes_in(spec.picture.scenes) or UNKNOWN
    renderer = renderer_of(spec, look_of(spec), source.info, RunStats(), span=task.span, scenes=scenes)
    assert isinstance(renderer, Renderer)
    if task.left_off is not None:
        state = read_state(task.film.folder, task.number - 1).stream
        renderer.restore(state if task.span is None else replace(state, locked=task.span))
    for estimate in in_view(_estimates(source), renderer.foresee, lambda: renderer.knows_next):
        yield estimate.frame, renderer(estimate).picture


def _estimates(source: Source) -> Iterator[Estimate]:
    while (frame := source.read()) is not None:
        assert frame.depth is not None
        yield Estimate(frame, frame.depth, 0.0)


def _track(task: Draw, info: SourceInfo, picture: Picture) -> VideoTrack:
    output = task.film.spec.output.output
    kind = container_of(output) if output is not None else None
    assert kind is not None, "checked before"
    options = MovieOptions(**vars(task.film.spec.encoding), threads=task.threads)
    codec = options.codec_for(kind)
    # Never written to: an encoder is set up as its container wants it.
    container = av.open(io.BytesIO(), "w", format=kind.muxer)
    track = VideoTrack(container, picture, info, codec, options.wanted(codec, live=False), has_borders=True)
    if task.left_off is not None:
        track.follow(task.left_off.pts)
    return track
