"""One stream of the web service: what a run shows there, its viewers and its sender."""

from __future__ import annotations

import asyncio

from streamdepth.live.encoder import LiveEncoder
from streamdepth.protocols import Inputs
from streamdepth.sources.browser.source import BrowserSource
from streamdepth.threads.pool import Pool
from streamdepth.values import dataclass
from streamdepth.viewers.distances import Distances
from streamdepth.viewers.http.endless import happens
from streamdepth.viewers.http.film import Films
from streamdepth.viewers.http.mjpeg import Jpegs
from streamdepth.viewers.ingest import Ingests
from streamdepth.viewers.peers.channel import Answers
from streamdepth.viewers.peers.registry import Viewers
from streamdepth.viewers.state import Controls, LiveState, RunFacts
from streamdepth.webrtc.ice_server import IceServer

FIRST_PATIENCE = 3.0
"""Seconds that a viewer waits for the first picture before it is refused."""


@dataclass(frozen=True)
class Shown:
    """What a run brings to the service."""

    encoder: LiveEncoder
    """Gives pictures and packets: a sink of its own, which gets each frame first and is closed by its owner."""
    controls: Controls
    """What viewers change: a `Renderer`."""
    facts: RunFacts
    """Where the figures come from."""
    inputs: Inputs | None = None
    """What viewers choose from."""
    camera: BrowserSource | None = None
    """The source of the run where viewers may send one."""


@dataclass(frozen=True)
class Common:
    """What all streams of a service share."""

    viewers: Viewers
    pool: Pool
    """Threads for what the event loop must not wait for."""
    ice_servers: tuple[IceServer, ...]


class Stream:
    """A stream by its name; lives on the event loop."""

    def __init__(self, name: str, shown: Shown, common: Common, *, receives: bool) -> None:
        """`receives` is whether the installed aiortc lets us receive as we do."""
        self.name = name
        self.encoder = shown.encoder
        self.state = LiveState(shown.encoder, shown.controls, shown.facts, inputs=shown.inputs)
        self.distances = Distances(shown.encoder, shown.controls, shown.facts.report)
        self.answers = Answers(self.state.figures, self.state.depth_at)
        self.ingests = Ingests(shown.camera, common.ice_servers, works=receives)
        self.jpegs = Jpegs(shown.encoder, common.pool)
        self.films = Films(shown.encoder, shown.facts.report)
        self._viewers = common.viewers
        self._ended = asyncio.Event()

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes."""
        return self.jpegs.news.is_closed

    @property
    def takes_sender(self) -> bool:
        """Whether its pictures are what a client sends."""
        return self.ingests.are_wanted

    @property
    def has_sender(self) -> bool:
        """Whether a client sends its pictures, or is about to."""
        return self.ingests.have_sender

    async def first_picture(self) -> None:
        """Wait for it, `FIRST_PATIENCE` seconds at most; not where nobody sends one."""
        if self.takes_sender and not self.has_sender:
            return
        follower = self.jpegs.news.follow()
        try:
            if self.encoder.newest is None:
                await happens(follower, FIRST_PATIENCE)
        finally:
            self.jpegs.news.unfollow(follower)

    def why_nothing(self) -> str:
        """Why there is no picture yet, for viewers."""
        return self.ingests.why_nothing()

    def wake(self) -> None:
        """There are new packets for its viewers."""
        self._viewers.wake(self)
        self.films.news.wake()

    async def live(self) -> None:
        """Look after its sender until it ends; then its viewers are notified, and removed."""
        async with self.ingests.looked_after():
            await self._ended.wait()
            await self._viewers.end(self)

    def end_answers(self) -> None:
        """End the pictures over HTTP and the recordings: the server waits for them."""
        self.jpegs.news.close()
        self.films.news.close()

    def end(self) -> None:
        """Have `live` come to its end, and end what goes out over HTTP at once."""
        self.end_answers()
        self._ended.set()
