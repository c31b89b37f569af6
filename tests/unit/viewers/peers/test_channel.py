"""What is answered over a data channel, and which moment a timestamp stands for."""

from __future__ import annotations

import json
from dataclasses import replace

import av
import pytest

from streamdepth.frames import DepthMeaning, DepthRange
from streamdepth.live.depth_picture import DepthDescription, DepthPlace
from streamdepth.live.encoder import Content, LivePacket
from streamdepth.viewers.peers.channel import TIMESTAMPS, Answers, DepthWords, Stamps, words_of

ANSWERS = Answers(dict, lambda x, y, content: {"depth at": [x, y], "depth": 1.0, "of": content.value})


def packet(pts, moment):
    made = av.Packet(b"picture")
    made.pts = pts
    return LivePacket(made, True, moment, moment, moment)


def test_a_ping_comes_back_with_this_clock():
    assert ANSWERS.to('{"ping": 12.5}', 3.25, Content.PICTURE) == {"pong": 12.5, "clock_ms": 3250.0}


def test_the_depth_at_a_point_is_asked_for():
    told = ANSWERS.to(b'{"depth at": [0, 1.0]}', 0.0, Content.DEPTH)
    assert told == {"depth at": [0.0, 1.0], "depth": 1.0, "of": "depth"}


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
    assert ANSWERS.to(message, 0.0, Content.PICTURE) is None


def test_every_timestamp_follows_from_the_first():
    stamps = Stamps()
    assert stamps.of(packet(0, 5.0)) == {}  # nothing was sent yet
    stamps.begin(TIMESTAMPS - 3000, packet(9000, 5.1))
    assert stamps.of(None) == {}
    assert stamps.of(packet(9000, 5.1)) == {"stamp": {"rtp": TIMESTAMPS - 3000, "captured_ms": 5100.0}}
    later = stamps.of(packet(9000 + 6000, 5.1 + 6000 / 90000))["stamp"]
    assert later == {"rtp": 3000, "captured_ms": pytest.approx(5166.67)}


TOLD = DepthDescription(
    DepthPlace((160, 90), (8, 104, 96, 48), (0.0, 0.0, 1.0, 1.0)),
    DepthRange(2.0, 6.0),
    DepthMeaning.INVERSE_RELATIVE,
    metres=(0.1, 0.05),
)


@pytest.mark.parametrize(
    ("changed", "is_new"),
    [
        ({}, False),
        ({"span": DepthRange(2.0, 6.004)}, False),
        ({"span": DepthRange(2.0, 6.02)}, True),
        ({"meaning": DepthMeaning.METRES}, True),
        ({"metres": (0.1001, 0.05)}, False),
        ({"metres": (0.11, 0.05)}, True),
        ({"within": 0.07}, True),
        ({"metres": None, "withheld": "the camera was moved"}, True),
        ({"place": replace(TOLD.place, colour=(162, 90))}, True),
    ],
    ids=str,
)
def test_what_is_known_of_depth_is_told_when_it_changes_by_half_a_level(changed, is_new):
    words = DepthWords()
    assert words.is_new(TOLD)
    assert words.is_new(TOLD), "it was not told yet"
    words.note(TOLD)
    assert words.is_new(replace(TOLD, **changed)) is is_new


def test_small_changes_add_up():
    words, span = DepthWords(), DepthRange(2.0, 6.0)
    words.note(TOLD)
    steps = [replace(TOLD, span=DepthRange(2.0, span.high + 0.003 * step)) for step in range(1, 6)]
    assert [words.is_new(step) for step in steps] == [False, False, True, True, True]


def test_depth_is_told_with_the_stamp_of_its_picture():
    told = words_of(TOLD, {"stamp": {"rtp": 7, "captured_ms": 1.0}})["depth"]
    assert told["stamp"]["rtp"] == 7
    assert (told["range"], told["nearer"], told["box"]) == ([2.0, 6.0], "larger", [8, 104, 96, 48])
    assert words_of(replace(TOLD, meaning=DepthMeaning.METRES), {})["depth"]["nearer"] == "smaller"
