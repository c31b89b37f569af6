"""Video as a source: a file, or a stream from the network, decoded by FFmpeg through PyAV."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from av.video.frame import VideoFrame

from streamdepth.errors import SourceError
from streamdepth.ffmpeg import errors
from streamdepth.ffmpeg.containers import is_by_name, is_of_pictures, length_of
from streamdepth.ffmpeg.cut_short import is_cut_short
from streamdepth.ffmpeg.lost import ended_orderly, is_lost
from streamdepth.ffmpeg.picture_from_frame import PictureMaker
from streamdepth.frames import CLOCK_TICK, Frame, LeftOff, SourceInfo
from streamdepth.pixels import Picture, Rectangle, sum_of
from streamdepth.sources.timeline import Timeline
from streamdepth.sources.video.film_bars import film_bars
from streamdepth.sources.video.frame_reader import FrameReader
from streamdepth.sources.video.info import (
    AT_ADDRESSES,
    describe,
    less_a_pause,
    of_hdr,
    shown_for,
    shown_times,
    time_base,
    time_origin,
)
from streamdepth.sources.video.media import Media, VideoOptions, open_media
from streamdepth.sources.video.pixel_shapes import stretch_of
from streamdepth.sources.video.time_stamps import Stamps

__all__ = ["VideoOptions", "VideoSource"]

_FILE_PATIENCE = 25.0
"""Seconds of packets without a picture after which a file is given up."""
_FARTHER_BACK = (2, 10, 60)
"""Seconds before the wanted picture at which its key frame is looked for, if it is not found at once."""
_MISSED = 1
"""Seconds by which an address without ranges misses: FFmpeg moves within what it has, and says that all is well."""
_SEEK_PATIENCE = 5.0
"""Seconds of decoding from a key frame to the picture that is wanted."""
_EXACT = frozenset({"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"})
"""Containers that know their key frames, and when each picture is shown."""
_RUN_UP = 10
"""Seconds that are decoded before a picture that is gone on from: what it leans on, and a deinterlacer's neighbours."""
_MARGIN = 5.0
"""Seconds of decoding beside the waits."""


