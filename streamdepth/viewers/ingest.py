"""The camera that somebody sends over WebRTC: one at a time, from its offer to its end."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from aiortc import RTCSessionDescription

from streamdepth.errors import Trouble
from streamdepth.sources.browser.source import BrowserSource, Sending
from streamdepth.viewers.peers.rate_limit import looks
from streamdepth.webrtc import receiver as receiving
from streamdepth.webrtc.connection import LaterCandidates, new_connection
from streamdepth.webrtc.ice_server import IceServer
from streamdepth.webrtc.jitter_buffer import RtpPictures
from streamdepth.webrtc.prompt_reading import read_promptly
from streamdepth.webrtc.refusal import Refused
from streamdepth.webrtc.retransmission import bound_checks
from streamdepth.webrtc.sdp import Offer, Trickle, preferences, read_sending_offer, ufrag_of

CONNECT_PATIENCE = 10.0
"""Seconds within which a sender must be connected after its answer."""
CONNECT_PATIENCE_IF_WANTED = 3.0
"""Seconds within which a sender must be connected where another wants its place."""
SILENCE_PATIENCE = 5.0
"""Seconds without a packet of its video after which a sender is gone."""
ANSWER_PATIENCE = 10.0
"""Seconds that an answer may take; a TURN server that does not answer is the longest wait in it."""
CLOSE_PATIENCE = 1.0
LOOK_AFTER_EVERY = 0.5
RETRY_SOON = "2"
RETRY_LATER = "5"


class Ingest:
    """One peer connection of a sender; lives on the event loop."""

    def __init__(
        self, servers: Sequence[IceServer], source: BrowserSource, on_change: Callable[[Ingest], None]
    ) -> None:
        self.id = secrets.token_urlsafe(16)
        self.etag = f'"{secrets.token_urlsafe(8)}"'
        self.ufrag = ""
        self._loop = asyncio.get_running_loop()
        self._came_at = self._heard_at = self._loop.time()
        self._pictures = RtpPictures(self._hear)
        self._sending: Sending = source.begin(self._pictures.want_keyframe)
        self._connection = new_connection(servers)
        self._candidates = LaterCandidates(self._connection)
        self._connection.on("connectionstatechange", lambda: on_change(self))

    async def answer(self, offer: Offer) -> str:
        """The answer to an offer, with every candidate in it; raises `Refused`. Sound is declined."""
        video = self._connection.addTransceiver("video", direction="recvonly")
        video.setCodecPreferences(preferences(offer.kind))
        receiving.install(video.receiver, self._pictures, self._sending.put)
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
            for other in self._connection.getTransceivers():
                if other is not video:
                    other.direction = "inactive"
            await self._connection.setLocalDescription(await self._connection.createAnswer())
        except Exception as error:  # whatever a hostile offer makes of another library
            raise Refused(400, "the offer cannot be answered") from error
        read_promptly(video.receiver.transport)
        bound_checks(video.receiver.transport)  # unrepeated: FFmpeg's sender stops at what comes twice
        self.ufrag = ufrag_of(offer.sdp)
        self._hear()
        return str(self._connection.localDescription.sdp)

    async def add(self, trickle: Trickle) -> None:
        """Try the candidates that the sender found later; raises `Refused` where they are too many."""
        await self._candidates.add(trickle)

    def trouble(self) -> Trouble | None:
        """Why it is over, if it is: the connection ended, never came about in time, or is silent."""
        state = self._connection.connectionState
        silent = self._loop.time() - self._heard_at
        if state == "closed":
            return Trouble.ENDED
        if state == "failed":
            return Trouble.BROKE_OFF
        if state == "connected":
            return Trouble.SILENT if silent > SILENCE_PATIENCE else None
        return Trouble.TIMEOUT if silent > CONNECT_PATIENCE else None

    def excuse(self, seconds: float) -> None:
        """So long this process stood still: silence of that time is not the sender's."""
        self._heard_at = min(self._heard_at + seconds, self._loop.time())

    @property
    def connecting_since(self) -> float:
        """When it came, on the loop's clock; infinity once it was connected."""
        return float("inf") if self._connection.connectionState == "connected" else self._came_at

    async def close(self, trouble: Trouble) -> None:
        """Hang up, within `CLOSE_PATIENCE` seconds."""
        self._sending.end(trouble)
        try:
            async with asyncio.timeout(CLOSE_PATIENCE):
                await self._connection.close()
        except TimeoutError:
            return  # its sockets close with the last reference to it

    def _hear(self) -> None:
        self._heard_at = self._loop.time()


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
        self._removals: set[asyncio.Task[None]] = set()

    async def join(self, text: str) -> tuple[Ingest, str]:
        """A new sender and the answer to its offer; raises `Refused`."""
        source = self._wanted_source()
        offer = read_sending_offer(text)
        while self._present is not None:
            await self._make_room(self._present)
        ingest = self._present = Ingest(self._servers, source, self._notice)
        try:
            async with asyncio.timeout(ANSWER_PATIENCE):
                return ingest, await ingest.answer(offer)
        except TimeoutError as error:
            await self._remove(ingest, Trouble.TIMEOUT)
            raise Refused(503, "the STUN or TURN server does not answer", Retry_After=RETRY_LATER) from error
        except BaseException:
            await self._remove(ingest, Trouble.BROKE_OFF)
            raise

    async def _make_room(self, present: Ingest) -> None:
        """Let go of who has been connecting for long: its first try may have failed; raises `Refused` with 409 else."""
        if asyncio.get_running_loop().time() - present.connecting_since < CONNECT_PATIENCE_IF_WANTED:
            raise Refused(
                409, "another camera is being sent already: stop it there first", Retry_After=RETRY_SOON
            )
        await self._remove(present, Trouble.TIMEOUT)

    def find(self, identity: str) -> Ingest:
        """The sender of an address; raises `Refused` with 404."""
        if self._present is None or self._present.id != identity:
            raise Refused(404, "there is no such sender (any more)")
        return self._present

    async def leave(self, identity: str) -> None:
        """A sender says goodbye; raises `Refused` with 404."""
        await self._remove(self.find(identity), Trouble.ENDED)

    @asynccontextmanager
    async def looked_after(self) -> AsyncIterator[None]:
        """While this is entered, a sender that is gone is let go; at its end, whoever is there is."""
        task = asyncio.create_task(self._look_after(), name="sender")
        try:
            yield
        finally:
            task.cancel()
            leaving = [] if self._present is None else [self._remove(self._present, Trouble.ENDED)]
            await asyncio.gather(task, *leaving, *self._removals, return_exceptions=True)

    def why_nothing(self) -> str:
        """Why there is no picture before the first, for those who watch."""
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
                self._present.excuse(late)
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
