"""Sound, subtitles and all else of the source's own recording, taken over into the movie as it grows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from fractions import Fraction

import av
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Discard, Stream
from av.video.stream import VideoStream

from streamdepth.errors import SourceError
from streamdepth.ffmpeg import errors
from streamdepth.ffmpeg.clock import RecordingClock
from streamdepth.ffmpeg.containers import (
    demuxed,
    has_running_clock,
    is_part_of,
    length_of,
    open_container,
)
from streamdepth.ffmpeg.lost import is_lost
from streamdepth.ffmpeg.rationals import fraction_of
from streamdepth.frames import Recording
from streamdepth.sinks.movie.captions import Captions
from streamdepth.sinks.movie.containers import Container
from streamdepth.sinks.movie.film_facts import copy_chapters, kept_facts, lost_facts
from streamdepth.sinks.movie.left_out import left_out_warnings
from streamdepth.sinks.movie.part import Part, read_from
from streamdepth.sinks.movie.timecode import is_of_timecode, keep_timecode
from streamdepth.sinks.movie.track_kinds import (
    Track,
    attached_cover,
    can_be_copied,
    is_cover,
    is_described_by_packets,
    track_for,
)
from streamdepth.sinks.movie.track_names import keep_names, lost_names


class OriginTracks:
    """Every track of a recording that the movie's container has a place for.

    Packets are copied untouched where it takes the codec; else sound and text are encoded anew. Timestamps stay, in
    the one clock that the source gives the picture. Entries such as title, date and place, chapters, fonts and covers
    are kept where there is a place for them. The recording is read only as far as the movie has got, so that memory
    is constant.
    """

    def __init__(self, recording: Recording, movie: OutputContainer, kind: Container) -> None:
        """Add the tracks to `movie`, whose header must not be written yet. Raises SourceError."""
        self._recording = recording
        self._movie = movie
        self._kind = kind
        self._container = _open(recording)
        self._part = Part.of(recording)
        self._clock = RecordingClock(recording.picture, running=has_running_clock(self._container))
        shown = self._container.streams[recording.picture]
        assert isinstance(shown, VideoStream)
        parts = {one.index for one in self._container.streams if is_part_of(one, shown)}
        self._left_alone = {shown.index, *parts}
        """The picture, and all that is part of it: nothing is lacking without that."""
        self._pace = fraction_of(shown.average_rate)
        """Pictures of the recording a second; None where it is not known."""
        self._tracks = dict(self._add_tracks())
        keep_names(shown, movie.streams.video[0], kind)
        self._no_timecode = keep_timecode(self._container, shown, movie.streams.video[0], recording.skipped)
        movie.metadata.update(kept_facts(self._container.metadata, kind.entries))
        self.warnings = [*self._track_warnings()]
        """One sentence each on what is left out or changed."""
        if (place := read_from(recording)) is not None and not has_running_clock(self._container):
            with suppress(FFmpegError):  # where it cannot move it reads on to there
                self._container.seek(int(place * av.time_base))
        self._reached: dict[int, Fraction] = {}
        self._packets = self._demux()
        self._next = next(self._packets, None)

    @property
    def duration(self) -> Fraction:
        """Seconds that the recording says it lasts; 0 where it says nothing."""
        return length_of(self._container) or Fraction(0)

    @property
    def are_waited_for(self) -> bool:
        """Whether the movie is to say what its tracks are when all of them have a packet.

        It must where MP4 knows a track by its packets only; and it can where sound surely begins within a second.
        """
        sound = [
            self._container.streams[n] for n in self._tracks if self._container.streams[n].type == "audio"
        ]
        # What is decoded first may turn out to be damaged from its start on.
        copied = [stream for stream in sound if can_be_copied(stream, self._kind)]
        can = len(copied) == len(sound) and all(map(self._begins_soon, sound))
        return can or any(map(is_described_by_packets, copied))

    def _begins_soon(self, stream: Stream) -> bool:
        if stream.start_time is None or not stream.time_base:
            return False
        return stream.start_time * stream.time_base - self._recording.start < 1

    def copy_until(self, time: Fraction | None) -> None:
        """Put into the movie what begins before `time` seconds, or all there is. Raises the errors of the muxer."""
        while (packet := self._next) is not None and (time is None or self._time(packet) < time):
            self._next = None  # once, also where the one after it cannot be read
            self._end_lines(self._time(packet))
            self._mux(self._tracks[packet.stream_index].packets(packet))
            self._next = next(self._packets, None)
        if time is not None:
            self._end_lines(time)

    def finish(self, last: Fraction, end: Fraction, *, whole: bool) -> None:
        """Copy the rest: all of it where the file's picture is over after `last`, else up to `end` (seconds).

        With `whole` False the picture is known to be cut off. A server need not give the recording once more; what
        would come after the last picture is then left out. Raises SourceError where the recording can be read no more.
        """
        # Pictures that were left out may lie between the last and its end: half of one of them before that.
        lasts = end - last if self._pace is None else min(end - last, 1 / self._pace)
        over = whole and self._is_over(self._recording.start + end - lasts / 2)
        self.copy_until(None if over else end)
        for track in self._tracks.values():
            self._mux(track.flush())
        copy_chapters(self._container, self._movie, self._recording.start, None if over else end)

    def close(self) -> None:
        """Let go of the recording."""
        self._container.close()

    def _end_lines(self, time: Fraction) -> None:
        for track in self._tracks.values():
            if isinstance(track, Captions):
                self._mux(track.before(time))

    def _time(self, packet: Packet[Stream]) -> Fraction:
        """When a packet appears in the movie, in seconds."""
        return _time(packet) - self._recording.start

    def _mux(self, packets: Iterable[Packet[Stream]]) -> None:
        for packet in packets:
            # Joined recordings overlap; a movie can only go forwards.
            time = (packet.dts or 0) * packet.time_base
            if packet.stream_index not in self._reached or time > self._reached[packet.stream_index]:
                self._reached[packet.stream_index] = time
                self._movie.mux(packet)

    def _add_tracks(self) -> Iterator[tuple[int, Track]]:
        for stream in self._container.streams:
            if stream.index in self._left_alone:
                if stream.index != self._recording.picture:
                    stream.discard = Discard.all
                continue
            track = track_for(stream, self._movie, self._part, self._kind)
            if track is None and is_cover(stream) and self._kind.takes_attachments:
                track = self._cover(stream)
            if track is not None:
                yield stream.index, track
            else:
                stream.discard = Discard.all

    def _cover(self, stream: Stream) -> Track | None:
        """A picture of the file becomes one that is attached; None for one of another kind than players show."""
        with _open(self._recording) as container:
            packets = demuxed(container, container.streams[stream.index])
            data = next((bytes(packet) for packet in packets if packet.size), b"")
        return attached_cover(stream, data, self._movie)

    def _track_warnings(self) -> Iterator[str]:
        name, tracks = self._kind.name, self._tracks.values()
        known = {*self._tracks, self._recording.picture}
        others = (
            stream
            for stream in self._container.streams
            if stream.index not in known and stream.index not in self._left_alone
        )
        chapters = len(self._container.chapters())
        # In MP4 chapters are a track as well; they are kept in another way.
        yield from left_out_warnings(
            name,
            (
                other
                for other in others
                if other.type != "data" or not (other.frames == chapters or is_of_timecode(other))
            ),
        )
        if self._no_timecode:
            yield f"the timecode {self._no_timecode} does not go with this rate, and is left out"
        if changes := [track.change for track in tracks if track.change]:
            yield f"encoded anew for {name}: {', '.join(changes)}"
        yield from (track.warning for track in tracks if track.warning)
        if lost := lost_facts(self._container.metadata, self._kind.entries):
            yield f"{name} has no place for what the film says of itself as {', '.join(lost)}"
        if lost := lost_names((self._container.streams[number] for number in known), self._kind):
            yield f"{name} has no place for what tracks say of themselves: {', '.join(lost)}"

    def _demux(self) -> Iterator[Packet[Stream]]:
        # The picture is read along: where its clock jumps, all tracks jump.
        moved = self._clock.moved(readable(self._container, self._recording.name))
        return (
            (packet for packet in moved if packet.stream_index in self._tracks) if self._tracks else iter(())
        )

    def _is_over(self, after: Fraction) -> bool:
        try:
            return not self._picture_goes_on(after)
        except SourceError as error:
            self.warnings.append(f"{error.what}; what may follow the last picture was left out")
            return False

    def _picture_goes_on(self, after: Fraction) -> bool:
        """Whether the recording shows another frame later than `after` seconds of its own clock."""
        with _open(self._recording) as container:
            stream = container.streams[self._recording.picture]
            # Where it cannot be searched it is read from its start: slower, the same answer.
            if not self._clock.jumps:
                with suppress(FFmpegError):
                    container.seek(int(after * av.time_base))
            clock = RecordingClock(stream.index, running=has_running_clock(container))
            packets = clock.moved(readable(container, self._recording.name, stream))
            return any(_time(packet) > after for packet in packets if not packet.is_discard)


def _open(recording: Recording) -> InputContainer:
    try:
        return open_container(recording.address, recording.timeout)
    except FFmpegError as error:
        raise errors.cannot_read_again(error, recording.name) from error


def readable(container: InputContainer, name: str, *streams: Stream) -> Iterator[Packet[Stream]]:
    """The packets of a recording up to its end, or to where it is damaged.

    That is no error here: the source meets the damage too, and it is the one to say so. Raises SourceError where the
    disk or the network failed: the source, which reads it on its own, need not meet that.
    """
    try:
        packets = demuxed(container, *streams)
        yield from (packet for packet in packets if packet.dts is not None or packet.pts is not None)
    except FFmpegError as error:
        if is_lost(error, container):
            raise errors.cannot_read_again(error, name) from error


def _time(packet: Packet[Stream]) -> Fraction:
    ticks = packet.dts if packet.pts is None else packet.pts
    return (ticks or 0) * packet.time_base
