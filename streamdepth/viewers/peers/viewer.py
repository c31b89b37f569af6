"""One viewer over WebRTC: a peer connection that is sent the packets that all are sent."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from aiortc import RTCDataChannel

from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.live.encoder import Content, LiveEncoder
from streamdepth.values import dataclass
from streamdepth.viewers.peers.channel import Answers, DepthWords, Stamps, words_of
from streamdepth.webrtc import reports
from streamdepth.webrtc.ice_server import IceServer
from streamdepth.webrtc.peer import Peer
from streamdepth.webrtc.prompt_reading import read_promptly
from streamdepth.webrtc.retransmission import repeat_until_answered
from streamdepth.webrtc.sdp import Offer, preferences
from streamdepth.webrtc.track import LiveTrack

logger = logging.getLogger(__name__)

CONNECT_PATIENCE = 15.0
"""Seconds within which a viewer must be connected after its answer."""
SILENCE_PATIENCE = 20.0
"""Seconds without any report of a viewer's after which it is gone; browsers report about once a second."""
CLOSE_PATIENCE = 1.0
MOST_BUFFERED = 64 * 1024


class Watchable(Protocol):
    """A stream, as far as its viewers go."""

    @property
    def encoder(self) -> LiveEncoder:
        """Gives them its packets."""

    @property
    def answers(self) -> Answers:
        """What they can ask of it."""

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes."""

    async def first_picture(self) -> None:
        """Wait a while for it, where one is on its way."""

    def why_nothing(self) -> str:
        """The answer to viewers whose first picture did not come in time."""


@dataclass(frozen=True)
class Wanted:
    """What a viewer is sent."""

    kind: VideoCodec
    content: Content = Content.PICTURE


class Viewer:
    """One peer connection, from its offer to its end; lives on the event loop."""

    def __init__(
        self,
        servers: Sequence[IceServer],
        stream: Watchable,
        wanted: Wanted,
        on_change: Callable[[Viewer], None],
        *,
        reports: bool,
    ) -> None:
        """`reports` is whether the installed aiortc passes on what viewers report."""
        self.peer = Peer(servers, lambda: on_change(self))
        self.stream = stream
        self.subscription = stream.encoder.subscribe(wanted.kind, content=wanted.content)
        self._reports = reports
        self._loop = asyncio.get_running_loop()
        self._track = LiveTrack(self.subscription, self._send_depth)
        self._stamps = Stamps()
        self._depth = DepthWords()
        self._channel: RTCDataChannel | None = None
        self.peer.connection.on("datachannel", self._open_channel)

    async def answer(self, offer: Offer) -> str:
        """The answer to an offer, with every candidate in it; raises `Refused`."""
        sender = self.peer.connection.addTrack(self._track)
        transceiver = self.peer.connection.getTransceivers()[0]
        transceiver.direction = "sendonly"
        transceiver.setCodecPreferences(preferences(offer.kind))
        if self._reports:
            reports.install(
                sender,
                on_loss=self._request_keyframe,
                on_capacity=self.subscription.report_capacity,
                on_report=self.peer.received,
            )
        answer = await self.peer.answer(offer)
        reports.notify_first_timestamp(sender, self._learn_timestamps)
        repeat_until_answered(sender.transport)
        read_promptly(sender.transport)
        return answer

    def wake(self) -> None:
        """There may be a packet."""
        self._track.wake()

    def is_gone(self) -> bool:
        """Whether the connection ended, never came about in time, or has long been silent."""
        state, silence = self.peer.state, self.peer.silence
        if state == "connected":
            return self._reports and silence > SILENCE_PATIENCE
        return state in ("failed", "closed") or silence > CONNECT_PATIENCE

    def send_figures(self, common: dict[str, Any]) -> None:
        """Send the figures by the data channel, where there is one with room."""
        own = {
            "dropped for you": self.subscription.queue.dropped,
            "codec": self.subscription.stream.kind.value,
        }
        self._send({**common, **own, **self._stamps.of(self._track.last)})
        self._send_depth(again=True)

    def _send_depth(self, *, again: bool = False) -> None:
        """Send what is to know of the depth in the last picture, where it is new, or once more."""
        last = self._track.last
        stamp = self._stamps.of(last)
        if last is None or last.depth is None or not stamp:
            return
        if (again or self._depth.is_new(last.depth)) and self._send(words_of(last.depth, stamp)):
            self._depth.note(last.depth)

    def send_end(self) -> None:
        """Send the message that the run has ended."""
        self._send({"ended": True})

    async def close(self) -> None:
        """Hang up; what takes longer than `CLOSE_PATIENCE` seconds (a TURN server that is away) goes on by itself."""
        self.subscription.close()
        self._track.stop()
        self._hanging_up = asyncio.create_task(self._hang_up(), name="viewer-hangs-up")
        await asyncio.wait({self._hanging_up}, timeout=CLOSE_PATIENCE)

    async def _hang_up(self) -> None:
        try:
            await self.peer.connection.close()
        except Exception:  # what a hostile offer left half made cannot be closed as a whole
            logger.debug("a connection could not be closed as a whole", exc_info=True)
            await self._close_transports()

    async def _close_transports(self) -> None:
        transports = {transceiver.sender.transport for transceiver in self.peer.connection.getTransceivers()}
        if self.peer.connection.sctp is not None:
            transports.add(self.peer.connection.sctp.transport)
        for dtls in transports - {None}:
            await asyncio.gather(dtls.stop(), dtls.transport.stop(), return_exceptions=True)

    def _request_keyframe(self) -> None:
        self.subscription.request_keyframe()
        self.wake()

    def _open_channel(self, channel: RTCDataChannel) -> None:
        if channel.label == "stats" and self._channel is None:
            self._channel = channel
            channel.on("message", self._handle_message)
            self._send_depth()

    def _learn_timestamps(self, timestamp: int) -> None:
        if self._track.last is not None:
            self._stamps.begin(timestamp, self._track.last)
            self._send_depth()

    def _handle_message(self, message: str | bytes) -> None:
        if self._has_room():
            answer = self.stream.answers.to(message, self._loop.time(), self.subscription.stream.content)
            if answer is not None:
                self._send(answer)

    def _has_room(self) -> bool:
        channel = self._channel
        return (
            channel is not None and channel.readyState == "open" and channel.bufferedAmount <= MOST_BUFFERED
        )

    def _send(self, message: dict[str, Any]) -> bool:
        """Send by the data channel, where there is one with room; whether it was sent."""
        if self._channel is None or not self._has_room():
            return False
        self._channel.send(json.dumps(message))
        return True
