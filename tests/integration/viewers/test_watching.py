"""A viewer made of aiortc watches: what it sees, what it may ask, and what happens when it goes."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import re
import threading
import time
from contextlib import AsyncExitStack
from types import SimpleNamespace

import numpy as np
import pytest
from aiortc import RTCRtpReceiver, RTCSessionDescription
from aiortc.rtp import RtcpPsfbPacket, pack_remb_fci
from processor_waits import ProcessorWaits
from stamped_feed import PATIENCE, RAMP

from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.live.codec import LiveCodec
from streamdepth.viewers.peers.channel import Answers
from streamdepth.viewers.peers.viewer import Viewer, Wanted
from streamdepth.webrtc.connection import expect_closed_connections
from streamdepth.webrtc.sdp import read_offer

logger = logging.getLogger(__name__)


def codecs(name):
    capabilities = RTCRtpReceiver.getCapabilities("video").codecs
    return [c for c in capabilities if c.mimeType in (f"video/{name}", "video/rtx")]


def test_the_pictures_are_the_right_ones_in_order_and_in_colour(service, watching, stamp_of):
    async def scenario():
        async with watching(service) as viewer:
            return [await viewer.picture() for _ in range(20)], service.feed.number

    pictures, number = asyncio.run(scenario())
    stamps = [stamp_of(picture) for picture in pictures]
    assert stamps == sorted(set(stamps))
    assert number - stamps[-1] < 60
    fields = [pictures[-1][200, column].astype(int) for column in (50, 160, 270)]
    assert np.abs(np.array(fields) - 200 * np.eye(3)).max() < 16


def test_h264_is_sent_whatever_comes_first_in_the_offer(service, watching):
    async def scenario():
        async with watching(service) as viewer:
            await viewer.picture()
            return service.stream()["codec"]

    assert asyncio.run(scenario()) == "H264"


def test_a_viewer_without_h264_gets_vp8(service, new_watcher, stamp_of):
    async def scenario():
        watcher = new_watcher(service)
        watcher.transceiver.setCodecPreferences(codecs("VP8"))
        try:
            await watcher.watch()
            assert stamp_of(await watcher.picture()) > 0
            return service.stream()["codec"]
        finally:
            await watcher.connection.close()

    assert asyncio.run(scenario()) == "VP8"


def test_several_viewers_share_one_encoder_and_it_stops_with_the_last(service, watching, until):
    until(lambda: service.viewers() == 0)

    async def scenario():
        async with watching(service) as one, watching(service) as two, watching(service) as three:
            for viewer in (one, two, three):
                await viewer.picture()
            figures = await asyncio.to_thread(lambda: service.state()["encoders"])
            assert [stream["viewers"] for stream in figures] == [3]

    asyncio.run(scenario())
    until(lambda: service.viewers() == 0)
    assert service.stream() is None


def greatest_error(picture, told):
    """Of the columns of the ramp in the grey part of a picture, in levels of 255."""
    left, top, width, height = told["box"]
    grey = picture[top : top + height, left : left + width].mean(axis=(0, 2))
    least, most = told["range"]
    expected = np.clip((RAMP[0] - least) / (most - least), 0, 1) * 255
    return np.abs(grey.reshape(RAMP.shape[1], -1).mean(axis=1) - expected).max()


def test_colour_and_depth_come_together_from_one_encode_for_all(service, watching, until, stamp_of):
    until(lambda: service.viewers() == 0)

    async def scenario():
        async with (
            watching(service, place="/whep?content=depth") as one,
            watching(service, place="/whep?content=depth") as two,
        ):
            told = (await one.message("depth"))["depth"]
            picture = await two.picture()
            for _ in range(30):  # the first ones are coarse, until the encoder has settled
                if greatest_error(picture, told) < 3:
                    break
                picture = await two.picture()
            figures = await asyncio.to_thread(lambda: service.state()["encoders"])
            return told, picture, [(stream["content"], stream["viewers"]) for stream in figures]

    told, picture, encoders = asyncio.run(scenario())
    assert encoders == [("depth", 2)]
    assert told["colour"] == [320, 240]
    assert stamp_of(picture) > 0
    assert greatest_error(picture, told) < 3
    assert told["stamp"].keys() == {"rtp", "captured_ms"}


def test_an_unknown_content_is_refused_with_those_there_are(service):
    status, _, body = service.post_offer("v=0", "/whep?content=sound")
    assert (status, json.loads(body)["error"]) == (
        400,
        "there is no content 'sound'; there are picture and depth",
    )


def test_a_lost_picture_brings_a_keyframe_but_many_complaints_do_not_bring_many(service, watching):
    async def scenario():
        async with watching(service) as viewer:
            await viewer.picture()
            receiver = viewer.transceiver.receiver
            before = service.stream()["keyframes"]
            began = time.monotonic()
            while service.stream()["keyframes"] < before + 2:
                assert time.monotonic() - began < PATIENCE
                await receiver._send_rtcp_pli(receiver.track and viewer_ssrc(viewer))
                await asyncio.sleep(0.02)
            return time.monotonic() - began

    assert asyncio.run(scenario()) >= 0.5


def viewer_ssrc(viewer):
    return int(re.search(r"a=ssrc:(\d+)", viewer.answer)[1])


def test_the_bit_rate_follows_what_the_line_can_carry_without_a_keyframe(service, watching):
    async def scenario():
        async with watching(service) as viewer:
            await viewer.picture()
            receiver, ssrc = viewer.transceiver.receiver, viewer_ssrc(viewer)
            first = service.stream()
            told = RtcpPsfbPacket(fmt=15, ssrc=1, media_ssrc=0, fci=pack_remb_fci(200_000, [ssrc]))
            end = time.monotonic() + PATIENCE
            while (now := service.stream())["bit_rate"] != 170_000:
                assert time.monotonic() < end
                await receiver.transport._send_rtp(bytes(told))
                await asyncio.sleep(0.1)
            assert now["bit_rate"] < first["bit_rate"]
            return now["keyframes"] - first["keyframes"]

    assert asyncio.run(scenario()) == 0


def test_figures_come_once_a_second_and_depth_when_asked(service, watching):
    async def scenario():
        async with watching(service) as viewer:
            told = await viewer.message("condition")
            assert told["condition"] == "live"
            assert told["rate"] == 29.5
            assert told["codec"] == "H264"
            for nonsense in ("{", "[]", '{"depth at": "here"}', '{"depth at": [2, 0]}', "9" * 2000):
                viewer.channel.send(nonsense)
            viewer.channel.send(json.dumps({"depth at": [0.99, 0.5]}))
            return await viewer.message("depth at")

    told = asyncio.run(scenario())
    assert told == {"depth at": [0.99, 0.5], "depth": 10.0, "nearer_than": 0.875}


def test_it_tells_which_timestamp_stands_for_which_moment_and_what_its_clock_shows(service, watching):
    async def scenario():
        async with watching(service) as viewer:
            first = (await viewer.message("stamp"))["stamp"]
            second = (await viewer.message("stamp"))["stamp"]
            viewer.channel.send(json.dumps({"ping": 7}))
            return first, second, await viewer.message("pong")

    before = time.monotonic()
    first, second, pong = asyncio.run(scenario())
    ticks = (second["rtp"] - first["rtp"]) % 2**32
    assert ticks / 90 == pytest.approx(second["captured_ms"] - first["captured_ms"], abs=0.05)
    assert ticks > 0
    assert pong["pong"] == 7
    assert before * 1000 <= second["captured_ms"] <= pong["clock_ms"] <= time.monotonic() * 1000


def test_a_change_of_size_goes_on_with_a_new_picture_size(running_service, watching, stamped):
    async def scenario(service):
        async with watching(service) as viewer:
            assert (await viewer.picture()).shape == (240, 320, 3)
            service.feed.draw = lambda number: stamped(number, 400, 300)
            async with asyncio.timeout(PATIENCE):
                while (await viewer.picture()).shape != (300, 400, 3):
                    pass

    with running_service() as service:
        asyncio.run(scenario(service))


def test_a_picture_that_stands_still_is_still_shown_to_who_comes_later(running_service, watching, stamp_of):
    with running_service() as service:
        service.feed.stop()
        number = service.feed.number
        # aiortc's receiver gives a picture out when the next begins: a complaint brings that one
        assert asyncio.run(shown_twice(service, watching, stamp_of)) == number


async def shown_twice(service, watching, stamp_of):
    async with watching(service) as viewer:
        picture = asyncio.ensure_future(viewer.picture())
        while not picture.done():
            await viewer.transceiver.receiver._send_rtcp_pli(viewer_ssrc(viewer))
            await asyncio.sleep(0.1)
        return stamp_of(picture.result())


def test_pictures_are_encoded_beside_the_event_loop_and_never_hold_it_up(service, watching, monkeypatch):
    threads = set()
    encode = LiveCodec.encode

    def watched_encode(*arguments, **more):
        threads.add(threading.current_thread().name)
        return encode(*arguments, **more)

    monkeypatch.setattr(LiveCodec, "encode", watched_encode)

    async def scenario():
        async with AsyncExitStack() as stack:
            viewers = [await stack.enter_async_context(watching(service)) for _ in range(4)]
            await asyncio.gather(*(viewer.picture() for viewer in viewers))
            meter = LoopMeter(service.sink._service._there._loop)
            for _ in range(60):
                await asyncio.gather(*(viewer.picture() for viewer in viewers))
            return meter.stop()

    longest = asyncio.run(scenario())
    assert threads == {"streamdepth-live-encoder"}
    logger.info("the longest delay of the loop was %.0f ms", 1000 * longest)
    assert (
        longest < 0.5
    )  # of a machine that tests share; see docs/benchmarks/viewers.md for what it is on a quiet one


class LoopMeter:
    """How late a loop in another thread calls what is due, less the time for which others had its processors."""

    def __init__(self, loop):
        self._loop, self._longest, self._stopped = loop, 0.0, False
        self._waits = ProcessorWaits(os.getpid())
        loop.call_soon_threadsafe(self._again)

    def _again(self):
        self._due = self._loop.time() + 0.005
        if not self._stopped:
            self._loop.call_at(self._due, self._called)

    def _called(self):
        self._longest = max(self._longest, self._loop.time() - self._due - self._waits.since_last())
        self._again()

    def stop(self):
        self._stopped = True
        return self._longest


def test_who_says_goodbye_is_gone_and_a_second_goodbye_is_404(service, watching, until):
    async def scenario():
        async with watching(service) as viewer:
            await viewer.picture()
            assert (await asyncio.to_thread(service.ask, viewer.location, "DELETE"))[0] == 200
            assert (await asyncio.to_thread(service.ask, viewer.location, "DELETE"))[0] == 404

    asyncio.run(scenario())
    until(lambda: service.viewers() == 0)


def test_who_vanishes_is_noticed(running_service, watching, until, monkeypatch):
    async def scenario(service):
        async with watching(service) as viewer:
            await viewer.picture()
            monkeypatch.setattr("streamdepth.viewers.peers.viewer.SILENCE_PATIENCE", 2.0)
            viewer.transceiver.receiver._RTCRtpReceiver__rtcp_task.cancel()  # nothing is heard of it any more
            await asyncio.to_thread(until, lambda: service.viewers() == 0)

    with running_service() as service:
        asyncio.run(scenario(service))


def test_a_process_that_stood_still_lets_nobody_go_for_it(running_service, watching, monkeypatch):
    async def scenario(service):
        async with watching(service) as first, watching(service) as second:
            for viewer in (first, second):
                await viewer.picture()
            # They report every one and a half seconds at the latest, and this thread may stand still for a moment, too.
            monkeypatch.setattr("streamdepth.viewers.peers.viewer.SILENCE_PATIENCE", 5.0)
            stood_still = threading.Event()
            service.sink._service.on_loop(lambda: (time.sleep(6.0), stood_still.set()))
            assert await asyncio.to_thread(stood_still.wait, 30)
            await asyncio.sleep(1.5)  # a look at them and more
            return service.viewers()

    with running_service() as service:
        assert asyncio.run(scenario(service)) == 2


def test_who_never_connects_is_let_go(running_service, new_watcher, until, monkeypatch):
    async def scenario():
        watcher = new_watcher(None)
        try:
            return await watcher.offer()
        finally:
            await watcher.connection.close()

    with running_service() as service:
        assert service.post_offer(asyncio.run(scenario()))[0] == 201
        assert service.viewers() == 1
        monkeypatch.setattr("streamdepth.viewers.peers.viewer.CONNECT_PATIENCE", 1.0)
        until(lambda: service.viewers() == 0)


NAME = "3b1f2c9e-0d8e-4a52-8a2e-7c3f1a2b4c5d.local"
HIDDEN = {
    "names that only multicast DNS knows": lambda offer: re.sub(r"( udp \d+ )\S+", rf"\g<1>{NAME}", offer),
    "no address": lambda offer: re.sub(r"a=candidate:.*\r\n", "", offer),
    "addresses of a network that is not ours": lambda offer: re.sub(
        r"( udp \d+ )\S+", r"\g<1>10.255.255.1", offer
    ),
}


@pytest.mark.parametrize("hide", HIDDEN.values(), ids=HIDDEN)
def test_who_tells_no_address_that_works_and_says_that_there_are_no_more_is_waited_for(
    service, new_watcher, hide
):
    async def scenario():
        watcher = new_watcher(service)
        offer = hide(await watcher.offer())
        assert "a=end-of-candidates" in offer
        try:
            watcher.offer = lambda: asyncio.sleep(0, offer)
            await watcher.watch()
            return await watcher.picture()
        finally:
            await watcher.connection.close()

    assert asyncio.run(scenario()).size


def test_the_most_viewers_are_let_in_and_the_next_is_told(running_service, watching, new_watcher):
    async def scenario(service):
        async with watching(service) as first, watching(service) as second:
            for viewer in (first, second):
                await viewer.picture()
            third = new_watcher(service)
            answer = await asyncio.to_thread(service.post_offer, await third.offer())
            await third.connection.close()
            return answer

    with running_service(max_viewers=2) as service:
        status, headers, body = asyncio.run(scenario(service))
    assert status == 503
    assert headers["Retry-After"] == "5"
    assert b"2 watch already" in body


def test_where_all_places_are_taken_who_does_not_connect_makes_room(
    running_service, new_watcher, watching, monkeypatch
):
    monkeypatch.setattr("streamdepth.viewers.peers.registry.CONNECT_PATIENCE_IF_FULL", 0.0)

    async def scenario(service):
        absent = new_watcher(service)
        _, headers, _ = await asyncio.to_thread(service.post_offer, await absent.offer())
        async with watching(service) as viewer:
            await viewer.picture()
            gone = await asyncio.to_thread(service.ask, headers["Location"], "DELETE")
            refused = await asyncio.to_thread(service.post_offer, await absent.offer())
        await absent.connection.close()
        return gone[0], refused[0]

    with running_service(max_viewers=1) as service:
        assert asyncio.run(scenario(service)) == (404, 503)  # who watches makes no room


def test_who_leaves_while_connecting_leaves_no_traceback(service, new_watcher, caplog):
    """In this process, so that the moment can be chosen: in the handshake, for which the data channel waits."""

    async def leave(moment):
        watcher = new_watcher(service)
        stream = SimpleNamespace(encoder=service.encoder, answers=Answers(dict, dict))
        viewer = Viewer((), stream, Wanted(VideoCodec.H264), lambda _viewer: None, reports=True)
        answer = await viewer.answer(read_offer(await watcher.offer()))
        await watcher.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        async with asyncio.timeout(PATIENCE):
            while viewer.peer.connection.iceConnectionState != "completed":
                await asyncio.sleep(0)
        await asyncio.sleep(moment)
        await viewer.close()
        await watcher.connection.close()
        gc.collect()

    async def scenario():
        expect_closed_connections(asyncio.get_running_loop())
        for number in range(20):
            await leave(0.0004 * (number % 8))
        await asyncio.sleep(0.1)
        gc.collect()

    asyncio.run(scenario())
    assert "never retrieved" not in caplog.text


@pytest.mark.parametrize("error", [ConnectionError("ours"), ValueError("anybody's")])
def test_other_errors_of_tasks_are_told(error, caplog):
    async def fail():
        raise error

    async def scenario():
        expect_closed_connections(asyncio.get_running_loop())
        _failing = asyncio.create_task(fail())
        await asyncio.sleep(0)
        del _failing
        await asyncio.sleep(0)

    asyncio.run(scenario())
    assert "never retrieved" in caplog.text


def test_nothing_is_kept_of_those_who_left(service, watching, until):
    async def scenario():
        async with watching(service) as viewer:
            await viewer.picture()

    def viewers_in_memory():
        gc.collect()
        return sum(type(thing).__name__ == "Viewer" for thing in gc.get_objects())

    for _ in range(3):
        asyncio.run(scenario())
    until(lambda: service.viewers() == 0)
    until(lambda: viewers_in_memory() == 0)


def test_closing_hangs_up_at_once_and_leaves_no_thread(running_service, watching):
    async def scenario(service):
        async with watching(service) as viewer:
            await viewer.picture()
            await asyncio.to_thread(service.feed.stop)
            began = time.monotonic()
            await asyncio.to_thread(service.sink.close)
            return time.monotonic() - began

    def own_threads():
        return {
            thread
            for thread in threading.enumerate()
            if thread.name in ("streamdepth-web", "streamdepth-live-encoder")
        }

    before = own_threads()
    with running_service() as service:
        assert asyncio.run(scenario(service)) < 3.5
    assert own_threads() <= before
