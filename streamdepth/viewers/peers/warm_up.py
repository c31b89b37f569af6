"""An answer to an offer of our own, so that the first viewer need not wait for what the first answer loads."""

from __future__ import annotations

import asyncio
import contextlib

from streamdepth.http.refusal import Refused
from streamdepth.live.encoder import LiveEncoder
from streamdepth.values import dataclass
from streamdepth.viewers.peers.channel import Answers
from streamdepth.viewers.peers.viewer import Viewer, Wanted
from streamdepth.webrtc.connection import new_connection
from streamdepth.webrtc.sdp import read_offer

LONGEST = 2.0


@dataclass(frozen=True)
class _Rehearsed:
    """A stream of which nobody asks anything."""

    encoder: LiveEncoder
    answers: Answers
    has_ended: bool = False

    async def first_picture(self) -> None:
        """Never waited for."""

    def why_nothing(self) -> str:
        """Never asked."""
        return ""


async def warm_up(encoder: LiveEncoder, *, reports: bool) -> None:
    """Take all steps from an offer to its answer once, which takes 30 ms more than the second time.

    `reports` is as for a `Viewer`. If it fails, so will the first viewer, which gets the reason.
    """
    watcher = new_connection()
    watcher.addTransceiver("video", direction="recvonly")
    watcher.createDataChannel("stats")
    offer = read_offer((await watcher.createOffer()).sdp)
    stream = _Rehearsed(encoder, Answers(dict, lambda _x, _y, _content: {}))
    viewer = Viewer([], stream, Wanted(offer.kind), lambda _viewer: None, reports=reports)
    try:
        with contextlib.suppress(Refused, TimeoutError):
            async with asyncio.timeout(LONGEST):
                await viewer.answer(offer)
    finally:
        await viewer.close()
        await watcher.close()
