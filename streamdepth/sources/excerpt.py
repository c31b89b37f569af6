"""A part of a recording, from one time to another, as a source of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from streamdepth.errors import SourceError, UsageError
from streamdepth.frames import Frame, LeftOff, SourceInfo
from streamdepth.protocols import Approaches, Divisible, GoesOn, Source, warnings_of


class Excerpt:
    """The frames of a source that could wait whose timestamps are from `start` on and before `end`, in seconds.

    They begin at zero, and the other tracks of the recording move as much. Opening it reads up to the first of them. It
    raises UsageError for what is live, SourceError where there is nothing from `start` on, and as the source does.
    """

    def __init__(self, source: Source, start: Fraction, end: Fraction | None = None) -> None:
        """Takes over the source."""
        self._source = source
        self._end = end
        self._index = 0
        try:
            if source.info.live:
                raise UsageError("--start and --end are for recordings", "leave them out, or name a file")
            # As it is now: what a pause before the start takes off the count is left out by its time.
            info = source.info
            self._pending: Frame | None = self._first(start)
        except BaseException:
            source.close()
            raise
        self._begins = self._pending.pts
        self._counted = source.info.frame_count
        self._info = self._cut(info)

    @property
    def info(self) -> SourceInfo:
        """That of the source, for what is left of it."""
        return self._less_pauses(self._info)

    @property
    def warnings(self) -> Sequence[str]:
        """What the source has to say."""
        return warnings_of(self._source)

    def read(self) -> Frame | None:
        """The next frame, None after the last; raises as the source does."""
        frame, self._pending = self._pending or self._source.read(), None
        if frame is None or (self._end is not None and frame.pts >= self._end):
            return None
        self._index += 1
        return replace(
            frame, index=self._index - 1, pts=frame.pts - self._begins, shown_for=self._shown_for(frame)
        )

    def go_on_after(self, last: LeftOff) -> bool:
        """Give next what follows `last`: see `protocols.GoesOn`."""
        if not isinstance(self._source, GoesOn):
            return False
        self._pending, self._index = None, last.index + 1
        begins = self._begins
        return self._source.go_on_after(replace(last, pts=last.pts + begins, first=last.first + begins))

    def places(self, every: int) -> Sequence[Fraction]:
        """When every so-many-th picture is shown: see `protocols.Divisible`."""
        source, begins = self._source, self._begins
        if not isinstance(source, Divisible):
            return ()
        inside = [place for place in source.places(1) if place >= begins]
        if self._end is not None:
            inside = [place for place in inside if place < self._end]
        return [place - begins for place in inside[every - 1 :: every]]

    def arrive_at(self, place: Fraction, first: Fraction, index: int) -> int | None:
        """Give next what follows the picture at `place`: see `protocols.Divisible`."""
        if not isinstance(self._source, Divisible):
            return None
        self._pending, self._index = None, index
        begins = self._begins
        return self._source.arrive_at(place + begins, first + begins, index)

    def close(self) -> None:
        """Release the source."""
        self._source.close()

    def _first(self, start: Fraction) -> Frame:
        if isinstance(self._source, Approaches):
            self._source.approach(start)
        last = None
        while (frame := self._source.read()) is not None:
            if frame.pts >= start:
                break
            last = frame.pts
        if frame is None or (self._end is not None and frame.pts >= self._end):
            what = (
                "no picture"
                if frame is not None or last is None
                else f"the last picture is at {float(last):.3f} s"
            )
            raise SourceError(
                f"there is nothing to take from {float(start):g} s on: {what}", "begin earlier, or end later"
            )
        return frame

    def _shown_for(self, frame: Frame) -> Fraction | None:
        if frame.shown_for is None or self._end is None:
            return frame.shown_for
        return min(frame.shown_for, self._end - frame.pts)

    def _less_pauses(self, info: SourceInfo) -> SourceInfo:
        """With as many frames fewer as the source found to be missing behind the first."""
        count, left = info.frame_count, self._source.info.frame_count
        if count is None or self._counted is None or left is None or left == self._counted:
            return info
        return replace(info, frame_count=max(1, count - (self._counted - left)))

    def _cut(self, info: SourceInfo) -> SourceInfo:
        lasts = None if self._end is None else self._end - self._begins
        count = info.frame_count
        if count is not None and info.rate:
            count = max(1, count - round(self._begins * info.rate))
            count = count if lasts is None else min(count, round(lasts * info.rate))
        recording = info.recording
        if recording is not None:
            start = recording.start + self._begins
            recording = replace(recording, start=start, skipped=self._begins, lasts=lasts)
        return replace(info, frame_count=count, recording=recording, begins=self._begins)
