"""An MP4 file while it is being written: one encoder, the tracks of the origin, one muxer."""

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
from streamdepth.sinks.movie.mp4_file import Mp4File
from streamdepth.sinks.movie.origin_tracks import OriginTracks
from streamdepth.sinks.movie.video_track import Mp4Options, VideoTrack

_FRAGMENTS = {
    # A fragment is on disk, with its index, once the next one begins: what a killed process leaves plays. Large
    # pictures, which may take a second each, fill one soon.
    "frag_duration": "500000",
    "frag_size": "500000",
}
_RECORDED = _FRAGMENTS | {
    # Without edit lists, which such a file does not have, the muxer lets the first frame begin at zero.
    "movflags": "frag_keyframe+empty_moov+default_base_moof",
    "flush_packets": "1",
}
_RENDERED = _FRAGMENTS | {
    # The description of the tracks comes with the first fragment, when all of them have begun: it says how late the
    # picture is by its B-frames, so that picture and sound fit in what a killed process leaves.
    "movflags": "hybrid_fragmented+delay_moov+default_base_moof",
}
_RENDERED_AT_ONCE = _FRAGMENTS | {
    # For tracks that begin late: nothing waits for them. Only when the file is closed it says how late the picture is.
    "movflags": "hybrid_fragmented+empty_moov+default_base_moof",
    "use_editlist": "1",
}
_PATIENCE_OF_MUXER = "2000000"
"""Microseconds that packets of one track wait for those of another, so that what is on disk is not far behind."""
_BUFFER = 1 << 18
_MOST_MOVIE_TICKS = 1_000_000
"""With more of them a film of an hour would need 64-bit durations, which not every player reads."""
_INDEX_BYTES = 8_000
"""Of the index of any movie: what its tracks are."""
_INDEX_BYTES_OF_A_SECOND = 64
"""For where the two fragments of a second, at least, lie in the file."""
_INDEX_BYTES_OF_A_PICTURE = 14
_INDEX_BYTES_OF_SOUND = 100 * 5
"""A track and second: packets last 20 ms or more."""


class Movie:
    """The open file; made with its first picture, which decides the size and colours.

    Every method passes on the errors of PyAV and of the operating system; the caller names the file in them.
    """

    def __init__(self, raw: io.FileIO, first: Picture, info: SourceInfo, options: Mp4Options) -> None:
        """Takes over the empty file."""
        self.warnings: list[str] = []
        """One sentence each on what of the source's recording the file lacks."""
        self._tracks: OriginTracks | None = None
        self._file = Mp4File(raw)
        self._container = av.open(self._file, "w", format="mp4", buffer_size=_BUFFER)
        try:
            self._video = VideoTrack(self._container, first, info, options)
            self._tracks = self._other_tracks(info)
            self._container.container_options.update(self._muxer_options(info))
            self._container.start_encoding()
        except BaseException:
            self.abandon()
            raise

    def write(self, picture: Picture, time: Fraction, shown_for: Fraction | None = None) -> None:
        """Add a picture shown from `time` seconds on (of the source's clock), and the sound up to there.

        `shown_for` is how long it is shown, in seconds, if it is the last one; None is as long as usual.
        """
        self._container.mux(self._video.encode(picture, time, shown_for))
        if self._tracks is not None:
            self._tracks.copy_until(self._video.last)

    def finish(self, *, whole: bool, has_time: Callable[[], bool] = lambda: True) -> None:
        """Complete and close the file. Sound that outlasts the source's own picture is kept if `whole`.

        Pictures that the encoder still has when `has_time` turns False are lost.
        """
        self._container.mux(self._video.flush(has_time))
        if self._tracks is not None:
            self._tracks.finish(self._video.last, self._video.end, whole=whole)
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

    def _other_tracks(self, info: SourceInfo) -> OriginTracks | None:
        if info.live or info.recording is None:
            if info.has_sound:
                self.warnings.append(
                    "the source's sound was left out: what plays live is recorded without it"
                )
            return None
        try:
            tracks = OriginTracks(info.recording, self._container)
        except SourceError as error:
            if info.origin is not None:
                raise
            # A server need not give a recording twice; the picture is worth having all the same.
            self.warnings.append(f"{error.what}; the film is written without its other tracks")
            return None
        self.warnings += tracks.warnings
        return tracks

    def _muxer_options(self, info: SourceInfo) -> dict[str, str]:
        if info.live:
            return _RECORDED
        rates = [stream.codec_context.sample_rate for stream in self._container.streams.audio]
        wait = self._tracks is None or self._tracks.are_waited_for
        return {
            **(_RENDERED if wait else _RENDERED_AT_ONCE),
            "movie_timescale": str(_movie_ticks(self._video.time_base, rates)),
            "max_interleave_delta": _PATIENCE_OF_MUXER,
            "moov_size": str(self._room_for_index(info, len(rates))),
        }

    def _room_for_index(self, info: SourceInfo, sound_tracks: int) -> int:
        """Bytes that the index takes at most, as far as it is known how long the source is."""
        seconds = self._tracks.duration if self._tracks is not None else Fraction(0)
        if info.frame_count and info.rate:
            seconds = max(seconds, info.frame_count / info.rate)
        pictures = max(info.frame_count or 0, math.ceil(seconds * (info.rate or 0)))
        of_second = _INDEX_BYTES_OF_A_SECOND + sound_tracks * _INDEX_BYTES_OF_SOUND
        return int(_INDEX_BYTES + pictures * _INDEX_BYTES_OF_A_PICTURE + seconds * of_second)


def _movie_ticks(time_base: Fraction, sample_rates: list[int]) -> int:
    """Ticks a second in which the file says when each track starts: exact for the picture, and mostly for sound.

    The muxer's own 1000 would move a start by up to a millisecond.
    """
    ticks = time_base.denominator
    both = math.lcm(ticks, *sample_rates)
    ticks = both if both <= _MOST_MOVIE_TICKS else ticks
    return ticks if ticks >= 1000 else ticks * 1000
