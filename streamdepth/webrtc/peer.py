"""The other side of one connection that began with its offer: a viewer, or a sender of pictures."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable

from aiortc import RTCPeerConnection, RTCSessionDescription

from streamdepth.http.refusal import Refused
from streamdepth.webrtc.connection import AddressesHidden, LaterCandidates, describe, new_connection
from streamdepth.webrtc.ice_server import IceServer
from streamdepth.webrtc.sdp import Offer, Trickle, ufrag_of

logger = logging.getLogger(__name__)

ANSWER_PATIENCE = 10.0
"""Seconds that an answer may take; a TURN server that does not answer is the longest wait in it."""
RETRY_AFTER = "5"


class NoRelay(Refused):
    """No answer could be made in time, because a STUN or TURN server does not answer."""

    def __init__(self) -> None:
        super().__init__(503, "the STUN or TURN server does not answer", Retry_After=RETRY_AFTER)


class StreamEnded(Refused):
    """What the offer was for has ended meanwhile."""

    def __init__(self) -> None:
        super().__init__(503, "the stream has just ended (ask again in a moment)", Retry_After=RETRY_AFTER)


class Peer:
    """One peer connection, from an offer to its end; lives on the event loop. `on_change` follows its state."""

    def __init__(self, servers: Iterable[IceServer], on_change: Callable[[], None]) -> None:
        self.id = secrets.token_urlsafe(16)
        self.etag = f'"{secrets.token_urlsafe(8)}"'
        self.ufrag = ""
        """The ICE user name of its offer; empty before the answer."""
        self.connection: RTCPeerConnection = new_connection(servers)
        self._loop = asyncio.get_running_loop()
        self._came_at = self._heard_at = self._loop.time()
        self._candidates = LaterCandidates(self.connection)
        self.connection.on("connectionstatechange", on_change)

    async def answer(self, offer: Offer, decline: Callable[[], None] = lambda: None) -> str:
        """The answer to an offer, with every candidate in it; raises `Refused`.

        `decline` is called between the two descriptions: what the offer has beside its video is refused there.
        """
        try:
            async with asyncio.timeout(ANSWER_PATIENCE):
                await self._describe(offer, decline)
        except TimeoutError as error:
            raise NoRelay from error
        self.ufrag = ufrag_of(offer.sdp)
        return str(self.connection.localDescription.sdp)

    async def _describe(self, offer: Offer, decline: Callable[[], None]) -> None:
        try:
            await self.connection.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
            decline()
            await describe(self.connection, await self.connection.createAnswer())
        except AddressesHidden as error:
            logger.error("no camera or viewer can be connected: %s", error)
            sentence = "no connection can begin here (the log of the service says why)"
            raise Refused(503, sentence, Retry_After=RETRY_AFTER) from error
        except Exception as error:  # whatever a hostile offer makes of another library
            if self.connection.signalingState == "closed":  # by us
                raise StreamEnded from error
            raise Refused(400, "the offer cannot be answered") from error

    async def add(self, trickle: Trickle) -> None:
        """Try the candidates that were found later; raises `Refused` where they are too many."""
        await self._candidates.add(trickle)

    @property
    def state(self) -> str:
        """As `RTCPeerConnection.connectionState` has it: `new`, `connecting`, `connected`, `failed`, `closed`."""
        return str(self.connection.connectionState)

    @property
    def silence(self) -> float:
        """Seconds since something was last received, or since it came."""
        return self._loop.time() - self._heard_at

    def received(self) -> None:
        """Something came from the other side."""
        self._heard_at = self._loop.time()

    def excuse(self, seconds: float) -> None:
        """This process stood still for so long: silence of that time is not the other side's."""
        self._heard_at = min(self._heard_at + seconds, self._loop.time())

    @property
    def connecting_since(self) -> float:
        """When it came, on the loop's clock; infinity once it was connected."""
        return float("inf") if self.state == "connected" else self._came_at
