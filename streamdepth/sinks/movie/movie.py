"""A movie while it is being written: one encoder, the tracks of the origin, one muxer."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction

import av
from av.error import FFmpegError

from streamdepth.errors import SourceError
from streamdepth.frames import SourceInfo
from streamdepth.pixels import Picture
from streamdepth.sinks.movie.borders import Borders
from streamdepth.sinks.movie.codecs import Codec
from streamdepth.sinks.movie.containers import Container
from streamdepth.sinks.movie.options import MovieOptions
from streamdepth.sinks.movie.origin_tracks import OriginTracks
from streamdepth.sinks.movie.video_track import VideoTrack
from streamdepth.sinks.movie.writing import Film

_BUFFER = 1 << 18


class Movie:
    """The open file; made with its first picture, which decides the size and colours.

    Every method passes on the errors of PyAV and of the operating system; the caller names the file in them.
    """

    def __init__(
        self,
        raw: io.FileIO,
        first: Picture,
        info: SourceInfo,
        kind: Container,
        options: MovieOptions,
        borders: Borders | None = None,
    ) -> None:
        """Takes over the empty file, which is to be of that kind; what an earlier run made of it comes first."""
        self._warnings: list[str] = []
        self._tracks: OriginTracks | None = None
        self._borders = borders
        self._since_border = 0
        self._begins: Fraction | None = None if info.live else Fraction(0)
        """Seconds of the source's clock that are zero in the file: what is live begins there."""
        self._writing = kind.writing
        self._file = self._writing.file(raw)
        self._container = av.open(self._file, "w", format=kind.muxer, buffer_size=_BUFFER)
        try:
            codec = options.codec_for(kind)
            wanted = options.wanted(codec, live=info.live)
            has_borders = borders is not None
            self._video = VideoTrack(self._container, first, info, codec, wanted, has_borders=has_borders)
            self._writing.shape(self._video.stream, self._file, self._video.size, info.sample_aspect)
            self._warnings += _padding_warning(first, self._video, codec)
            self._warnings += _mastering_warning(self._video, codec)
            self._tracks = self._other_tracks(info, kind)
            self._container.container_options.update(self._writing.options(self._film(info)))
            self._container.start_encoding()
            if borders is not None and borders.earlier:
                self._take_over(borders)
        except BaseException:
            self.abandon()
            raise

    @property
    def warnings(self) -> list[str]:
        """One sentence each on what of the source's recording the file lacks."""
        return [*self._warnings, *(self._tracks.warnings if self._tracks is not None else ())]

    def write(self, picture: Picture, time: Fraction, shown_for: Fraction | None = None) -> None:
        """Add a picture shown from `time` seconds on (of the source's clock), and the sound up to there.

        `shown_for` is how long it is shown, in seconds, if it is the last one; None is as long as usual.
        """
        if self._begins is None:
            self._begins = time
        borders = self._borders
        if borders is not None and self._since_border == borders.every:
            packets, segment = self._video.begin_anew(borders.check)
            self._container.mux(packets)
            borders.reached(segment)
            self._since_border = 0
        self._since_border += 1
        self._container.mux(self._video.encode(picture, time - self._begins, shown_for))
        if self._tracks is not None:
            self._tracks.copy_until(self._video.last)

    def _take_over(self, borders: Borders) -> None:
        """Copy the pictures of an earlier run, packet by packet, and the sound up to each."""
        self._video.go_on_after(borders.earlier)
        borders.begins()
        for packet in borders.packets():
            borders.check()
            packet.stream = self._video.stream
            until = (packet.pts or 0) * packet.time_base
            self._container.mux(packet)
            if self._tracks is not None:
                self._tracks.copy_until(until)

    def finish(self, *, whole: bool, has_time: Callable[[], bool] = lambda: True) -> None:
        """Complete and close the file. Sound that outlasts the source's own picture is kept if `whole`.

        Pictures that the encoder still has when `has_time` turns False are lost. Raises SourceError where the source's
        other tracks can be read no more; the file is then closed as well, and plays.
        """
        packets = self._video.flush(has_time)
        self._writing.end(packets, self._video.begins, self._video.ends)
        self._container.mux(packets)
        try:
            if self._tracks is not None:
                self._tracks.finish(self._video.last, self._video.end, whole=whole)
        except SourceError:
            self._complete()
            raise
        self._complete()

    def _complete(self) -> None:
        if self._tracks is not None:
            self._tracks.close()
        self._file.begin_closing()
        try:
            self._container.close()
        except FFmpegError:  # the index is larger than its room
            if not self._file.has_index:
                raise
        self._file.complete(self._video.end - self._video.first)
        self._file.close()

    def abandon(self) -> None:
        """Let go of everything, finished or not; raises nothing."""
        self._file.give_up()
        if self._tracks is not None:
            self._tracks.close()
        with suppress(FFmpegError, OSError):
            self._container.close()
        self._file.close()

    def _other_tracks(self, info: SourceInfo, kind: Container) -> OriginTracks | None:
        if info.live or info.recording is None:
            if info.has_sound:
                self._warnings.append(
                    "the source's sound was left out: what plays live is recorded without it"
                )
            return None
        try:
            tracks = OriginTracks(info.recording, self._container, kind)
        except SourceError as error:
            if info.origin is not None:
                raise
            # A server need not give a recording twice; the picture is worth having all the same.
            self._warnings.append(f"{error.what}; the film is written without its other tracks")
            return None
        return tracks

    def _film(self, info: SourceInfo) -> Film:
        """What is known of the movie: all tracks are there."""
        tracks = self._tracks
        seconds = tracks.duration if tracks is not None else Fraction(0)
        if info.frame_count and info.rate:
            seconds = max(seconds, info.frame_count / info.rate)
        return Film(
            live=info.live,
            waits_for_tracks=tracks is None or tracks.are_waited_for,
            time_base=self._video.time_base,
            sample_rates=[sound.codec_context.sample_rate for sound in self._container.streams.audio],
            seconds=seconds,
            pictures=max(info.frame_count or 0, math.ceil(seconds * (info.rate or 0))),
        )


def _padding_warning(first: Picture, video: VideoTrack, codec: Codec) -> list[str]:
    if video.size == (first.width, first.height):
        return []
    width, height = video.size
    return [
        f"pictures of {first.width}x{first.height} are written as {width}x{height}, with their last row and column "
        f"again: {codec.name} takes even sizes only"
    ]


def _mastering_warning(video: VideoTrack, codec: Codec) -> list[str]:
    if video.mastering is None or codec.takes_mastering:
        return []
    return [
        "left out: the mastering display and light levels of the HDR (MaxCLL, MaxFALL), which only --codec h265 keeps"
    ]
