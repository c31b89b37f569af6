"""The camera that a client sends over WebRTC: one at a time, from its offer to its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from streamdepth.errors import Trouble
from streamdepth.http.refusal import Refused
from streamdepth.sources.browser.source import BrowserSource, Sending
from streamdepth.viewers.peers.rate_limit import looks
from streamdepth.webrtc import receiver
from streamdepth.webrtc.ice_server import IceServer
from streamdepth.webrtc.jitter_buffer import JitterBuffer
from streamdepth.webrtc.peer import NoRelay, Peer, StreamEnded
from streamdepth.webrtc.prompt_reading import read_promptly
from streamdepth.webrtc.retransmission import bound_checks
from streamdepth.webrtc.sdp import Offer, preferences, read_sending_offer

CONNECT_PATIENCE = 10.0
"""Seconds within which a sender must be connected after its answer."""
CONNECT_PATIENCE_IF_WANTED = 3.0
"""Seconds within which a sender must be connected where another wants its place."""
SILENCE_PATIENCE = 5.0
"""Seconds without a packet of its video after which a sender is gone."""
CLOSE_PATIENCE = 1.0
LOOK_AFTER_EVERY = 0.5
RETRY_SOON = "2"


class Ingest:
    """One peer connection of a sender; lives on the event loop."""

    def __init__(
        self, servers: Sequence[IceServer], source: BrowserSource, on_change: Callable[[Ingest], None]
    ) -> None:
        self.peer = Peer(servers, lambda: on_change(self))
        self._pictures = JitterBuffer(self.peer.received)
        self._sending: Sending = source.begin(self._pictures.want_keyframe)

    async def answer(self, offer: Offer) -> str:
        """The answer to an offer, with every candidate in it; raises `Refused`. Sound is declined."""
        connection = self.peer.connection
        video = connection.addTransceiver("video", direction="recvonly")
        video.setCodecPreferences(preferences(offer.kind))
        receiver.install(video.receiver, self._pictures, self._sending.put)

        def decline_all_but_video() -> None:
            for other in connection.getTransceivers():
                if other is not video:
                    other.direction = "inactive"

        answer = await self.peer.answer(offer, decline_all_but_video)
        read_promptly(video.receiver.transport)
        bound_checks(video.receiver.transport)  # unrepeated: FFmpeg's sender stops at what comes twice
        self.peer.received()
        return answer

    def trouble(self) -> Trouble | None:
        """Why it is over, if it is: the connection ended, never came about in time, or is silent."""
        state, silence = self.peer.state, self.peer.silence
        if state == "closed":
            return Trouble.ENDED
        if state == "failed":
            return Trouble.BROKE_OFF
        if state == "connected":
            return Trouble.SILENT if silence > SILENCE_PATIENCE else None
        return Trouble.TIMEOUT if silence > CONNECT_PATIENCE else None

    async def close(self, trouble: Trouble) -> None:
        """Hang up, within `CLOSE_PATIENCE` seconds."""
        self._sending.end(trouble)
        try:
            async with asyncio.timeout(CLOSE_PATIENCE):
                await self.peer.connection.close()
        except TimeoutError:
            return  # its sockets close with the last reference to it


class Ingests:
    """Lets one sender in at a time, where the source of the run takes one; lives on the event loop."""

    def __init__(
        self, source: BrowserSource | None, servers: tuple[IceServer, ...], *, works: bool = True
    ) -> None:
        """`works` is whether the installed aiortc lets us receive as we do."""
        self._source = source
        self._works = works
        self._servers = servers
        self._present: Ingest | None = None
        self._has_ended = False
        self._removals: set[asyncio.Task[None]] = set()

    @property
    def are_wanted(self) -> bool:
        """Whether the source of the run takes a sender."""
        return self._source is not None

    @property
    def have_sender(self) -> bool:
        """Whether one is here, or is connecting."""
        return self._present is not None

    def has(self, identity: str) -> bool:
        """Whether the sender of an address is here."""
        return self._present is not None and self._present.peer.id == identity

    async def join(self, text: str) -> tuple[Ingest, str]:
        """A new sender and the answer to its offer; raises `Refused`."""
        source = self._wanted_source()
        offer = read_sending_offer(text)
        while self._present is not None:
            await self._make_room(self._present)
        if self._has_ended:  # meanwhile: nothing would close a sender added now
            raise StreamEnded
        ingest = self._present = Ingest(self._servers, source, self._notice)
        try:
            return ingest, await ingest.answer(offer)
        except NoRelay:
            await self._remove(ingest, Trouble.TIMEOUT)
            raise
        except BaseException:
            await self._remove(ingest, Trouble.BROKE_OFF)
            raise

    async def _make_room(self, present: Ingest) -> None:
        """Remove a sender that has been connecting for long, as its first try may have failed, or raise `Refused`."""
        if asyncio.get_running_loop().time() - present.peer.connecting_since < CONNECT_PATIENCE_IF_WANTED:
            raise Refused(
                409, "another camera is being sent already: stop it there first", Retry_After=RETRY_SOON
            )
        await self._remove(present, Trouble.TIMEOUT)

    def find(self, identity: str) -> Ingest:
        """The sender of an address; raises `Refused` with 404."""
        if self._present is None or not self.has(identity):
            raise Refused(404, "there is no such sender (any more)")
        return self._present

    async def leave(self, identity: str) -> None:
        """A sender says goodbye; raises `Refused` with 404."""
        await self._remove(self.find(identity), Trouble.ENDED)

    @asynccontextmanager
    async def looked_after(self) -> AsyncIterator[None]:
        """While this is entered, a sender that is gone is removed; at its end, any is."""
        task = asyncio.create_task(self._look_after(), name="sender")
        try:
            yield
        finally:
            self._has_ended = True
            task.cancel()
            leaving = [] if self._present is None else [self._remove(self._present, Trouble.ENDED)]
            await asyncio.gather(task, *leaving, *self._removals, return_exceptions=True)

    def why_nothing(self) -> str:
        """Why there is no picture yet, for viewers."""
        if self._source is None or self._present is not None:
            return "there is no picture yet"
        return "waiting for a camera: use yours here, or send one to /whip"

    def _wanted_source(self) -> BrowserSource:
        if self._source is None:
            raise Refused(404, "this stream has another source: start streamdepth with --input browser")
        if not self._works:
            raise Refused(501, "this version of aiortc cannot receive here: install the newest one")
        return self._source

    async def _look_after(self) -> None:
        async for late in looks(LOOK_AFTER_EVERY):
            if self._present is not None:
                self._present.peer.excuse(late)
                self._notice(self._present)

    def _notice(self, ingest: Ingest) -> None:
        """A connection came about, ended, or is looked at."""
        trouble = ingest.trouble()
        if trouble is not None and ingest is self._present:
            removal = asyncio.create_task(self._remove(ingest, trouble), name="sender-leaves")
            self._removals.add(removal)
            removal.add_done_callback(self._removals.discard)

    async def _remove(self, ingest: Ingest, trouble: Trouble) -> None:
        if self._present is ingest:
            self._present = None
            await ingest.close(trouble)
