"""Publishing to an RTSP server, in a thread of its own that comes back for ever."""

from __future__ import annotations

from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.live.encoder import LiveEncoder, LivePacket, Subscription
from streamdepth.publishing.destinations import Destination
from streamdepth.publishing.rtsp.connection import Picture, Recording
from streamdepth.publishing.rtsp.rtp import ParameterSets
from streamdepth.publishing.sink import NotPublished, Standing
from streamdepth.threads.handoff import Ended, Handoff
from streamdepth.threads.worker import Flag, Worker

KEYFRAME_SECONDS = 2.0
"""A viewer that joins at the server waits so long at most: RTSP has no way to ask for a keyframe."""
LOOK_EVERY = 0.1
"""Seconds between two looks after the connection while no picture comes, and after the first picture."""


class _Anew(Exception):
    """The stream has another size or level: it must be announced anew."""


class RtspPublisher:
    """Sends the packets of `encoder` to an RTSP server that takes streams (RECORD), over TCP.

    Nothing is encoded for it while it is not connected. What the line cannot carry is left out up to the next
    keyframe. A new size or rate of the stream makes a new session, since the old one was announced with the old.
    """

    def __init__(self, destination: Destination, encoder: LiveEncoder, standing: Standing) -> None:
        self.standing = standing
        self._destination = destination
        self._encoder = encoder
        self._stopping = Flag()
        self._news: Handoff[None] = Handoff(1, when_full="drop-oldest")
        self._recording: Recording | None = None
        encoder.listen(self._wake)
        self._worker = Worker("publish-rtsp", self._run, on_error=lambda _error: None).start()

    @property
    def failure(self) -> BaseException | None:
        """What ended the thread although it was not asked to."""
        return self._worker.error

    def stop(self) -> None:
        """Ask it to say goodbye; from any thread."""
        self._stopping.set()
        self._news.close()

    def is_running(self, patience: float) -> bool:
        """Whether the thread still runs after `patience` seconds."""
        return self._worker.is_running(patience)

    def abort(self) -> None:
        """Cut the connection off; from any thread."""
        if (recording := self._recording) is not None:
            recording.abort()

    def _wake(self) -> None:
        self._news.put(None)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._publish()
            except _Anew:
                self.standing.renewing()
            except NotPublished as why:
                if not self._stopping.is_set():
                    self._stopping.wait(self.standing.lost(why))
        self.standing.ended()

    def _publish(self) -> None:
        """One connection, from the first picture to its end."""
        while self._encoder.newest is None:  # a server would not wait as long as a camera may
            if self._stopping.wait(LOOK_EVERY):
                return
        self._recording = recording = Recording(self._destination)
        subscription = self._encoder.subscribe(VideoCodec.H264, keyframe_seconds=KEYFRAME_SECONDS)
        try:
            self._send_all(recording, subscription)
        finally:
            self.standing.left_out(subscription.queue.dropped)
            subscription.close()
            recording.close()
            self._recording = None

    def _send_all(self, recording: Recording, subscription: Subscription) -> None:
        announced: tuple[tuple[int, int] | None, bytes] | None = None
        while not self._stopping.is_set():
            packet = self._next(subscription)
            recording.look()
            if packet is None:
                continue
            data = bytes(packet.packet)
            sets = ParameterSets.of(data) if packet.is_keyframe else None
            # Another rate comes before its keyframe: a machine that is busy changes it every few seconds.
            if sets is not None and (described := (packet.size, sets.profile)) != announced:
                if announced is not None:
                    raise _Anew
                recording.begin(sets)
                announced = described
                self.standing.connected(left_out=subscription.queue.dropped)
            recording.send(Picture(data, packet.packet.pts or 0, packet.captured_at))
            self.standing.sent()
            self.standing.left_out(subscription.queue.dropped)

    def _next(self, subscription: Subscription) -> LivePacket | None:
        """The next packet, or None after a moment without one."""
        packet = subscription.take()
        if packet is None:
            try:
                self._news.get(LOOK_EVERY)
            except (TimeoutError, Ended):
                return None
            packet = subscription.take()
        return packet
