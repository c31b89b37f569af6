"""The camera of a browser, of OBS or of another sender: it comes and goes, and the newest of its pictures counts."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from fractions import Fraction

from av.video.frame import VideoFrame

from streamdepth.errors import NoFrameYet, Trouble
from streamdepth.ffmpeg.picture_from_frame import PictureMaker
from streamdepth.frames import Condition, Frame, Outages, Sent, SentPacket, SourceInfo, SourceState
from streamdepth.imaging.letterbox import letterbox
from streamdepth.pixels import Picture
from streamdepth.protocols import Notify, silent
from streamdepth.sources.browser.sent_video import MOST_PIXELS, SentDecoder, SentPicture, is_keyframe
from streamdepth.sources.live.reconnection import LinkState, Reconnection
from streamdepth.sources.live.stream import LOOK
from streamdepth.sources.timeline import LiveTimeline
from streamdepth.threads.handoff import Ended, Handoff
from streamdepth.threads.worker import Lock

__all__ = ["BrowserSource", "Sending", "SentPicture"]

USUAL_SIZE = (1280, 720)
MOST_WAITING = 8
"""Encoded pictures that may wait to be decoded: a quarter of a second at 30 a second."""
NOBODY_YET = "no camera is being sent yet"


class Sending:
    """What one sender sends, from `BrowserSource.begin` to `end`; called from one thread, and nothing waits."""

    def __init__(self, source: BrowserSource, number: int, want_keyframe: Callable[[], None]) -> None:
        self.number = number
        self.decoder = SentDecoder(want_keyframe, source.most_pixels)
        self.maker: PictureMaker | None = None
        self._source = source

    def put(self, picture: SentPicture) -> None:
        """Hand on the next picture; where decoding is behind, older ones are left out up to the next keyframe."""
        self._source.take(self, picture)

    def end(self, trouble: Trouble) -> None:
        """No more comes, for this reason; may be called again."""
        self._source.leave(self, trouble)

    def picture_maker(self, frame: VideoFrame) -> PictureMaker:
        """The one for pictures of this frame's size, which a sender may change at any time."""
        if self.maker is None or self.maker.stored_size != (frame.width, frame.height):
            self.maker = PictureMaker(frame)
        return self.maker


class BrowserSource:
    """Decodes the pictures of one sender at a time, on the thread that reads.

    `info` says what size and rate are asked for (by default 1280x720 at the sender's own rate): pictures come in
    the size in which they are sent, and that may change on the way, unless `same_size` fits them into the first.
    While there is no sender, `read` raises `NoFrameYet` and `condition` is away. Timestamps are the seconds since the
    very first picture, in units of 1/90000 s.
    `notify` gets a line for each camera that comes or leaves, or sends pictures of more than `max_pixels`, which are
    not decoded (None: 4096x2304).
    """

    def __init__(
        self,
        size: tuple[int, int] | None = None,
        rate: Fraction | None = None,
        *,
        same_size: bool = False,
        max_pixels: int | None = None,
        notify: Notify = silent,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        width, height = size or USUAL_SIZE
        self._info = SourceInfo(width, height, rate, live=True, read_timeout=2.0, kind="browser")
        self._same_size = same_size
        self.most_pixels = max_pixels or MOST_PIXELS
        """Of a picture that is sent: a larger one is not decoded."""
        self._first_size: tuple[int, int] | None = None
        self._notify = notify
        self._clock = clock
        self._nobody = Condition(SourceState.AWAY, NOBODY_YET, clock())
        self._waiting: Handoff[tuple[Sending, SentPicture]] = Handoff(MOST_WAITING, when_full="drop-oldest")
        self._lock = Lock()
        self._reconnection = Reconnection(random.random)
        self._present: Sending | None = None
        self._too_large: Sending | None = None
        self._sendings = 0
        self._timeline = LiveTimeline()

    @property
    def info(self) -> SourceInfo:
        """What is asked of a sender; live."""
        return self._info

    @property
    def condition(self) -> Condition:
        """Live, or away: from any thread."""
        return self._reconnection.condition if self._timeline.has_begun else self._nobody

    @property
    def outages(self) -> Outages:
        """How often a sender came after a time without one, and how long there was none; from any thread."""
        return self._reconnection.outages(self._clock())

    def begin(self, want_keyframe: Callable[[], None]) -> Sending:
        """Begin with a new sender, from any thread; it replaces the one before.

        `want_keyframe` is called, from the thread that reads, while pictures cannot be shown for want of one.
        """
        with self._lock:
            sending = self._present = Sending(self, self._sendings, want_keyframe)
            self._sendings += 1
        return sending

    def take(self, sending: Sending, picture: SentPicture) -> None:
        """See `Sending.put`."""
        self._waiting.put((sending, picture))

    def leave(self, sending: Sending, trouble: Trouble) -> None:
        """See `Sending.end`."""
        with self._lock:
            if self._present is not sending:
                return
            self._present = None
            had_pictures = self._reconnection.state is LinkState.UP
            if had_pictures:
                self._reconnection.lost(self._clock(), trouble.value)
        if had_pictures:
            self._notify(f"the camera is away: {trouble.value}; another may be sent")

    def read(self) -> Frame | None:
        """The next picture; raises NoFrameYet after a moment without one. None once it is closed."""
        try:
            sending, sent = self._waiting.get(LOOK)
        except TimeoutError:
            raise NoFrameYet from None
        except Ended:
            return None
        if sending is not self._present:
            raise NoFrameYet
        video = sending.decoder.decode(sent)
        self._notify_if_too_large(sending)
        if video is None or not self._note(sending, sent, video):
            raise NoFrameYet
        return self._frame(sending, sent, video)

    def _notify_if_too_large(self, sending: Sending) -> None:
        if sending.decoder.met_too_large and sending is not self._too_large:
            self._too_large = sending
            most = f"{self.most_pixels / 1e6:g} million pixels"
            self._notify(
                f"the camera sends pictures of more than {most} (send smaller ones, or use --max-pixels)"
            )

    def close(self) -> None:
        """Take no more."""
        self._waiting.abandon()
        with self._lock:
            self._present = None
            self._reconnection.close(self._clock())

    def _note(self, sending: Sending, sent: SentPicture, video: VideoFrame) -> bool:
        """Count the picture; False where its sender has just left."""
        with self._lock:
            if sending is not self._present:
                return False
            if self._reconnection.state is LinkState.WAITING:
                self._reconnection.retry()
            is_first = self._reconnection.picture(sent.arrived_at)
        if is_first:
            self._notify(f"a camera sends {video.width}x{video.height} {sent.codec.name}")
        return True

    def _frame(self, sending: Sending, sent: SentPicture, video: VideoFrame) -> Frame:
        index, pts = self._timeline.place(sent.arrived_at)
        return Frame(
            index,
            pts,
            sent.arrived_at,
            self._fitted(sending.picture_maker(video).make(video)),
            connection=sending.number,
            sent=_sent(sending, sent),
        )

    def _fitted(self, picture: Picture) -> Picture:
        if self._first_size is None:
            self._first_size = picture.width, picture.height
        return letterbox(picture, self._first_size) if self._same_size else picture


def _sent(sending: Sending, sent: SentPicture) -> Sent:
    """What the last picture of a sender was decoded from."""
    packet = SentPacket(sent.data, is_keyframe(sent.codec, sent.data))
    return Sent(sent.codec.decoder, b"", (packet,), is_fresh=sending.decoder.began_anew)
