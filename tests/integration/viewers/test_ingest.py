"""Who sends a camera to a stream that ends."""

from __future__ import annotations

import asyncio
from contextlib import closing

import pytest
from aiortc import RTCPeerConnection

from streamdepth.http.refusal import Refused
from streamdepth.sources.browser.source import BrowserSource
from streamdepth.viewers import ingest
from streamdepth.viewers.ingest import Ingests


async def offered():
    connection = RTCPeerConnection()
    connection.addTransceiver("video", direction="sendonly")
    await connection.setLocalDescription(await connection.createOffer())
    text = connection.localDescription.sdp
    await connection.close()
    return text


def test_who_comes_while_it_ends_is_told_so_and_is_not_kept(monkeypatch):
    monkeypatch.setattr(ingest, "CONNECT_PATIENCE_IF_WANTED", 0.0)

    async def scenario(source):
        ingests = Ingests(source, ())
        async with ingests.looked_after():
            await ingests.join(await offered())
            second = asyncio.create_task(ingests.join(await offered()))
            await asyncio.sleep(0)  # until it makes room for itself
            assert not second.done()
        with pytest.raises(Refused, match="the stream has just ended") as refused:
            await second
        assert refused.value.status == 503
        assert not ingests.have_sender

    with closing(BrowserSource()) as source:
        asyncio.run(scenario(source))
