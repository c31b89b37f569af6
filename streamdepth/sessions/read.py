"""Reading a session file: what it says of itself, and its lines in order, each with what is kept beside it."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream
from numpy.typing import NDArray

from streamdepth.depthfiles.sixteen_bits import Scale
from streamdepth.errors import SourceError
from streamdepth.ffmpeg.containers import open_file
from streamdepth.ffmpeg.grey16 import grey16_of
from streamdepth.sessions.file import ABOUT, TAG, VERSION
from streamdepth.sessions.lines import Came, Inferred, Line, read_line
from streamdepth.values import dataclass, field


@dataclass(frozen=True, eq=False)
class Piece:
    """A line, with what is kept beside it."""

    line: Line
    packets: tuple[Packet[Any], ...] = ()
    """What the picture that came is decoded from."""
    depth: NDArray[np.float32] | None = field(default=None, repr=False)
    """(h, w) of the picture that was inferred."""


class SessionReader:
    """An open session; raises `SourceError` where the file is none, or of a newer release."""

    def __init__(self, path: Path) -> None:
        self._container = open_file(path)
        try:
            self.about = _about(path, self._container)
            self.pictures, self._depth, self._lines = _tracks(path, self._container)
        except BaseException:
            self._container.close()
            raise
        self._path = path

    def pieces(self) -> Iterator[Piece]:
        """All lines in order, up to the first whose picture or map is not there: so ends what was cut short."""
        packets: deque[Packet[Any]] = deque()
        maps: deque[NDArray[np.uint16]] = deque()
        lines: deque[Line] = deque()
        for packet in self._demuxed():
            if packet.stream_index == self._lines:
                line = read_line(bytes(packet))
                lines.extend(() if line is None else (line,))
            elif packet.stream_index == self._depth.index:
                maps.extend(self._maps(packet))
            elif packet.stream_index == self.pictures.index and packet.size:
                packets.append(packet)
            while lines and _is_there(lines[0], packets, maps):
                yield _piece(lines.popleft(), packets, maps)

    def close(self) -> None:
        """Let go of the file."""
        self._container.close()

    def _demuxed(self) -> Iterator[Packet[Any]]:
        try:
            yield from self._container.demux()
        except FFmpegError:
            return  # cut short in the middle of a packet: what is before it counts

    def _maps(self, packet: Packet[Any]) -> Iterator[NDArray[np.uint16]]:
        try:
            frames = self._depth.decode(packet)
        except FFmpegError as error:
            raise SourceError(f"{self._path} is damaged", "record it again, or copy it again") from error
        for frame in frames:
            pixels = grey16_of(frame)
            if pixels is not None:
                yield pixels


def about_of(path: Path) -> Mapping[str, Any]:
    """What a session says of itself; raises `SourceError`."""
    with open_file(path) as container:
        return _about(path, container)


def _is_there(line: Line, packets: deque[Packet[Any]], maps: deque[NDArray[np.uint16]]) -> bool:
    if isinstance(line, Came):
        return len(packets) >= line.packets
    return bool(maps) or not _has_map(line)


def _piece(line: Line, packets: deque[Packet[Any]], maps: deque[NDArray[np.uint16]]) -> Piece:
    if isinstance(line, Came):
        return Piece(line, tuple(packets.popleft() for _ in range(line.packets)))
    if isinstance(line, Inferred) and _has_map(line):
        pixels = maps.popleft()
        width, height = line.size or pixels.shape[::-1]
        return Piece(line, depth=Scale(line.scale, line.offset).values(pixels[:height, :width]))
    return Piece(line)


def _has_map(line: Line) -> bool:
    return isinstance(line, Inferred) and line.is_kept and not line.is_reused


def _about(path: Path, container: InputContainer) -> Mapping[str, Any]:
    version = container.metadata.get(TAG)
    if version is None:
        raise SourceError(
            f"{path} is not a session of --record, so there is nothing to replay",
            "leave --replay out; --live plays a film at its own speed",
        )
    if not version.isdecimal() or int(version) > VERSION:
        raise SourceError(f"{path} was recorded by a newer streamdepth", "replay it with that one")
    for stream in container.streams.attachments:
        if stream.name == ABOUT and stream.data:
            return _read_about(path, stream.data)
    raise SourceError(f"{path} lacks the description of its session", "use the file as it was recorded")


def _read_about(path: Path, data: bytes) -> Mapping[str, Any]:
    try:
        about = json.loads(data)
    except (ValueError, RecursionError):
        about = None
    if not isinstance(about, dict):
        raise SourceError(f"{path} is damaged in its description", "copy it again, or record it again")
    return about


def _tracks(path: Path, container: InputContainer) -> tuple[VideoStream, VideoStream, int]:
    """The tracks of pictures and of depth, and the place of that of lines."""
    videos, lines = container.streams.video, container.streams.subtitles
    if len(videos) < 2 or not lines:
        raise SourceError(f"{path} lacks tracks of a session", "use the file as it was recorded")
    return videos[0], videos[1], lines[0].index
