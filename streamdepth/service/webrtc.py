"""Viewers over WebRTC: each a peer connection that is sent the packets that all are sent."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from streamdepth.service import hooks
from streamdepth.service.channel import Answers, Stamps
from streamdepth.service.handshake import insist
from streamdepth.service.offers import Offer, Trickle, preferences, read_offer, ufrag_of
from streamdepth.service.pace import Pace
from streamdepth.service.refusal import Refused
from streamdepth.service.settings import WebSettings
from streamdepth.sinks.live_encoder import LiveEncoder, LivePacket, Subscription

logger = logging.getLogger(__name__)

CONNECT_PATIENCE = 15.0
"""Seconds within which a viewer must be connected after its answer."""
CONNECT_PATIENCE_IF_FULL = 4.0
"""The same, where another waits for the place."""
SILENCE_PATIENCE = 20.0
"""Seconds without any report of a viewer's after which it is gone; browsers report about once a second."""
ANSWER_PATIENCE = 10.0
"""Seconds that an answer may take; a TURN server that does not answer is the longest wait in it."""
CLOSE_PATIENCE = 1.0
LOOK_AFTER_EVERY = 1.0
"""Seconds between two looks after viewers, and between two messages with figures."""
MOST_BUFFERED = 64 * 1024
RETRY_LATER = "5"
RETRY_SOON = "2"


class LiveTrack(MediaStreamTrack):
    """The packets of one subscription, as aiortc asks for them."""

    kind = "video"

    def __init__(self, subscription: Subscription) -> None:
        super().__init__()
        self.last: LivePacket | None = None
        """What was handed out last."""
        self._subscription = subscription
        self._news = asyncio.Event()

    def wake(self) -> None:
        """There may be a packet."""
        self._news.set()

    def stop(self) -> None:
        """End it; who waits for a packet gets an end instead."""
        super().stop()
        self._news.set()

    async def recv(self) -> Any:
        """The next packet; `MediaStreamError` at the end."""
        while self.readyState == "live":
            packet = self._subscription.take()
            if packet is not None:
                self.last = packet
                return packet.packet
            self._news.clear()
            await self._news.wait()
        raise MediaStreamError


class Viewer:
    """One peer connection, from its offer to its end; lives on the event loop."""

    def __init__(
        self,
        servers: list[RTCIceServer],
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
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=servers))
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
        insist(sender)
        self.ufrag = ufrag_of(offer.sdp)
        return str(self._connection.localDescription.sdp)

    async def add(self, trickle: Trickle) -> None:
        """Try the candidates that the viewer found later."""
        for candidate in trickle.candidates:
            await self._connection.addIceCandidate(candidate)

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

    @property
    def connecting_since(self) -> float:
        """When it came, on the loop's clock; infinity once it was connected."""
        return float("inf") if self._connection.connectionState == "connected" else self._came_at

    def tell(self, common: dict[str, Any]) -> None:
        """Send the figures by the data channel, where there is one with room."""
        channel = self._channel
        if channel is None or channel.readyState != "open" or channel.bufferedAmount > MOST_BUFFERED:
            return
        own = {"dropped for you": self.subscription.queue.dropped, "codec": self.subscription.lane.kind.value}
        channel.send(json.dumps({**common, **own, **self._stamps.of(self._track.last)}))

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
        channel = self._channel
        if channel is None or channel.bufferedAmount > MOST_BUFFERED:
            return
        answer = self._answers.to(message, self._loop.time())
        if answer is not None:
            channel.send(json.dumps(answer))


