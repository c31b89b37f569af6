"""One viewer over WebRTC: a peer connection that is sent the packets that all are sent."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from aiortc import RTCDataChannel, RTCSessionDescription

from streamdepth.live.encoder import Subscription
from streamdepth.viewers.peers.channel import Answers, Stamps
from streamdepth.webrtc import reports as hooks
from streamdepth.webrtc.connection import LaterCandidates, new_connection
from streamdepth.webrtc.ice_server import IceServer
from streamdepth.webrtc.prompt_reading import read_promptly
from streamdepth.webrtc.refusal import Refused
from streamdepth.webrtc.retransmission import insist
from streamdepth.webrtc.sdp import Offer, Trickle, preferences, ufrag_of
from streamdepth.webrtc.track import LiveTrack

logger = logging.getLogger(__name__)

CONNECT_PATIENCE = 15.0
"""Seconds within which a viewer must be connected after its answer."""
SILENCE_PATIENCE = 20.0
"""Seconds without any report of a viewer's after which it is gone; browsers report about once a second."""
CLOSE_PATIENCE = 1.0
MOST_BUFFERED = 64 * 1024


class Viewer:
    """One peer connection, from its offer to its end; lives on the event loop."""

    def __init__(
        self,
        servers: Sequence[IceServer],
        subscription: Subscription,
        answers: Answers,
        on_change: Callable[[Viewer], None],
        *,
        reports: bool,
    ) -> None:
        """`reports` is whether the installed aiortc lets us hear what viewers report."""
        self.id = secrets.token_urlsafe(16)
        self.etag = f'"{secrets.token_urlsafe(8)}"'
        self.ufrag = ""
        self.subscription = subscription
        self._answers = answers
        self._reports = reports
        self._loop = asyncio.get_running_loop()
        self._came_at = self._heard_at = self._loop.time()
        self._track = LiveTrack(subscription)
        self._stamps = Stamps()
        self._channel: RTCDataChannel | None = None
        self._connection = new_connection(servers)
        self._candidates = LaterCandidates(self._connection)
        self._connection.on("datachannel", self._open_channel)
        self._connection.on("connectionstatechange", lambda: on_change(self))

    async def answer(self, offer: Offer) -> str:
        """The answer to an offer, with every candidate in it; raises `Refused`."""
        sender = self._connection.addTrack(self._track)
        transceiver = self._connection.getTransceivers()[0]
        transceiver.direction = "sendonly"
        transceiver.setCodecPreferences(preferences(offer.kind))
        if self._reports:
            hooks.install(
                sender,
                on_loss=self._complain,
                on_capacity=self.subscription.tell_capacity,
                on_report=self._hear,
            )
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
            await self._connection.setLocalDescription(await self._connection.createAnswer())
        except Exception as error:  # whatever a hostile offer makes of another library
            raise Refused(400, "the offer cannot be answered") from error
        hooks.tell_first_timestamp(sender, self._learn_timestamps)
        insist(sender.transport)
        read_promptly(sender.transport)
        self.ufrag = ufrag_of(offer.sdp)
        return str(self._connection.localDescription.sdp)

    async def add(self, trickle: Trickle) -> None:
        """Try the candidates that the viewer found later; raises `Refused` where they are too many."""
        await self._candidates.add(trickle)

    def wake(self) -> None:
        """There may be a packet."""
        self._track.wake()

    def is_gone(self) -> bool:
        """Whether the connection ended, never came about in time, or has long been silent."""
        state = self._connection.connectionState
        silent = self._loop.time() - self._heard_at
        if state == "connected":
            return self._reports and silent > SILENCE_PATIENCE
        return state in ("failed", "closed") or silent > CONNECT_PATIENCE

    def excuse(self, seconds: float) -> None:
        """So long this process stood still: silence of that time is not the viewer's."""
        self._heard_at = min(self._heard_at + seconds, self._loop.time())

    @property
    def connecting_since(self) -> float:
        """When it came, on the loop's clock; infinity once it was connected."""
        return float("inf") if self._connection.connectionState == "connected" else self._came_at

    def tell(self, common: dict[str, Any]) -> None:
        """Send the figures by the data channel, where there is one with room."""
        own = {"dropped for you": self.subscription.queue.dropped, "codec": self.subscription.lane.kind.value}
        self._send({**common, **own, **self._stamps.of(self._track.last)})

    def tell_end(self) -> None:
        """Send word that the run has ended."""
        self._send({"ended": True})

    async def close(self) -> None:
        """Hang up; what takes longer than `CLOSE_PATIENCE` seconds (a TURN server that is away) goes on by itself."""
        self.subscription.close()
        self._track.stop()
        self._hanging_up = asyncio.create_task(self._hang_up(), name="viewer-hangs-up")
        await asyncio.wait({self._hanging_up}, timeout=CLOSE_PATIENCE)

    async def _hang_up(self) -> None:
        try:
            await self._connection.close()
        except Exception:  # what a hostile offer left half made cannot be closed as a whole
            logger.debug("a connection could not be closed as a whole", exc_info=True)
            await self._close_transports()

    async def _close_transports(self) -> None:
        transports = {transceiver.sender.transport for transceiver in self._connection.getTransceivers()}
        if self._connection.sctp is not None:
            transports.add(self._connection.sctp.transport)
        for dtls in transports - {None}:
            await asyncio.gather(dtls.stop(), dtls.transport.stop(), return_exceptions=True)

    def _complain(self) -> None:
        self.subscription.request_keyframe()
        self.wake()

    def _hear(self) -> None:
        self._heard_at = self._loop.time()

    def _open_channel(self, channel: RTCDataChannel) -> None:
        if channel.label == "stats" and self._channel is None:
            self._channel = channel
            channel.on("message", self._hear_message)

    def _learn_timestamps(self, timestamp: int) -> None:
        if self._track.last is not None:
            self._stamps.begin(timestamp, self._track.last)

    def _hear_message(self, message: str | bytes) -> None:
        if self._has_room():
            answer = self._answers.to(message, self._loop.time())
            if answer is not None:
                self._send(answer)

    def _has_room(self) -> bool:
        channel = self._channel
        return (
            channel is not None and channel.readyState == "open" and channel.bufferedAmount <= MOST_BUFFERED
        )

    def _send(self, message: dict[str, Any]) -> None:
        """Send by the data channel, where there is one with room."""
        if self._channel is not None and self._has_room():
            self._channel.send(json.dumps(message))
