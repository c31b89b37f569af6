"""Matroska and WebM: clusters of half a second, each on disk when the next one begins, and the index at the end.

Such a file plays at any moment as it is. Only its length and its index come when it is closed.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from streamdepth.ffmpeg.matroska import GROWING, PlainFile
from streamdepth.sinks.movie.display_size import DisplaySize, display_size
from streamdepth.sinks.movie.writing import Film

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.stream import VideoStream

_OPTIONS = GROWING | {"max_interleave_delta": "2000000"}


class Clusters:
    """FFmpeg's Matroska, which needs little beside it."""

    def options(self, _film: Film) -> dict[str, str]:
        """The options of the muxer."""
        return dict(_OPTIONS)

    def file(self, raw: io.FileIO) -> ClusterFile:
        """The file under the muxer; takes over an empty one."""
        return ClusterFile(raw)

    def shape(self, stream: VideoStream, file: ClusterFile, size: tuple[int, int], aspect: Fraction) -> None:
        """Say how wide a pixel is: what is written then is set right."""
        file.display = display_size(size, aspect)
        if file.display is not None:
            stream.metadata["stereo_mode"] = file.display.mode

    def end(self, packets: Sequence[Packet[Any]], first: tuple[int, int], end: int) -> None:
        """Each packet's own duration is what counts."""


class ClusterFile(PlainFile):
    """The file under the muxer, in which the size at which pictures are shown is set right."""

    def __init__(self, raw: io.FileIO) -> None:
        super().__init__(raw)
        self.display: DisplaySize | None = None
        """The size at which pictures are shown, where it must be said; the muxer writes its place twice."""

    def write(self, data: bytes) -> int:
        """Called by PyAV."""
        return super().write(data if self.display is None else self.display.set_in(bytes(data)))

    def begin_closing(self) -> None:
        """Nothing that it has is written over but the length."""

    @property
    def has_index(self) -> bool:
        """The muxer's own word counts."""
        return False

    def complete(self, shown: Fraction) -> None:
        """It is as the muxer left it."""
