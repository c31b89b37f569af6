"""Cameras that are sent by WHIP: what the protocol says, and what becomes of what is sent."""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import pytest
from aiortc.rtp import is_rtcp
from places import FAKES
from stamped_feed import PATIENCE

from streamdepth.frames import SourceState

TOKEN = "correct-horse"
AS_OBS_WRITES = """\
v=0
o=rtc 2890844526 0 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=group:LS 0 1
a=msid-semantic:WMS *
a=setup:actpass
a=ice-ufrag:Yw6c
a=ice-pwd:hV1tb8VYm6zQbOQqVn0pQk
a=ice-options:ice2,trickle
a=fingerprint:sha-256 {fingerprint}
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=mid:0
a=sendonly
a=ssrc:3521 cname:obs
a=ssrc:3521 msid:stream audio
a=msid:stream audio
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;maxaveragebitrate=96000;stereo=1;sprop-stereo=1;useinbandfec=1
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=mid:1
a=sendonly
a=ssrc:3522 cname:obs
a=ssrc:3522 msid:stream video
a=msid:stream video
a=rtcp-mux
a=rtpmap:96 H264/90000
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtcp-fb:96 goog-remb
a=fmtp:96 profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1
""".replace("{fingerprint}", ":".join(["AB"] * 32)).replace("\n", "\r\n")


@pytest.fixture
def service(camera_service):
    with camera_service() as running:
        yield running


@pytest.fixture
def offer(new_sender):
    async def scenario():
        sender = new_sender(None)
        try:
            return await sender.offer()
        finally:
            await sender.connection.close()

    return asyncio.run(scenario())


def error(answer):
    return json.loads(answer[2])["error"]


def post(service, sdp, **headers):
    return service.ask("/whip", "POST", sdp.encode(), **{"Content-Type": "application/sdp", **headers})


def sections(sdp):
    """The media sections of a description: kind and direction."""
    parts = re.split(r"^m=", sdp, flags=re.MULTILINE)[1:]
    return [
        (part.split()[0], re.search("a=(sendrecv|sendonly|recvonly|inactive)", part)[1]) for part in parts
    ]


async def soon(condition, patience=PATIENCE):
    async with asyncio.timeout(patience):
        while not (value := condition()):
            await asyncio.sleep(0.02)
    return value


async def of_now(viewer, sender, stamp_of, most=30):
    """The stamp of the first picture that fewer than so many have followed: after a standstill it comes later."""
    async with asyncio.timeout(PATIENCE):
        while not 0 < sender.track.number - (stamp := stamp_of(await viewer.picture())) < most:
            pass
    return stamp


@pytest.mark.parametrize("codec", ["H264", "VP8"])
def test_what_is_sent_is_what_viewers_see(service, sending, watching, stamp_of, codec):
    async def scenario():
        async with sending(service, codec=codec) as sender:
            await soon(lambda: service.encoder.newest)
            async with watching(service) as viewer:
                stamps = [stamp_of(await viewer.picture()) for _ in range(10)]
                return [*stamps, await of_now(viewer, sender, stamp_of)]

    stamps = asyncio.run(scenario())
    assert stamps == sorted(set(stamps))


def test_an_offer_is_answered_as_rfc_9725_says(service, offer):
    status, headers, body = post(service, offer)
    assert status == 201
    assert headers["Content-Type"].startswith("application/sdp")
    assert re.fullmatch(r"/whip/[\w-]{20,}", headers["Location"])
    assert headers["ETag"].startswith('"')
    assert sections(body.decode()) == [("video", "recvonly")]
    assert b"a=candidate:" in body
    assert service.ask(headers["Location"], "DELETE")[0] == 200
    assert service.ask(headers["Location"], "DELETE")[0] == 404


def test_options_tell_what_is_taken(service):
    status, headers, _ = service.ask("/whip", "OPTIONS")
    assert (status, headers["Accept-Post"]) == (204, "application/sdp")


def test_candidates_may_follow(service, offer):
    _, headers, _ = post(service, offer)
    ufrag = re.search("a=ice-ufrag:.*", offer)[0].strip()
    fragment = f"{ufrag}\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.7 9 typ host\r\n".encode()

    def patch(**more):
        kind = {"Content-Type": "application/trickle-ice-sdpfrag"}
        return service.ask(headers["Location"], "PATCH", fragment, **{**kind, **more})[0]

    assert patch(If_Match=headers["ETag"]) == 204
    assert patch() == 428
    assert patch(If_Match='"another"') == 412


