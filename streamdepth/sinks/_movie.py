"""An MP4 file while it is being written: one encoder, the tracks of the origin, one muxer."""

from __future__ import annotations

import math
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
from av.error import FFmpegError

from streamdepth.errors import SourceError
from streamdepth.frames import SourceInfo
from streamdepth.pixels import Picture
from streamdepth.sinks._origin_tracks import OriginTracks
from streamdepth.sinks._video_track import Mp4Options, VideoTrack

_WHOLE_FILE = {"movflags": "faststart"}
_IN_FRAGMENTS = {
    # Each half second is on disk, with its index, once the next one begins: what a killed process leaves plays.
    # Without edit lists, which such a file does not have, the muxer lets the first frame begin at zero.
    "movflags": "frag_keyframe+empty_moov+default_base_moof",
    "frag_duration": "500000",
    "flush_packets": "1",
}
_MOST_MOVIE_TICKS = 1_000_000
"""With more of them a film of an hour would need 64-bit durations, which not every player reads."""


class Movie:
    """The open file; made with its first picture, which decides the size and colours.

    Every method passes on the errors of PyAV and of the operating system; the caller names the file in them.
    """

    def __init__(self, path: Path, first: Picture, info: SourceInfo, options: Mp4Options) -> None:
        self.warnings: list[str] = []
        """One sentence each on what of the source's recording the file lacks."""
        self._tracks: OriginTracks | None = None
        self._container = av.open(f"file:{path}", "w", format="mp4")
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

    def finish(self, *, whole: bool) -> None:
        """Complete and close the file. Sound that outlasts the source's own picture is kept if `whole`."""
        self._container.mux(self._video.flush())
        if self._tracks is not None:
            self._tracks.finish(self._video.last, self._video.end, whole=whole)
            self._tracks.close()
        self._container.close()

    def abandon(self) -> None:
        """Let go of everything, finished or not; raises nothing."""
        if self._tracks is not None:
            self._tracks.close()
        with suppress(FFmpegError):
            self._container.close()

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
            return _IN_FRAGMENTS
        rates = [stream.codec_context.sample_rate for stream in self._container.streams.audio]
        return _WHOLE_FILE | {"movie_timescale": str(_movie_ticks(self._video.time_base, rates))}


def _movie_ticks(time_base: Fraction, sample_rates: list[int]) -> int:
    """Ticks a second in which the file says when each track starts: exact for the picture, and mostly for sound.

    The muxer's own 1000 would move a start by up to a millisecond.
    """
    ticks = time_base.denominator
    both = math.lcm(ticks, *sample_rates)
    ticks = both if both <= _MOST_MOVIE_TICKS else ticks
    return ticks if ticks >= 1000 else ticks * 1000
