"""Sound and subtitles of the source's own file, taken over into the movie as it grows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Discard, Stream

from streamdepth.errors import SourceError
from streamdepth.sinks._track_kinds import Track, track_for


class OriginTracks:
    """Every sound track and every subtitle in text form of a file; MP4 has no place for subtitles in pictures.

    Packets are copied untouched where MP4 takes the codec; else sound becomes AAC, and text MP4's. Timestamps stay.
    The file is read only as far as the movie has got, so that memory is constant.
    """

    def __init__(self, origin: Path, movie: OutputContainer, start: Fraction = Fraction(0)) -> None:
        """Add the tracks to `movie`, whose header must not be written yet. Raises SourceError.

        `start` seconds are taken off every timestamp, as the source did with those of the picture.
        """
        self._origin = origin
        self._movie = movie
        self._container = _open(origin)
        self._shift = start
        self._tracks = dict(self._add_tracks())
        self._reached: dict[int, Fraction] = {}
        self._packets = self._demux()
        self._next = next(self._packets, None)

    def copy_until(self, time: Fraction | None) -> None:
        """Put into the movie what begins before `time` seconds, or all there is. Raises the errors of the muxer."""
        while self._next is not None and (time is None or _time(self._next) - self._shift < time):
            self._mux(self._tracks[self._next.stream_index].packets(self._next))
            self._next = next(self._packets, None)

    def finish(self, last: Fraction, end: Fraction, *, whole: bool) -> None:
        """Copy the rest: all of it where the file's picture is over after `last`, else up to `end` (seconds).

        With `whole` False the picture is known to be cut off.
        """
        over = whole and not _picture_goes_on(self._origin, self._shift + (last + end) / 2)
        self.copy_until(None if over else end)
        for track in self._tracks.values():
            self._mux(track.flush())

    def close(self) -> None:
        """Let go of the file."""
        self._container.close()

    def _mux(self, packets: Iterable[Packet[Stream]]) -> None:
        for packet in packets:
            # Joined recordings overlap; MP4 can only go forwards.
            time = (packet.dts or 0) * packet.time_base
            if packet.stream_index not in self._reached or time > self._reached[packet.stream_index]:
                self._reached[packet.stream_index] = time
                self._movie.mux(packet)

    def _add_tracks(self) -> Iterator[tuple[int, Track]]:
        for stream in self._container.streams:
            track = track_for(stream, self._movie, self._shift)
            if track is None:
                stream.discard = Discard.all
            else:
                yield stream.index, track

    def _demux(self) -> Iterator[Packet[Stream]]:
        wanted = [self._container.streams[index] for index in self._tracks]
        # Without a stream to read PyAV would read all of them.
        return readable(self._container.demux(*wanted)) if wanted else iter(())


def _open(origin: Path) -> InputContainer:
    try:
        # The prefix keeps a colon in a file's name from being read as a protocol.
        return av.open(f"file:{origin}", metadata_errors="replace")
    except (FFmpegError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SourceError(f"the sound of {origin} cannot be read: {reason}", "check the file") from error


def readable(packets: Iterator[Packet[Stream]]) -> Iterator[Packet[Stream]]:
    """The packets of a file up to its end, or to where it is damaged.

    That is no error here: the source meets the damage too, and it is the one to say so.
    """
    with suppress(FFmpegError):
        yield from (packet for packet in packets if packet.dts is not None)


def _picture_goes_on(origin: Path, after: Fraction) -> bool:
    """Whether the file shows another frame later than `after` seconds of its own clock."""
    with _open(origin) as container:
        stream = container.streams.best("video")
        if stream is None:
            return False
        # Where a file cannot be searched it is read from its start: slower, the same answer.
        with suppress(FFmpegError):
            container.seek(int(after * av.time_base))
        packets = readable(container.demux((stream,)))
        return any(_time(packet) > after for packet in packets if not packet.is_discard)


def _time(packet: Packet[Stream]) -> Fraction:
    ticks = packet.dts if packet.pts is None else packet.pts
    return (ticks or 0) * packet.time_base