class VideoSource:
    """Every frame of a video file in order, or the pictures of a live stream as they come.

    A file keeps its timestamps exactly (those of MPEG-TS and MPEG-PS, and those that would begin many seconds late,
    count from the start of the recording); those of a live stream are the seconds since its first picture, in units
    of 1/90000 s, by `clock`. They always increase. Pictures stand upright and have one size, `info.width` x
    `info.height`.

    Opening decodes the first picture, and takes at most about four times `open_timeout`, of a live stream without a
    keyframe `keyframe_timeout` more. Raises SourceMissing, SourceTimeout or SourceError, with a cure and no password.
    """

    def __init__(
        self,
        path_or_url: str | Path,
        options: VideoOptions | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        options = options or VideoOptions()
        self.warnings: list[str] = []
        """One sentence each on what was wrong with the video; complete once `read` has returned None."""
        self._clock = clock
        self._index = 0
        self._ended = False
        self._media = open_media(str(path_or_url), options, clock)
        self._reader = FrameReader(self._media, clock)
        try:
            first, self._started = self._open_first(options)
            self._pictures = PictureMaker(first, keeps_bits=options.keeps_bits)
            self._stamps = Stamps(self._media, first)
            self._info = self._describe(options)
            self._timeline = _timeline(self._media, self._info)
            self._inside = self._inside_bars()
        except BaseException:
            self.close()
            raise
        self._pending: tuple[VideoFrame, float] | None = (first, self._started)
        self._first_at: Fraction | None = None

    @property
    def info(self) -> SourceInfo:
        """Known once the source is open."""
        return self._info

    @property
    def adjusted_timestamps(self) -> int:
        """Timestamps so far that did not increase and were moved."""
        return self._timeline.adjusted

    def read(self) -> Frame | None:
        """The next frame, None after the last.

        Raises SourceTimeout when no picture comes in time, and SourceError when the connection breaks or when
        nothing can be decoded any more.
        """
        with self._reader.load:
            return self._read()

    def _read(self) -> Frame | None:
        decoded, self._pending = self._pending or self._take(self._patience), None
        if decoded is None:
            self._end()
            return None
        frame, captured_at = decoded
        since_start = round((captured_at - self._started) / CLOCK_TICK)
        pts = self._timeline.place(since_start if self._info.live else self._stamps.of(frame))
        self._first_at = pts if self._first_at is None else self._first_at
        self._index += 1
        self._info = less_a_pause(self._info, self._media, self._timeline.paused)
        return Frame(
            self._index - 1,
            pts,
            captured_at,
            self._picture(frame),
            pixel_aspect=self._info.sample_aspect,
            shown_for=None if self._info.live else shown_for(self._media, frame, number=self._index),
            sent=self._reader.take_sent(),
        )

    @property
    def load(self) -> float | None:
        """See `protocols.Decodes`."""
        return self._reader.load.share

    @property
    def length(self) -> Fraction | None:
        """Seconds of a recording; None where the container does not say."""
        length, info = length_of(self._media.container), self._info
        if length is not None:
            return length
        return info.frame_count / info.rate if info.frame_count and info.rate else None

    def seek(self, position: Fraction) -> None:
        """Go on with the picture at `position`, in seconds after the first; past the end, with the last one.

        Decodes from the key frame before it, for some seconds at most: where they are rarer than that, what is reached
        then comes next. Raises SourceError where this video has no way there.
        """
        unit = time_base(self._media)
        position = position if self.length is None else min(position, self.length)
        if self._first_at is None:  # nothing was read so far
            waits = None if self._pending is None else self._stamps.of(self._pending[0])
            self._first_at = self._timeline.place(waits)
        ticks = time_origin(self._media) + round((self._first_at + position) / unit)
        self._reader = self._reader.moved_to(ticks)
        found = self._first_from(ticks)
        for back in _FARTHER_BACK:
            if found is not None and (self._stamps.of(found[0]) or ticks) <= ticks:
                break
            # Where packets are found by their time, as in a broadcast, the key frame may lie before that place.
            with suppress(SourceError):
                self._reader = self._reader.moved_to(ticks - round(back / unit))
                found = self._first_from(ticks)
        timeline = _timeline(self._media, self._info)
        timeline.adjusted = self._timeline.adjusted
        self._timeline, self._pending = timeline, found
        if found is not None and ((self._stamps.of(found[0]) or ticks) - ticks) * unit > _MISSED:
            raise errors.cannot_move(self._media.name)

    def approach(self, position: Fraction) -> None:
        """Go on with a picture at or before `position`: see `protocols.Approaches`."""
        unit = time_base(self._media)
        wanted = time_origin(self._media) + round(position / unit)
        first = self._stamps.of(self._pending[0]) if self._pending is not None else None
        if self._media.path is None or self._media.container.format.name not in _EXACT or first is None:
            return
        near = wanted - round(_RUN_UP / unit)
        for place in (near, first) if near > first else ():
            self._reader = self._reader.moved_to(place)
            self._pending = self._take(self._patience)
            reached = self._stamps.of(self._pending[0]) if self._pending is not None else None
            if reached is not None and reached <= wanted:
                return

    def go_on_after(self, last: LeftOff) -> bool:
        """Give next what follows `last`: see `protocols.GoesOn`. The last picture itself is the proof.

        It is decoded from a key frame well before it, and must have its old timestamp and be the same to the bit: it is
        not where timestamps were moved before, or where what was decoded leans on what was left out.
        """
        return self.arrive_at(last.pts, last.first, last.index + 1) == last.sum

    def places(self, every: int) -> Sequence[Fraction]:
        """When every so-many-th picture is shown: see `protocols.Divisible`."""
        if self._media.path is None or self._media.container.format.name not in _EXACT:
            return ()
        timeline = _timeline(self._media, self._info)
        return [timeline.place(ticks) for ticks in shown_times(self._media)[every - 1 :: every]]

    def arrive_at(self, place: Fraction, first: Fraction, index: int) -> int | None:
        """Give next what follows the picture at `place`: see `protocols.Divisible`."""
        unit, run_up = time_base(self._media), place - first - _RUN_UP
        if self._media.path is None or self._media.container.format.name not in _EXACT or run_up <= 0:
            return None
        try:
            self._reader = self._reader.moved_to(time_origin(self._media) + round((place - _RUN_UP) / unit))
        except SourceError:
            return None
        self._timeline, self._pending = _timeline(self._media, self._info), None
        self._index = index
        while (decoded := self._take(self._patience)) is not None:
            pts = self._timeline.place(self._stamps.of(decoded[0]))
            if pts >= place:
                return sum_of(self._picture(decoded[0])) if pts == place else None
        return None

    def is_photo(self) -> bool:
        """Whether its first picture, which was not read yet, has nothing behind it; what has is read on behind that."""
        return is_of_pictures(self._media.container) and self._take(self._patience) is None

    def close(self) -> None:
        """Release the file or the connection."""
        self._pending, self._ended = None, True
        self._reader.close()
        self._media.close()

    def _open_first(self, options: VideoOptions) -> tuple[VideoFrame, float]:
        file = self._media.path is not None
        self._patience = _FILE_PATIENCE if file else options.read_timeout
        found = self._reader.next(_FILE_PATIENCE) if file else self._reader.first_sent(options)
        if found is None:
            self._raise_lost()
            if not file and is_by_name(self._media.container):  # the server may send a page all the same
                raise errors.no_video_there(self._media.name)
            if not file and self._media.container.format.name == "webp_pipe":
                raise errors.animation_at_address(self._media.name)
            if self._media.live:
                raise errors.ended_at_once(self._media.name)
            raise errors.nothing_decoded(self._media.name, cut_short=self._cut_short())
        first = found, self._clock()
        self.warnings += of_hdr(found, keeps_bits=options.keeps_bits)
        return first

    def _inside_bars(self) -> Rectangle | None:
        if self._media.path is None:
            return None
        inside = film_bars(self._media, self._pictures.size)
        if inside is not None:
            self.warnings.append(
                f"the film has black bars; depth is of the {inside.width}x{inside.height} pixels between them"
            )
        return inside

    def _picture(self, frame: VideoFrame) -> Picture:
        picture = self._pictures.make(frame, stretch_of(frame))
        if self._inside is None or picture.inner is not None:
            return picture
        return replace(picture, inner=self._inside)

    def _describe(self, options: VideoOptions) -> SourceInfo:
        # FFmpeg may wait for one more packet just before our own patience ends.
        wait = _FILE_PATIENCE if self._media.path is not None else 2 * options.read_timeout
        return describe(self._media, self._pictures, wait + _MARGIN)

    def _take(self, patience: float) -> tuple[VideoFrame, float] | None:
        """The next decoded frame with the time it was there."""
        frame = self._reader.next(patience)
        return None if frame is None else (frame, self._clock())

    def _first_from(self, ticks: int) -> tuple[VideoFrame, float] | None:
        """The first frame from a time on, else the last one there is."""
        damage, give_up_at = self._reader.damage, self._clock() + _SEEK_PATIENCE
        last = decoded = self._take(self._patience)
        shown = None
        while decoded is not None:
            last = decoded
            shown = self._ticks_after(shown, last[0])
            if shown is None or shown >= ticks or self._clock() >= give_up_at:
                break
            decoded = self._take(self._patience)
        self._reader.damage = damage  # what leans on pictures before the key frame is not damaged
        return last

    def _ticks_after(self, before: int | None, frame: VideoFrame) -> int | None:
        """When a frame is shown; where that is not said (the last ones of an AVI), a step after the one before it."""
        stated = self._stamps.of(frame)
        if stated is not None or before is None or not self._info.rate:
            return stated
        return before + round(1 / self._info.rate / time_base(self._media))

    def _end(self) -> None:
        if not self._ended:
            self._raise_lost()
            self._ended = True
            self.warnings += self._closing_warnings()

    def _raise_lost(self) -> None:
        """Raise what the disk or the network said, where that ended the reading and nothing in the video did."""
        media, failure = self._media, self._reader.failure
        if media.path is not None:
            is_damage = failure is None or not is_lost(failure, media.container) or is_cut_short(media.path)
            if lost := media.failure or (None if is_damage else failure):
                raise errors.cannot_read_on(lost, media.name) from lost
        elif failure is not None and not ended_orderly(failure, media.container):
            begun = self._reader.has_given
            raise errors.cannot_read(failure, media.name, live=media.live, begun=begun) from failure

    def _closing_warnings(self) -> Iterator[str]:
        if self._media.live:
            yield f"the stream was ended by the other side: {self._media.name}"
        elif self._media.path is None and (said := AT_ADDRESSES.get(self._media.container.format.name)):
            yield said
        elif self._reader.failure is not None and self._media.path is not None:
            yield f"reading stopped before the end of the file: {errors.said(self._reader.failure)}"
        elif self._cut_short():
            yield "the recording was cut short; what is there was read"
        yield from self._media.remarks()
        yield from self._reader.remarks()
        if self._reader.deinterlaces:
            yield "the video is interlaced; it is shown deinterlaced, one picture a frame"
        if jumps := self._reader.recording_clock.jumps:
            times = "once" if jumps == 1 else f"{jumps} times"
            yield f"the clock of the recording jumps {times}; all tracks go on together, without a gap"
        if self.adjusted_timestamps:
            yield f"timestamps that did not increase: {self.adjusted_timestamps}; they were moved"

    def _cut_short(self) -> bool:
        path, is_damaged = self._media.path, self._reader.ends_damaged
        return not self._media.live and (is_damaged or (path is not None and is_cut_short(path)))


def _timeline(media: Media, info: SourceInfo) -> Timeline:
    if media.live:
        return Timeline(CLOCK_TICK, info.rate)
    return Timeline(time_base(media), info.rate, time_origin(media))
