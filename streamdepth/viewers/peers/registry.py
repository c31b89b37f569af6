"""All viewers over WebRTC: how many may join, which are there, which are removed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from streamdepth.heap import give_back
from streamdepth.http.refusal import Refused
from streamdepth.live.encoder import Content
from streamdepth.viewers.peers.rate_limit import RateLimit, looks
from streamdepth.viewers.peers.viewer import Viewer, Wanted, Watchable
from streamdepth.viewers.settings import WebSettings
from streamdepth.webrtc.peer import StreamEnded
from streamdepth.webrtc.sdp import read_offer

logger = logging.getLogger(__name__)

CONNECT_PATIENCE_IF_FULL = 4.0
"""Seconds within which a viewer must be connected where another waits for its place."""
LOOK_AFTER_EVERY = 1.0
"""Seconds between two looks after viewers, and between two messages with figures."""
GIVE_BACK_EVERY = 10.0
"""Seconds at least between two times that free memory goes back to the system."""
SETTLED_AFTER = 2.0
"""Seconds after which what a viewer or an input held is free, once it is gone."""
FAREWELLS = 3
FAREWELL_EVERY = 0.05
RETRY_LATER = "5"
RETRY_SOON = "2"


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
    """The WebRTC viewers of all streams; lives on the event loop. Nothing is kept of one that left."""

    def __init__(
        self,
        settings: WebSettings,
        places: Places,
        *,
        reports: bool = True,
        pace: RateLimit | None = None,
    ) -> None:
        """`reports` is as for a `Viewer`."""
        self._reports = reports
        self._servers = settings.ice_servers
        self._places = places
        self._pace = pace or RateLimit()
        self._viewers: dict[str, Viewer] = {}
        self._shown: dict[Watchable, object] = {}
        self._freed_at: float | None = None
        self._given_back_at = float("-inf")
        self._removals: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._viewers)

    async def join(
        self, stream: Watchable, text: str, content: Content = Content.PICTURE
    ) -> tuple[Viewer, str]:
        """A new viewer of a stream and the answer to its offer; raises `Refused`."""
        await stream.first_picture()
        if not stream.has_ended and stream.encoder.newest is None:
            raise Refused(409, stream.why_nothing(), Retry_After=RETRY_SOON)
        if self._places.are_taken:
            await self._make_room()
        await self._pace.turn()
        if stream.has_ended:  # during one of these awaits: nothing would disconnect a viewer added now
            raise StreamEnded
        offer = read_offer(text)
        self._places.take()
        wanted = Wanted(offer.kind, content)
        viewer = Viewer(self._servers, stream, wanted, self._notice, reports=self._reports)
        self._viewers[viewer.peer.id] = viewer
        try:
            return viewer, await viewer.answer(offer)
        except BaseException:
            await self._remove(viewer)
            raise

    async def _make_room(self) -> None:
        """Remove the viewer that has been connecting for longest, if for long; else raise `Refused` (503)."""
        longest = min(self._viewers.values(), key=lambda viewer: viewer.peer.connecting_since, default=None)
        now = asyncio.get_running_loop().time()
        if longest is None or now - longest.peer.connecting_since < CONNECT_PATIENCE_IF_FULL:
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

    def wake(self, stream: Watchable) -> None:
        """There are new packets of a stream."""
        for viewer in self._of(stream):
            viewer.wake()

    def _of(self, stream: Watchable) -> list[Viewer]:
        return [viewer for viewer in self._viewers.values() if viewer.stream is stream]

    async def end(self, stream: Watchable) -> None:
        """A stream is over: its viewers are notified, and removed."""
        await self._hang_up(self._of(stream))
        self._shown.pop(stream, None)

    @asynccontextmanager
    async def looked_after(self) -> AsyncIterator[None]:
        """While this is entered, viewers get their figures and are removed when they are gone; at its end, all are.

        Before that they learn that the run has ended: without it a page takes the server for lost. That is when no
        request is answered any more.
        """
        task = asyncio.create_task(self._look_after(), name="viewers")
        try:
            yield
        finally:
            task.cancel()
            await self._hang_up(list(self._viewers.values()))
            await asyncio.gather(task, return_exceptions=True)

    async def _look_after(self) -> None:
        async for late in looks(LOOK_AFTER_EVERY):
            self._excuse_all(late)
            self._send_figures_to_all()
            await self._give_back_memory()

    async def _hang_up(self, viewers: Sequence[Viewer]) -> None:
        """Notify viewers of the end of the run, repeatedly since the channel may lose a message, and remove them."""
        for _ in range(FAREWELLS if viewers else 0):
            for viewer in viewers:
                viewer.send_end()
            await asyncio.sleep(FAREWELL_EVERY)
        await asyncio.gather(*map(self._remove, viewers), return_exceptions=True)

    def _excuse_all(self, late: float) -> None:
        # Not in the loop that goes on for ever: its last viewer would be kept until another comes.
        for viewer in self._viewers.values():
            viewer.peer.excuse(late)

    def _send_figures_to_all(self) -> None:
        for stream in {viewer.stream for viewer in self._viewers.values()}:
            try:
                self._send_figures(stream)
            except Exception:  # whatever one connection did: the others are still looked after
                logger.exception("the figures could not be sent to a viewer")

    def _send_figures(self, stream: Watchable) -> None:
        common = stream.answers.figures()
        self._heed_input(stream, common)
        for viewer in self._of(stream):
            if viewer.is_gone():
                self._let_go(viewer)
            else:
                viewer.send_figures(common)

    def _heed_input(self, stream: Watchable, common: dict[str, Any]) -> None:
        """Another input is shown: what the last one was decoded with is free soon."""
        before = self._shown.get(stream)
        shown = common.get("input", {}).get("shown", before)
        if before not in (None, shown):
            self._note_freed()
        self._shown[stream] = shown

    def _note_freed(self) -> None:
        if self._freed_at is None:
            self._freed_at = asyncio.get_running_loop().time()

    async def _give_back_memory(self) -> None:
        """After some have left or another input was chosen, but not with each."""
        loop = asyncio.get_running_loop()
        now, freed_at = loop.time(), self._freed_at
        if freed_at is None or now - freed_at < SETTLED_AFTER or now - self._given_back_at < GIVE_BACK_EVERY:
            return
        self._freed_at, self._given_back_at = None, now
        await loop.run_in_executor(None, give_back)

    def _notice(self, viewer: Viewer) -> None:
        """A connection came about or ended."""
        if viewer.is_gone() and viewer.peer.id in self._viewers:
            self._let_go(viewer)

    def _let_go(self, viewer: Viewer) -> None:
        removal = asyncio.create_task(self._remove(viewer), name="viewer-leaves")
        self._removals.add(removal)
        removal.add_done_callback(self._removals.discard)

    async def _remove(self, viewer: Viewer) -> None:
        if self._viewers.pop(viewer.peer.id, None) is not None:
            self._places.free()
            self._note_freed()
            await viewer.close()
