"""What is answered over a data channel, and which moment a timestamp stands for."""

from __future__ import annotations

import json

import av
import pytest

from streamdepth.live.encoder import LivePacket
from streamdepth.viewers.peers.channel import TIMESTAMPS, Answers, Stamps

ANSWERS = Answers(dict, lambda x, y: {"depth at": [x, y], "depth": 1.0})


def packet(pts, moment):
    made = av.Packet(b"picture")
    made.pts = pts
    return LivePacket(made, True, moment, moment, moment)


def test_a_ping_comes_back_with_this_clock():
    assert ANSWERS.to('{"ping": 12.5}', 3.25) == {"pong": 12.5, "clock_ms": 3250.0}


def test_the_depth_at_a_point_is_asked_for():
    assert ANSWERS.to(b'{"depth at": [0, 1.0]}', 0.0) == {"depth at": [0.0, 1.0], "depth": 1.0}


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "[" * 1000,
        "[]",
        "null",
        '{"depth at": "here"}',
        '{"depth at": [2, 0]}',
        '{"depth at": [0.5]}',
        '{"depth at": [NaN, 0]}',
        '{"ping": "now"}',
        '{"ping": Infinity}',
        '{"ping": NaN}',
        json.dumps({"ping": 10**900}),
        json.dumps({"ping": 1, "more": "x" * 2000}),
        b"\xff\xfe",
    ],
)
def test_what_asks_for_nothing_gets_nothing(message):
    assert ANSWERS.to(message, 0.0) is None


def test_every_timestamp_follows_from_the_first():
    stamps = Stamps()
    assert stamps.of(packet(0, 5.0)) == {}  # nothing was sent yet
    stamps.begin(TIMESTAMPS - 3000, packet(9000, 5.1))
    assert stamps.of(None) == {}
    assert stamps.of(packet(9000, 5.1)) == {"stamp": {"rtp": TIMESTAMPS - 3000, "captured_ms": 5100.0}}
    later = stamps.of(packet(9000 + 6000, 5.1 + 6000 / 90000))["stamp"]
    assert later == {"rtp": 3000, "captured_ms": pytest.approx(5166.67)}
