"""The one encoder of a live stream: each picture is encoded once for all viewers, and not at all without any."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from streamdepth.errors import SinkError
from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.frames import Rendered, SourceInfo
from streamdepth.live.bit_rate import RateMeter
from streamdepth.live.codec_stream import CodecStream, Content, Shown, StreamFigures
from streamdepth.live.gaps import Gaps
from streamdepth.live.packets import LivePacket, PacketQueue
from streamdepth.threads.handoff import Ended, Handoff
from streamdepth.threads.worker import Flag, Lock, Worker

__all__ = ["Content", "LiveEncoder", "LivePacket", "StreamFigures", "Subscription"]

ATTENDANCE = 0.02
"""Seconds between two looks after wishes for a keyframe while no picture comes and somebody watches."""
IDLE = 0.25
REPEAT_AFTER = 0.1
"""Seconds without a new picture after which a viewer who needs a keyframe gets the last one again."""
BEGINNING = 2.0
"""Seconds after a viewer's first packet in which a loss is that of its beginning."""
ESTIMATE_SETTLES = 3.0
"""Seconds after a viewer's first packet in which its estimate still climbs and says nothing."""
ESTIMATE_LASTS = 10.0
RATE_UNKNOWN = 30.0
CLOSE_PATIENCE = 2.0


class Subscription:
    """One viewer of a stream: it takes packets, requests keyframes and reports what its line can carry."""

    def __init__(
        self,
        stream: CodecStream,
        leave: Callable[[Subscription], None],
        clock: Callable[[], float],
        lock: Lock,
        *,
        keyframe_seconds: float,
        is_patient: bool,
    ) -> None:
        """`lock` is held while packets are handed to the viewers of `stream`."""
        self.stream = stream
        self.keyframe_seconds = keyframe_seconds
        self._lock = lock
        self._leave = leave
        self._clock = clock
        self.queue = PacketQueue(stream.want_keyframe, is_patient=is_patient)
        self._began: float | None = None
        self._began_with: float | None = None
        self._estimate: tuple[int, float] | None = None

    @property
    def has_begun(self) -> bool:
        """Whether a packet was ever asked for: before, the viewer is still connecting."""
        return self._began is not None

    def take(self) -> LivePacket | None:
        """The next packet or None; the first call begins the subscription, with the last keyframe or a new one."""
        if self._began is None:
            self._begin()
        return self.queue.take()

    def request_keyframe(self) -> None:
        """A picture was lost (PLI, FIR): the next one shall stand for itself.

        A viewer that has only begun has most likely lost the first packet, which no receiver notices: it begins again.
        """
        is_new = self._began is not None and self._clock() - self._began < BEGINNING
        if not (is_new and self._begin()):
            self.stream.want_keyframe()

    def _begin(self) -> bool:
        """Open the queue with what newcomers get; whether there was any."""
        with self._lock:
            now = self._clock()
            beginning = self.stream.beginning(now)
            if self._began is None:
                self._began = now
            elif not beginning or beginning[-1].captured_at == self._began_with:
                return False
            self._began_with = beginning[-1].captured_at if beginning else None
            self.queue.open(beginning)
        return bool(beginning)

    def report_capacity(self, bits_per_second: int) -> None:
        """What the viewer's line can carry by its own estimate (REMB)."""
        self._estimate = bits_per_second, self._clock()

    def capacity(self, now: float) -> int | None:
        """That estimate, in bits a second, where it is settled and fresh."""
        if self._estimate is None or self._began is None or now - self._began < ESTIMATE_SETTLES:
            return None
        bits, told_at = self._estimate
        return bits if now - told_at < ESTIMATE_LASTS else None

    def close(self) -> None:
        """Leave; may be called again."""
        self._leave(self)