REFUSED = {
    "no SDP": (lambda _: "hello", 400),
    "it only receives": (lambda sdp: sdp.replace("a=sendonly", "a=recvonly"), 400),
    "no codec that is read here": (lambda sdp: sdp.replace("H264/90000", "AV1/90000"), 406),
    "no sound that can be declined": (lambda _: AS_OBS_WRITES.replace("opus", "lyra"), 406),
    "too long": (lambda sdp: sdp + "a=x\r\n" * 20000, 413),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_received_is_refused_and_the_place_stays_free(service, offer, case):
    change, status = case
    answer = post(service, change(offer))
    assert answer[0] == status, answer[2]
    assert error(answer)
    assert post(service, offer)[0] == 201


def test_another_type_is_415(service, offer):
    answer = post(service, offer, **{"Content-Type": "text/plain"})
    assert (answer[0], answer[1]["Accept-Post"]) == (415, "application/sdp")


def test_a_token_is_needed_where_there_is_one(camera_service, offer):
    with camera_service(token=TOKEN) as service:
        assert post(service, offer)[0] == 401
        status, headers, _ = post(service, offer, Authorization=f"Bearer {TOKEN}")
        assert status == 201
        assert service.ask(headers["Location"], "DELETE")[0] == 401
        assert service.ask(headers["Location"], "DELETE", Authorization=f"Bearer {TOKEN}")[0] == 200


def test_a_second_camera_is_refused_with_a_reason_until_the_first_is_stopped(service, sending, offer):
    async def scenario():
        async with sending(service) as first:
            await soon(lambda: service.source.condition.state is SourceState.LIVE)
            refused = await asyncio.to_thread(post, service, offer)
            assert await first.leave() == 200
            return refused, (await asyncio.to_thread(post, service, offer))[0]

    (status, headers, body), then = asyncio.run(scenario())
    assert (status, headers["Retry-After"]) == (409, "2")
    assert "another camera is being sent already" in json.loads(body)["error"]
    assert then == 201


def test_where_the_source_is_another_the_refusal_says_how_to_take_cameras(running_service, offer):
    with running_service() as service:
        answer = post(service, offer)
        assert answer[0] == 404
        assert "--input browser" in error(answer)


def test_before_the_first_camera_viewers_are_told_what_is_waited_for(service, new_watcher):
    async def scenario():
        watcher = new_watcher(service)
        try:
            return await asyncio.to_thread(service.post_offer, await watcher.offer())
        finally:
            await watcher.connection.close()

    answer = asyncio.run(scenario())
    assert answer[0] == 409
    assert error(answer) == "waiting for a camera: use yours here, or send one to /whip"


def test_an_offer_as_obs_writes_it_is_answered_with_its_sound_declined(service):
    status, _, body = post(service, AS_OBS_WRITES)
    assert status == 201, body
    assert sections(body.decode()) == [("audio", "inactive"), ("video", "recvonly")]
    assert b"H264/90000" in body
    assert b"a=group:BUNDLE 0 1" in body


def test_pictures_beside_sound_in_one_bundle_are_received_with_a_bearer_token(
    camera_service, sending, watching, stamp_of
):
    async def scenario(service):
        authorization = {"Authorization": f"Bearer {TOKEN}"}
        async with sending(service, sound=True, **authorization) as sender:
            await soon(lambda: service.encoder.newest)
            async with watching(service, **authorization) as viewer:
                return sections(sender.answer), stamp_of(await viewer.picture())

    with camera_service(token=TOKEN) as service:
        answered, stamp = asyncio.run(scenario(service))
    assert answered == [("audio", "inactive"), ("video", "recvonly")]
    assert stamp > 0


def test_the_rotation_of_phones_is_left_to_them(service, offer):
    extension = "a=extmap:13 urn:3gpp:video-orientation\r\n"
    asking = offer.replace("a=sendonly\r\n", f"a=sendonly\r\n{extension}")
    assert extension in asking
    status, _, body = post(service, asking)
    assert status == 201
    assert b"abs-send-time" in body
    assert b"video-orientation" not in body


@pytest.mark.parametrize("codec", ["H264", "VP8"])
def test_a_change_of_size_in_the_middle_is_shown_as_it_comes(
    service, sending, watching, stamped, stamp_of, codec
):
    async def scenario():
        async with sending(service, codec=codec) as sender:
            await soon(lambda: service.encoder.newest)
            async with watching(service) as viewer:
                assert (await viewer.picture()).shape == (240, 320, 3)
                sender.track.draw = lambda number: stamped(number, 272, 480)
                async with asyncio.timeout(PATIENCE):
                    while (await viewer.picture()).shape != (480, 272, 3):
                        pass
                await of_now(viewer, sender, stamp_of)

    asyncio.run(scenario())


def test_who_vanishes_without_goodbye_is_away_and_comes_back(
    service, sending, new_sender, watching, stamp_of, monkeypatch
):
    async def scenario():
        sender = new_sender(service)
        await sender.send()
        await soon(lambda: service.encoder.newest)
        async with watching(service) as viewer:
            await viewer.picture()
            monkeypatch.setattr("streamdepth.viewers.ingest.SILENCE_PATIENCE", 1.0)
            sender.video.sender._RTCRtpSender__rtp_task.cancel()  # as a phone that has lost its network
            told = await viewer.message("condition")
            while not told["condition"].startswith("away"):
                told = await viewer.message("condition")
            assert told["condition"] == "away (no more pictures)"
            monkeypatch.undo()  # who comes next may stand still for a while
            async with sending(service) as another:
                # Before, the viewer has the last picture of who vanished, and its stamp.
                await soon(lambda: service.source.outages.reconnects == 1)
                await of_now(viewer, another, stamp_of)
        await sender.connection.close()

    asyncio.run(scenario())
    assert service.source.outages.reconnects == 1


def test_who_hangs_up_is_away_at_once(service, new_sender, monkeypatch):
    monkeypatch.setattr("streamdepth.viewers.ingest.SILENCE_PATIENCE", 10 * PATIENCE)

    async def scenario():
        sender = new_sender(service)
        await sender.send()
        await soon(lambda: service.source.condition.state is SourceState.LIVE)
        await sender.connection.close()
        await soon(lambda: service.source.condition.state is SourceState.AWAY)
        assert service.source.condition.reason == "ended by the other side"

    asyncio.run(scenario())


def waits_long(monkeypatch):
    """A sender that is connecting holds its place for as long as a test may take."""
    for name in ("CONNECT_PATIENCE", "CONNECT_PATIENCE_IF_WANTED"):
        monkeypatch.setattr(f"streamdepth.viewers.ingest.{name}", 10 * PATIENCE)


def test_who_never_connects_makes_place(service, offer, until, monkeypatch):
    waits_long(monkeypatch)
    assert post(service, offer)[0] == 201
    assert post(service, offer)[0] == 409
    monkeypatch.setattr("streamdepth.viewers.ingest.CONNECT_PATIENCE", 0.5)
    until(lambda: post(service, offer)[0] == 201)


def test_who_is_still_connecting_makes_place_for_another_after_a_while(service, offer, until, monkeypatch):
    waits_long(monkeypatch)
    assert post(service, offer)[0] == 201
    assert post(service, offer)[0] == 409
    monkeypatch.setattr("streamdepth.viewers.ingest.CONNECT_PATIENCE_IF_WANTED", 0.5)
    until(lambda: post(service, offer)[0] == 201)


def test_nothing_is_kept_of_those_who_left(service, sending, until):
    async def scenario():
        async with sending(service, sound=True) as sender:
            await soon(lambda: service.source.condition.state is SourceState.LIVE)
            assert await sender.leave() == 200

    def kept():
        gc.collect()
        names = ("Ingest", "Sending", "SentDecoder", "JitterBuffer")
        return [type(thing).__name__ for thing in gc.get_objects() if type(thing).__name__ in names]

    for _ in range(3):
        asyncio.run(scenario())
    until(lambda: kept() == [])
    until(lambda: not [thread for thread in threading.enumerate() if "decoder" in thread.name])


def lossy(sender, keeps):
    """Loses the packets of video that `keeps`, given a running number, does not keep."""
    transport = sender.video.sender.transport
    send, count = transport._send_rtp, itertools.count()

    async def send_some(data):
        if is_rtcp(data) or keeps(next(count)):
            await send(data)

    transport._send_rtp = send_some


async def stamps_of(viewer, stamp_of, count):
    async with asyncio.timeout(2 * PATIENCE):
        return [stamp_of(await viewer.picture()) for _ in range(count)]


async def stamps_of_most(viewer, stamp_of, count, span):
    """So many stamps one after the other, of a span in which no more were sent.

    Whoever else loads this machine goes away again, and until then pictures are left out for that.
    """
    async with asyncio.timeout(3 * PATIENCE):
        while True:
            stamps = await stamps_of(viewer, stamp_of, count)
            if stamps[-1] - stamps[0] < span:
                return stamps


@pytest.mark.parametrize("codec", ["H264", "VP8"])
def test_lost_packets_are_sent_again(service, sending, watching, stamp_of, codec):
    async def scenario():
        async with sending(service, codec=codec) as sender:
            await soon(lambda: service.encoder.newest)
            async with watching(service) as viewer:
                lossy(sender, lambda number: number % 20)
                return await stamps_of_most(viewer, stamp_of, 90, span=200)

    stamps = asyncio.run(scenario())
    assert stamps == sorted(stamps)


@pytest.mark.parametrize("codec", ["H264", "VP8"])
def test_what_is_lost_for_good_brings_a_keyframe_and_never_a_wrong_picture(
    service, sending, watching, stamp_of, codec
):
    async def lose(*_):
        return None

    async def scenario():
        async with sending(service, codec=codec) as sender:
            await soon(lambda: service.encoder.newest)
            async with watching(service) as viewer:
                await viewer.picture()
                keyframes = []
                send_keyframe = sender.video.sender._send_keyframe
                sender.video.sender._send_keyframe = lambda: (keyframes.append(1), send_keyframe())
                sender.video.sender._retransmit = lose
                lossy(sender, lambda number: number % 40)
                stamps = await stamps_of(viewer, stamp_of, 60)
                return [*stamps, await of_now(viewer, sender, stamp_of, most=60)], len(keyframes)

    stamps, asked = asyncio.run(scenario())
    assert stamps == sorted(stamps)
    assert asked >= 1


def test_ffmpeg_can_send(camera_service, until, tmp_path, monkeypatch):
    if "whip" not in av.formats_available:
        pytest.skip("not built into PyAV: whip")
    sender = FAKES / "ffmpeg_sender.py"
    # None is left out where decoding is behind, and nobody is gone for a wait.
    monkeypatch.setattr("streamdepth.sources.browser.source.MOST_WAITING", 120)
    monkeypatch.setattr("streamdepth.viewers.ingest.SILENCE_PATIENCE", 10 * PATIENCE)
    with camera_service(token=TOKEN) as service:
        words = [sys.executable, str(sender), f"{service.url}/whip", TOKEN, str(tmp_path)]
        pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(words, text=True, **pipes) as process:
            try:
                until(lambda: service.captured() > 110, 2 * PATIENCE)
                _, told = process.communicate("end\n", timeout=PATIENCE)
                assert process.returncode == 0, told
            finally:
                process.kill()
        until(lambda: service.source.condition.reason == "ended by the other side")


GSTREAMER = (
    "import gi; gi.require_version('GstWebRTC', '1.0'); from gi.repository import Gst, GstWebRTC; Gst.init(None);"
    "assert all(map(Gst.ElementFactory.find, ('webrtcbin', 'nicesink', 'x264enc', 'opusenc')))"
)


def test_gstreamer_can_send_with_sound_beside(camera_service, until):
    python = "/usr/bin/python3"
    if not Path(python).exists() or subprocess.run([python, "-c", GSTREAMER], capture_output=True).returncode:
        pytest.skip("not installed: python3-gi gir1.2-gst-plugins-bad-1.0 gstreamer1.0-nice")
    sender = FAKES / "gstreamer_sender.py"
    with camera_service(token=TOKEN) as service:
        words = [python, str(sender), f"{service.url}/whip", TOKEN]
        pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(words, text=True, **pipes) as process:
            try:
                until(lambda: service.captured() > 60, 2 * PATIENCE)
                assert process.communicate("stop\n", timeout=PATIENCE)[1] == ""
            finally:
                process.kill()
        until(lambda: service.source.condition.reason == "ended by the other side")


SOONER_THAN_SILENCE = 20.0
"""Seconds: aiortc takes thirty to find out by itself that nobody answers (RFC 7675)."""


def test_the_end_of_the_run_hangs_up_at_once(camera_service, sending, until):
    async def scenario(service):
        async with sending(service) as sender:
            await soon(running_out.is_set, 2 * PATIENCE)
            await soon(lambda: sender.connection.connectionState == "closed", SOONER_THAN_SILENCE)

    running_out = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        with camera_service() as service:
            sender = pool.submit(lambda: asyncio.run(scenario(service)))
            until(lambda: service.source.condition.state is SourceState.LIVE)
        running_out.set()
        sender.result(2 * PATIENCE)
