from __future__ import annotations

import asyncio

import pytest

from streamdepth.http.refusal import Refused
from streamdepth.viewers.cameras import Listed, OneCamera
from streamdepth.viewers.streams import Streams


class FakeStream:
    """A stream that ends when it is asked to."""

    def __init__(self, name):
        self.name = name
        self.ended = asyncio.Event()
        self.is_over = False

    async def live(self):
        await self.ended.wait()
        self.is_over = True

    def end(self):
        self.ended.set()


def test_the_first_stream_is_the_one_without_a_name_and_the_next_follows_it():
    async def scenario():
        streams = Streams(OneCamera())
        with pytest.raises(Refused, match="no picture yet") as refused:
            streams.find(None)
        assert refused.value.status == 503
        front, back = FakeStream("front"), FakeStream("back")
        streams.add(front)
        streams.add(back)
        assert streams.find(None) is front
        assert streams.find("back") is back
        await streams.remove("front")
        assert front.is_over
        assert streams.find(None) is back
        with pytest.raises(Refused) as refused:
            streams.find("front")
        assert refused.value.status == 404
        await streams.remove("front")
        await streams.end()
        assert back.is_over
        assert list(streams) == []

    asyncio.run(scenario())


class Listing(OneCamera):
    def __init__(self, *listed):
        self.cameras = listed

    def listed(self):
        return self.cameras


def test_of_several_the_first_is_the_one_without_a_name_also_while_it_is_not_up():
    async def scenario():
        streams = Streams(
            Listing(Listed("front", "x"), Listed("back", "y"), Listed("side", "z", "failed (why)"))
        )
        streams.add(back := FakeStream("back"))
        assert streams.find("back") is back
        for name, sentence in {
            None: "there is no picture of front: starting",
            "front": "there is no picture of front: starting",
            "side": "there is no picture of side: failed (why)",
        }.items():
            with pytest.raises(Refused) as refused:
                streams.find(name)
            assert (refused.value.status, refused.value.sentence) == (503, sentence)
        with pytest.raises(Refused) as refused:
            streams.find("nobody")
        assert refused.value.status == 404
        streams.add(front := FakeStream("front"))
        assert streams.find(None) is front
        await streams.end()

    asyncio.run(scenario())