class LiveEncoder:
    """A sink that encodes the newest picture for all subscribers, in a thread of its own.

    A picture that comes while the last is still being encoded replaces the one that waits: nobody is shown the past.
    There is one encoder for each codec and content that somebody needs, opened for the first viewer and closed
    after the last. Listeners are called from the encoder's thread after each picture. `keyframe_seconds` is the most
    that lies between two keyframes for a viewer that says nothing of it. An encoder that fails ends the run: `write`
    raises `SinkError`.

    The owner (the pipeline) writes to it and closes it, as with any sink. Subscribers do neither.
    """

    is_for_viewers: Literal[True] = True

    def __init__(
        self,
        info: SourceInfo,
        *,
        keyframe_seconds: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.keyframe_seconds = keyframe_seconds
        self._clock = clock
        self._nominal = float(info.rate) if info.rate else RATE_UNKNOWN
        self._meter = RateMeter()
        self._gaps = Gaps()
        self._read_timeout = info.read_timeout
        self._slot: Handoff[Shown] = Handoff(1, when_full="drop-oldest")
        self._newest: Shown | None = None
        self._lock = Lock()
        self._subscriptions: tuple[Subscription, ...] = ()
        self._streams: dict[tuple[VideoCodec, Content], CodecStream] = {}
        self._listeners: tuple[Callable[[], None], ...] = ()
        self._stopping = Flag()
        self._failure: BaseException | None = None
        self._worker = Worker("live-encoder", self._run, on_error=self._fail).start()

    @property
    def newest(self) -> Rendered | None:
        """The picture of now, also while nobody watches; None before the first."""
        return None if self._newest is None else self._newest.rendered

    @property
    def written_at(self) -> float | None:
        """`time.monotonic()` seconds when the newest picture came."""
        return None if self._newest is None else self._newest.written_at

    @property
    def is_watched(self) -> bool:
        """Whether anybody has subscribed."""
        return bool(self._subscriptions)

    @property
    def rate(self) -> float:
        """Pictures a second as they come, or as the source promised before enough have come."""
        return self._meter.rate or self._nominal

    @property
    def longest_gap(self) -> float:
        """Seconds between two of the last few pictures; before there were two, what their source may take for one."""
        return self._gaps.longest or max(self._read_timeout, 1 / self._nominal)

    def write(self, rendered: Rendered) -> None:
        """Take one frame; never waits. Raises `SinkError` where the encoder failed."""
        if self._failure is not None:
            raise SinkError(
                f"the live encoder failed: {self._failure}",
                "leave --webrtc and --publish out, or report this",
            ) from self._failure
        now = self._clock()
        self._meter.saw(now)
        if not rendered.is_stand_in:
            self._gaps.saw(now)
        self._newest = Shown(rendered, now)
        if self._subscriptions:
            self._slot.put(self._newest)

    def close(self, *, complete: bool = True) -> None:
        """End the thread and all encoders; raises `StageStuck` where it does not end."""
        self._stopping.set()
        self._slot.close()
        self._worker.join(CLOSE_PATIENCE)

    def listen(self, listener: Callable[[], None]) -> None:
        """Have `listener` called, from the encoder's thread, after each picture."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

    def subscribe(
        self,
        kind: VideoCodec,
        *,
        content: Content = Content.PICTURE,
        keyframe_seconds: float | None = None,
    ) -> Subscription:
        """A new viewer of a codec and content; from any thread. Close the subscription when the viewer leaves.

        One that cannot ask for keyframes names the seconds between two of them: all of its stream get those.
        A slow line then waits for the next: it would cost all the others a keyframe every half second.
        """
        is_patient = keyframe_seconds is not None
        seconds = self.keyframe_seconds if keyframe_seconds is None else keyframe_seconds
        with self._lock:
            stream = self._streams.get((kind, content))
            if stream is None:
                stream = self._streams[kind, content] = CodecStream(kind, self._clock, content)
            subscription = Subscription(
                stream,
                self._leave,
                self._clock,
                self._lock,
                keyframe_seconds=seconds,
                is_patient=is_patient,
            )
            self._subscriptions = (*self._subscriptions, subscription)
        return subscription

    def codec_of(self, content: Content) -> VideoCodec:
        """One in which a content is encoded already, or else the most widely supported: for viewers that accept any."""
        with self._lock:
            return next((kind for kind, shown in self._streams if shown is content), VideoCodec.H264)

    def figures(self) -> tuple[StreamFigures, ...]:
        """Of each stream that has viewers."""
        with self._lock:
            streams = tuple(self._streams.values())
        return tuple(stream.figures(viewers=len(self._viewers(stream))) for stream in streams)

    def _leave(self, subscription: Subscription) -> None:
        with self._lock:
            self._subscriptions = tuple(s for s in self._subscriptions if s is not subscription)
            used = {s.stream for s in self._subscriptions}
            self._streams = {key: stream for key, stream in self._streams.items() if stream in used}

    def _viewers(self, stream: CodecStream) -> list[Subscription]:
        return [s for s in self._subscriptions if s.stream is stream]

    def _fail(self, error: BaseException) -> None:
        self._failure = error

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                shown = self._slot.get(timeout=ATTENDANCE if self._subscriptions else IDLE)
            except TimeoutError:
                self._repeat_where_wanted()
            except Ended:
                return
            else:
                self._encode(shown, repeated=False)

    def _repeat_where_wanted(self) -> None:
        shown, now = self._newest, self._clock()
        if shown is not None and now - shown.written_at >= REPEAT_AFTER:
            self._encode(shown, repeated=True)

    def _encode(self, shown: Shown, *, repeated: bool) -> None:
        """Put `shown` out on every stream; a repeated picture only where a keyframe is due, as one."""
        with self._lock:
            streams = tuple(self._streams.values())
        encoded = False
        for stream in streams:
            now = self._clock()
            viewers = [viewer for viewer in self._viewers(stream) if viewer.has_begun]
            if not viewers:
                continue  # while they only connect, a keyframe would be lost, and the next one late
            stream.keyframe_seconds = min(viewer.keyframe_seconds for viewer in viewers)
            if repeated and not stream.keyframe_is_due(now):
                continue
            capacities = (viewer.capacity(now) for viewer in viewers)
            packet = stream.encode(shown, now, self.rate, [bits for bits in capacities if bits is not None])
            self._hand_out(stream, packet)
            encoded = True
        if encoded:
            for listener in self._listeners:
                listener()

    def _hand_out(self, stream: CodecStream, packet: LivePacket) -> None:
        """To all viewers of `stream`; one that begins at this moment finds it in its beginning or in its queue."""
        with self._lock:
            stream.keep(packet)
            for viewer in self._viewers(stream):
                viewer.queue.put(packet)
