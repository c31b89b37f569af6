"""A camera that gives single pictures over HTTP, as a live source."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction

from streamdepth.addresses import redact_address
from streamdepth.errors import NoFrameYet, SourceError, SourceTimeout, Trouble
from streamdepth.ffmpeg import errors
from streamdepth.frames import Frame, SourceInfo
from streamdepth.pixel_limit import PixelLimit
from streamdepth.pixels import Picture
from streamdepth.sources.images.image_file import checked_head, decode_image
from streamdepth.sources.images.image_head import read_head
from streamdepth.sources.live.stream import LOOK
from streamdepth.sources.snapshot.polled import PolledAddress
from streamdepth.sources.timeline import LiveTimeline

USUAL_RATE = Fraction(1)
"""Requests a second where nobody names a rate."""
_SOON = 1.0
"""Seconds, at most, after which a request that failed is made once more: cameras fail one now and then."""


class SnapshotSource:
    """The picture at an http(s) address, asked for `rate` times a second at most; live.

    The next request is made once the last one is answered. A picture that is not a new one, which the server may say
    itself, comes again without being decoded. Pictures have the time at which they were there. `patience` is what the
    first answer may take in seconds, and each further one. A request that fails is made once more before it is a loss.

    Raises SourceError where there is no picture, or one that is larger than `limit`, and SourceTimeout.
    """

    def __init__(
        self,
        url: str,
        rate: Fraction | None,
        patience: tuple[float, float],
        limit: PixelLimit,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._name = redact_address(url)
        self._rate = rate or USUAL_RATE
        self._patience = patience[1]
        self._limit = limit
        self._clock, self._wait = clock, wait
        self._timeline = LiveTimeline()
        self._address = PolledAddress(url, clock)
        self._data = b""
        self._has_failed = False
        """Whether the last request did."""
        self._due = clock()
        try:
            self._pending: Frame | None = self._asked(patience[0])
        except BaseException:
            self.close()
            raise
        picture = self._picture
        self._info = SourceInfo(
            picture.width, picture.height, self._rate, live=True, read_timeout=max(patience), kind="snapshot"
        )

    @property
    def info(self) -> SourceInfo:
        """Of the first picture; live, kind `snapshot`, and its rate is how often it is asked."""
        return self._info

    def read(self) -> Frame:
        """The next picture; raises NoFrameYet while it need not be asked for yet, and SourceError for what is none."""
        frame, self._pending = self._pending, None
        if frame is not None:
            return frame
        if (left := self._due - self._clock()) > 0:
            self._wait(min(left, LOOK))
            raise NoFrameYet
        try:
            frame = self._asked(self._patience)
        except SourceTimeout as error:
            raise errors.stalled(self._name, None, live=True, begun=True) from error
        except SourceError as error:
            if self._has_failed or error.trouble is Trouble.AUTHENTICATION:
                raise
            self._has_failed = True
            self._due = self._clock() + min(_SOON, float(1 / self._rate))
            raise NoFrameYet from error
        self._has_failed = False
        return frame

    def close(self) -> None:
        """Let go of the connection."""
        self._address.close()

    def _asked(self, patience: float) -> Frame:
        self._due = self._clock() + float(1 / self._rate)
        data = self._address.get(patience)
        captured_at = self._clock()
        if data is not None and data != self._data:
            self._picture, self._data = self._decoded(data), data
        index, pts = self._timeline.place(captured_at)
        return Frame(index, pts, captured_at, self._picture)

    def _decoded(self, data: bytes) -> Picture:
        if read_head(data) is None:
            raise errors.no_video_there(self._name)
        head = checked_head(data, self._name, limit=self._limit)
        return Picture.of_bgr(decode_image(data, head, self._name).image)