class Places:
    """How many may watch at once, by whatever way."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.taken = 0

    @property
    def are_taken(self) -> bool:
        """Whether none is left."""
        return self.taken >= self.most

    def take(self) -> None:
        """Take one; raises `Refused` with 503 where none is left."""
        if self.are_taken:
            self.refuse()
        self.taken += 1

    def refuse(self) -> NoReturn:
        """Raise `Refused` with 503."""
        raise Refused(503, f"{self.most} watch already, which is the most", Retry_After=RETRY_LATER)

    def free(self) -> None:
        """Give one back."""
        self.taken -= 1


class Viewers:
    """All WebRTC viewers; lives on the event loop. Nothing is kept of those who left."""

    def __init__(
        self,
        encoder: LiveEncoder,
        settings: WebSettings,
        places: Places,
        answers: Answers,
        *,
        reports: bool = True,
        why_nothing: Callable[[], str] = lambda: "there is no picture yet",
        pace: Pace | None = None,
    ) -> None:
        """`why_nothing` is what viewers are told who come before the first picture."""
        self._encoder = encoder
        self._why_nothing = why_nothing
        self._reports = reports
        self._servers = [
            RTCIceServer(server.url, server.username or None, server.credential or None)
            for server in settings.ice_servers
        ]
        self._places = places
        self._pace = pace or Pace()
        self._answers = answers
        self._viewers: dict[str, Viewer] = {}
        self._removals: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._viewers)

    async def join(self, text: str) -> tuple[Viewer, str]:
        """A new viewer and the answer to its offer; raises `Refused`."""
        if self._encoder.newest is None:
            raise Refused(409, self._why_nothing(), Retry_After=RETRY_SOON)
        if self._places.are_taken:
            await self._make_room()
        await self._pace.turn()
        offer = read_offer(text)
        self._places.take()
        subscription = self._encoder.subscribe(offer.kind)
        viewer = Viewer(self._servers, subscription, self._answers, self._notice, reports=self._reports)
        self._viewers[viewer.id] = viewer
        try:
            async with asyncio.timeout(ANSWER_PATIENCE):
                return viewer, await viewer.answer(offer)
        except TimeoutError as error:
            await self._remove(viewer)
            raise Refused(503, "the STUN or TURN server does not answer", Retry_After=RETRY_LATER) from error
        except BaseException:
            await self._remove(viewer)
            raise

    async def _make_room(self) -> None:
        """Let go of who has been connecting for longest, if for long; raises `Refused` with 503 where nobody has."""
        longest = min(self._viewers.values(), key=lambda viewer: viewer.connecting_since, default=None)
        now = asyncio.get_running_loop().time()
        if longest is None or now - longest.connecting_since < CONNECT_PATIENCE_IF_FULL:
            self._places.refuse()
        await self._remove(longest)

    def find(self, identity: str) -> Viewer:
        """The viewer of an address; raises `Refused` with 404."""
        viewer = self._viewers.get(identity)
        if viewer is None:
            raise Refused(404, "there is no such viewer (any more)")
        return viewer

    async def leave(self, identity: str) -> None:
        """A viewer says goodbye; raises `Refused` with 404."""
        await self._remove(self.find(identity))

    def wake(self) -> None:
        """There are new packets."""
        for viewer in self._viewers.values():
            viewer.wake()

    @asynccontextmanager
    async def looked_after(self) -> AsyncIterator[None]:
        """While this is entered, viewers get their figures and those who are gone are let go; at its end, all are."""
        task = asyncio.create_task(self._look_after(), name="viewers")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(
                task, *map(self._remove, tuple(self._viewers.values())), return_exceptions=True
            )

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AFTER_EVERY)
            try:
                self._tell_all()
            except Exception:  # whatever one connection did: the others are still looked after
                logger.exception("a viewer could not be told its figures")

    def _tell_all(self) -> None:
        common = self._answers.figures() if self._viewers else {}
        for viewer in tuple(self._viewers.values()):
            if viewer.is_gone():
                self._let_go(viewer)
            else:
                viewer.tell(common)

    def _notice(self, viewer: Viewer) -> None:
        """A connection came about or ended."""
        if viewer.is_gone() and viewer.id in self._viewers:
            self._let_go(viewer)

    def _let_go(self, viewer: Viewer) -> None:
        removal = asyncio.create_task(self._remove(viewer), name="viewer-leaves")
        self._removals.add(removal)
        removal.add_done_callback(self._removals.discard)

    async def _remove(self, viewer: Viewer) -> None:
        if self._viewers.pop(viewer.id, None) is not None:
            self._places.free()
            await viewer.close()
