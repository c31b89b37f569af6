"""Any recording at a constant rate: each frame is shown equally long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from streamdepth.errors import UsageError
from streamdepth.frames import Frame, SourceInfo
from streamdepth.protocols import Source, warnings_of
from streamdepth.times import USUAL_RATE


class ConstantRate:
    """The frames of a source that could wait, at `rate` a second from zero on, without its other tracks.

    At each time stands the frame that is shown then: it is given again where the next one is far, and left out where
    the next one is near. Times are taken to half a frame, since many files round them. `rate` None is that of the
    source. Raises UsageError for what is live.
    """

    def __init__(self, source: Source, rate: Fraction | None = None) -> None:
        """Takes over the source."""
        if source.info.live:
            source.close()
            raise UsageError("a constant rate is for recordings", "name a file")
        self._source = source
        self._rate = Fraction(rate or source.info.rate or USUAL_RATE)
        self._half = 1 / (2 * max(self._rate, source.info.rate or self._rate))
        self._index = 0
        self._shown: Frame | None = None
        self._next = source.read()
        self._begins = self._next.pts if self._next is not None else Fraction(0)
        self._info = self._at_rate(source.info)

    @property
    def info(self) -> SourceInfo:
        """That of the source, at the rate."""
        return self._info

    @property
    def warnings(self) -> Sequence[str]:
        """What the source has to say, and that its sound is left out."""
        lost = "the source's sound was left out: a control video has none"
        return (*warnings_of(self._source), *([lost] if self._source.info.has_sound else []))

    def read(self) -> Frame | None:
        """The next frame, None after the last; raises as the source does."""
        time = self._index / self._rate
        while self._next is not None and self._next.pts - self._begins < time + self._half:
            self._shown, self._next = self._next, self._source.read()
        if self._shown is None or (self._next is None and time >= self._end(self._shown)):
            return None
        self._index += 1
        return replace(self._shown, index=self._index - 1, pts=time, shown_for=1 / self._rate)

    def close(self) -> None:
        """Release the source."""
        self._source.close()

    def _end(self, last: Frame) -> Fraction:
        """When the last frame is over, to half a frame."""
        lasts = last.shown_for or 1 / (self._source.info.rate or self._rate)
        return last.pts - self._begins + max(lasts - self._half, self._half)

    def _at_rate(self, info: SourceInfo) -> SourceInfo:
        count = info.frame_count
        if count is not None and info.rate:
            count = max(1, round(count * self._rate / info.rate))
        described = replace(info, rate=self._rate, frame_count=count, time_base=1 / self._rate)
        return replace(described, recording=None, has_sound=False)
