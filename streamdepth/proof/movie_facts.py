"""What a movie holds: its pictures by segments, decoded, and its other tracks by their packets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import groupby, pairwise
from pathlib import Path

from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import AttachmentStream, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from streamdepth.errors import SourceError, SourceMissing
from streamdepth.ffmpeg.containers import (
    best_picture,
    demuxed,
    file_address,
    is_part_of,
    open_container,
    pictures_in,
)
from streamdepth.ffmpeg.rationals import fraction_of
from streamdepth.proof.picture_hash import PictureHash
from streamdepth.values import dataclass, field

SEGMENT = 100
"""Frames."""


@dataclass(frozen=True)
class Segment:
    """Successive frames of a movie."""

    first: int
    """Timestamp of the first, in the time base of the movie."""
    steps: tuple[tuple[int, int], ...]
    """The distances to the frames after it: (ticks, how many in a row)."""
    sha256: str
    """Of their decoded pictures."""

    @property
    def frames(self) -> int:
        """How many."""
        return 1 + sum(count for _, count in self.steps)

    @property
    def times(self) -> Iterator[int]:
        """The timestamp of each frame in ticks."""
        time = self.first
        yield time
        for ticks, count in self.steps:
            for _ in range(count):
                time += ticks
                yield time


@dataclass(frozen=True)
class TrackFacts:
    """A track that is compared by its packets."""

    kind: str
    """`audio`, `subtitle`, `video`, `attachment` or `data`."""
    codec: str
    language: str = ""
    packets: int = 0
    sha256: str = ""
    """Of their bytes, one after the other."""

    @property
    def words(self) -> str:
        """As people call it."""
        about = ", ".join(word for word in (self.codec, self.language) if word)
        return f"{ {'audio': 'sound', 'subtitle': 'subtitles'}.get(self.kind, self.kind) } ({about})"


@dataclass(frozen=True)
class MovieFacts:
    """What is in a movie."""

    codec: str
    width: int
    height: int
    time_base: Fraction
    segments: tuple[Segment, ...]
    tracks: tuple[TrackFacts, ...] = ()
    """All but the picture, in their order."""
    chapters: int = 0
    damage: str = ""
    """Why its end could not be read; empty where all of it could."""
    damaged: int = 0
    """Frames of which the decoder had to make up something."""

    @property
    def frames(self) -> int:
        """How many there are."""
        return sum(segment.frames for segment in self.segments)

    @property
    def times(self) -> Iterator[Fraction]:
        """When each frame is shown, in seconds."""
        return (ticks * self.time_base for segment in self.segments for ticks in segment.times)


@dataclass
class _Counted:
    """A track that is being read."""

    stream: Stream
    packets: int = 0
    sum: hashlib._Hash = field(default_factory=hashlib.sha256)

    def add(self, data: bytes) -> None:
        self.packets += 1
        self.sum.update(data)

    def facts(self) -> TrackFacts:
        stream = self.stream
        codec = stream.codec_context.codec.canonical_name if stream.codec_context else "unknown"
        language = stream.metadata.get("language", "").replace("und", "")
        return TrackFacts(stream.type, codec, language, self.packets, self.sum.hexdigest())


@dataclass
class _Pictures:
    """The frames of a movie on their way into segments."""

    time_base: Fraction
    done: list[Segment] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    sum: PictureHash = field(default_factory=PictureHash)
    damaged: int = 0

    def add(self, frame: VideoFrame) -> None:
        self.damaged += frame.is_corrupt
        seconds = (frame.pts or 0) * (frame.time_base or self.time_base)
        self.times.append(round(seconds / self.time_base))
        self.sum.add(frame)
        if len(self.times) == SEGMENT:
            self.end()

    def count_damaged(self) -> None:
        self.damaged += 1

    def end(self) -> None:
        if self.times:
            self.done.append(Segment(self.times[0], steps_of(self.times), self.sum.hexdigest()))
        self.times, self.sum = [], PictureHash()


def read_movie(path: Path) -> MovieFacts:
    """Decode a movie and read all its tracks; raises SourceError where it has no picture or cannot be opened."""
    with _opened(path) as container:
        picture = _there(next(iter(pictures_in(container)), None), path)  # where it is written
        # Several frames at once would take as long, and some would not yet be marked as damaged when they come.
        picture.thread_type = "SLICE"
        if picture.codec_context.name == "h264":  # of which threads that share a frame leave damage unmarked
            picture.codec_context.thread_count = 1
        pictures = _Pictures(fraction_of(picture.time_base) or Fraction(1))
        others = _others(container, picture)
        damage = ""
        try:
            for packet in demuxed(container, passed_over=pictures.count_damaged):
                # Not packet.stream_index: the empty packet that flushes a decoder does not carry it.
                if packet.stream.index == picture.index:
                    for frame in packet.decode():
                        assert isinstance(frame, VideoFrame)
                        pictures.add(frame)
                else:
                    _take(packet, others)
        except FFmpegError as error:
            damage = error.strerror or str(error)
        pictures.end()
        return MovieFacts(
            picture.codec_context.codec.canonical_name,
            picture.width,
            picture.height,
            pictures.time_base,
            tuple(pictures.done),
            tuple(one.facts() for one in others.values()),
            len(container.chapters()),
            damage,
            pictures.damaged,
        )


def read_tracks(path: Path) -> tuple[TrackFacts, tuple[TrackFacts, ...]]:
    """The track that is rendered of a source, and all others, by their packets, without decoding.

    Raises SourceError as `read_movie`.
    """
    with _opened(path) as container:
        picture = _there(best_picture(container), path)
        others = _others(container, picture)
        beside = {n: one for n, one in others.items() if not is_part_of(container.streams[n], picture)}
        counted = {picture.index: _Counted(picture), **beside}
        try:
            for packet in demuxed(container):
                _take(packet, counted)
        except FFmpegError as error:
            raise SourceError(
                f"{path} cannot be read to its end: {error.strerror}", "check the file"
            ) from error
        first = counted.pop(picture.index)
        return first.facts(), tuple(one.facts() for one in counted.values())


def steps_of(times: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Distances between successive times, those that repeat counted."""
    steps = (after - before for before, after in pairwise(times))
    return tuple((step, sum(1 for _ in same)) for step, same in groupby(steps))


def _take(packet: Packet[Stream], counted: dict[int, _Counted]) -> None:
    if packet.size and packet.stream_index in counted:
        counted[packet.stream_index].add(bytes(packet))


def _opened(path: Path) -> InputContainer:
    if not path.is_file():
        raise SourceMissing(f"there is no file {path}", "check the path")
    try:
        return open_container(file_address(path))
    except FFmpegError as error:
        raise SourceError(f"{path} cannot be read as a movie: {error.strerror}", "name a movie") from error


def _there(picture: VideoStream | None, path: Path) -> VideoStream:
    if picture is None:
        raise SourceError(f"{path} has no picture", "name a movie")
    return picture


def _others(container: InputContainer, picture: VideoStream) -> dict[int, _Counted]:
    counted = {}
    for stream in container.streams:
        if stream.index == picture.index:
            continue
        counted[stream.index] = _Counted(stream)
        if isinstance(stream, AttachmentStream):
            counted[stream.index].add(stream.data or b"")
    return counted
