"""The packets of a subscription as a track: each in its turn, and an end to every wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from fractions import Fraction

import av
import pytest
from aiortc.mediastreams import MediaStreamError

from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.frames import SourceInfo
from streamdepth.live.encoder import LiveEncoder, LivePacket, Subscription
from streamdepth.webrtc.track import LiveTrack


@pytest.fixture
def subscription() -> Iterator[Subscription]:
    encoder = LiveEncoder(SourceInfo(64, 48, Fraction(30), True, 1.0))
    yield encoder.subscribe(VideoCodec.H264)
    encoder.close()


def packet(data: bytes, *, is_keyframe: bool = False) -> LivePacket:
    return LivePacket(av.Packet(data), is_keyframe, 1.0, 1.1, 1.0)


def played(subscription: Subscription, scene: Callable[[LiveTrack], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(10):
            await scene(LiveTrack(subscription))

    asyncio.run(bounded())


def begin(subscription: Subscription) -> None:
    """Whoever asks for the first packet opens the queue; only then it keeps any."""
    assert subscription.take() is None


def test_packets_come_in_order_and_the_last_one_is_remembered(subscription: Subscription) -> None:
    begin(subscription)
    first, second = packet(b"1", is_keyframe=True), packet(b"2")
    subscription.queue.put(first)
    subscription.queue.put(second)

    async def scene(track: LiveTrack) -> None:
        assert track.last is None
        assert await track.recv() is first.packet
        assert track.last is first
        assert await track.recv() is second.packet
        assert track.last is second

    played(subscription, scene)


def test_it_begins_the_subscription_when_the_first_packet_is_asked_for(subscription: Subscription) -> None:
    async def scene(track: LiveTrack) -> None:
        assert not subscription.has_begun
        waiting = asyncio.ensure_future(track.recv())
        await asyncio.sleep(0)
        assert subscription.has_begun
        track.stop()
        with pytest.raises(MediaStreamError):
            await waiting

    played(subscription, scene)


def test_a_wait_ends_when_it_is_woken_with_a_packet_and_goes_on_without_one(
    subscription: Subscription,
) -> None:
    key = packet(b"1", is_keyframe=True)

    async def scene(track: LiveTrack) -> None:
        waiting = asyncio.ensure_future(track.recv())
        for _ in range(3):
            await asyncio.sleep(0)
            track.wake()
        await asyncio.sleep(0)
        assert not waiting.done()
        subscription.queue.put(key)
        track.wake()
        assert await waiting is key.packet

    played(subscription, scene)


def test_a_packet_that_came_before_the_wait_is_not_waited_for(subscription: Subscription) -> None:
    begin(subscription)

    async def scene(track: LiveTrack) -> None:
        subscription.queue.put(packet(b"1", is_keyframe=True))
        track.wake()
        assert bytes(await track.recv()) == b"1"
        waiting = asyncio.ensure_future(track.recv())
        await asyncio.sleep(0)
        subscription.queue.put(packet(b"2"))
        track.wake()
        assert bytes(await waiting) == b"2"

    played(subscription, scene)


def test_a_stop_ends_a_wait_and_what_is_asked_for_later(subscription: Subscription) -> None:
    async def scene(track: LiveTrack) -> None:
        waiting = asyncio.ensure_future(track.recv())
        await asyncio.sleep(0)
        track.stop()
        with pytest.raises(MediaStreamError):
            await waiting
        subscription.queue.put(packet(b"1", is_keyframe=True))
        with pytest.raises(MediaStreamError):
            await track.recv()
        assert (track.kind, track.readyState, track.last) == ("video", "ended", None)

    played(subscription, scene)
