"""Whatever comes as an offer is refused or answered."""

from __future__ import annotations

import asyncio
import string
import time
from fractions import Fraction
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.frames import DepthMap, Estimate, Frame, Rendered, SourceInfo
from streamdepth.http.refusal import Refused
from streamdepth.live.encoder import LiveEncoder
from streamdepth.pixels import Picture
from streamdepth.viewers.peers.channel import Answers
from streamdepth.viewers.peers.rate_limit import RateLimit
from streamdepth.viewers.peers.registry import Places, Viewers
from streamdepth.viewers.settings import WebSettings
from streamdepth.webrtc.connection import expect_closed_connections
from streamdepth.webrtc.sdp import read_offer, read_trickle


async def real_offer():
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTransceiver("video", direction="recvonly")
    connection.createDataChannel("stats")
    await connection.setLocalDescription(await connection.createOffer())
    text = connection.localDescription.sdp
    await connection.close()
    return text


OFFER = asyncio.run(real_offer()).splitlines()
LINES = st.integers(0, len(OFFER) - 1)
WORDS = st.sampled_from(
    [
        "",
        "0",
        "-1",
        "65536",
        "99999999999999999999",
        "nan",
        "video",
        "96",
        "udp",
        "::1",
        "a=",
        "\0",
        "ä",
        "%s",
        "\t",
    ]
)
TEXT = st.text(string.printable, max_size=40) | WORDS


def without(lines, place, _word):
    del lines[place % len(lines)]


def doubled(lines, place, _word):
    lines.insert(place % len(lines), lines[place % len(lines)])


def moved(lines, place, _word):
    lines.append(lines.pop(place % len(lines)))


def replaced(lines, place, word):
    lines[place % len(lines)] = word


def reworded(lines, place, word):
    """One word of a line becomes another."""
    line = lines[place % len(lines)]
    for mark in (":", "/", "=", " "):
        head, found, tail = line.partition(mark)
        if found and place % 2:
            lines[place % len(lines)] = f"{head}{mark}{word}"
            return
        line = tail or line
    lines[place % len(lines)] = lines[place % len(lines)].replace(line, word)


def cut(lines, place, _word):
    lines[place % len(lines)] = lines[place % len(lines)][: place % 7]


CHANGES = st.lists(
    st.tuples(st.sampled_from([without, doubled, moved, replaced, reworded, cut]), LINES, TEXT),
    min_size=1,
    max_size=6,
)


@st.composite
def spoilt_offers(draw):
    lines = list(OFFER)
    for change, place, word in draw(CHANGES):
        if lines:
            change(lines, place, word)
    return "\r\n".join(lines) + "\r\n"


class Service:
    """All that answers an offer, without the network in front; in a loop of its own."""

    def __init__(self):
        self._runner = asyncio.Runner()
        self._encoder = LiveEncoder(SourceInfo(64, 48, Fraction(30), True, 1.0))
        picture = Picture.of_bgr(np.zeros((48, 64, 3), np.uint8))
        frame = Frame(0, Fraction(0), time.monotonic(), picture)
        self._encoder.write(Rendered(Estimate(frame, DepthMap(np.zeros((2, 2), np.float32)), 0.01), picture))
        answers = Answers(dict, lambda x, y: {})
        self._stream = SimpleNamespace(
            encoder=self._encoder,
            answers=answers,
            first_picture=partial(asyncio.sleep, 0),
            has_ended=False,
        )
        self.places = Places(2)
        self._viewers = Viewers(WebSettings(), self.places, pace=RateLimit(every=0.0))
        self.complaints = []
        loop = self._runner.get_loop()
        expect_closed_connections(loop)  # as on the service's own: what that leaves out depends on the moment
        loop.default_exception_handler = self.complaints.append

    def answer(self, text):
        async def scenario():
            viewer, answer = await self._viewers.join(self._stream, text)
            await asyncio.sleep(0)
            await self._viewers.leave(viewer.peer.id)
            return answer

        return self._runner.run(scenario())

    def close(self):
        self._runner.close()
        self._encoder.close()


@pytest.fixture(scope="module")
def whole():
    service = Service()
    yield service
    service.close()


def test_the_offer_that_is_spoilt_below_is_a_good_one(whole):
    assert whole.answer("\r\n".join(OFFER) + "\r\n").startswith("v=0")


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spoilt_offers())
def test_a_spoilt_offer_is_refused_or_answered_and_takes_no_place(whole, text):
    try:
        assert whole.answer(text).startswith("v=0")
    except Refused as refused:
        assert refused.status in (400, 406)  # noqa: PT017  # what it says is what is tested
    assert whole.places.taken == 0
    assert whole.complaints == []


@settings(max_examples=300)
@given(st.text(max_size=300) | st.text(max_size=300).map("v=0\r\n".__add__))
def test_any_text_is_refused(text):
    with pytest.raises(Refused):
        read_offer(text)


@pytest.mark.parametrize("between", [";", "; ", " ;", ";\t"])
def test_blanks_between_the_parameters_of_a_codec_are_none_of_their_names(between):
    lines = [line.replace("VP8", "AV1") for line in OFFER]
    assert any(line.startswith("a=fmtp:") and "profile-level-id" in line for line in lines)
    spread = [line.replace(";", between) if line.startswith("a=fmtp:") else line for line in lines]
    assert read_offer("\r\n".join(spread) + "\r\n").kind is VideoCodec.H264


@settings(max_examples=300)
@given(st.lists(TEXT.map("a=candidate:".__add__) | TEXT, max_size=5))
def test_any_fragment_is_refused_or_read(lines):
    try:
        read_trickle("\r\n".join(["a=ice-ufrag:abcd", *lines]))
    except Refused as refused:
        assert refused.status == 400  # noqa: PT017
