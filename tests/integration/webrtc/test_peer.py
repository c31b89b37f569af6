"""A peer connection from an offer to its end."""

from __future__ import annotations

import asyncio

import pytest
from aiortc import RTCPeerConnection

from streamdepth.http.refusal import Refused
from streamdepth.webrtc.peer import Peer
from streamdepth.webrtc.sdp import read_sending_offer


async def offered():
    connection = RTCPeerConnection()
    connection.addTransceiver("video", direction="sendonly")
    await connection.setLocalDescription(await connection.createOffer())
    text = connection.localDescription.sdp
    await connection.close()
    return read_sending_offer(text)


def test_an_offer_to_what_has_ended_meanwhile_is_not_told_to_be_wrong():
    async def scenario():
        offer = await offered()
        peer = Peer((), lambda: None)
        await peer.connection.close()
        with pytest.raises(Refused) as refused:
            await peer.answer(offer)
        assert refused.value.status == 503
        assert int(refused.value.headers["Retry-After"]) > 0

    asyncio.run(scenario())
