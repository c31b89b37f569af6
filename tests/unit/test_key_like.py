"""Keys in addresses are told from the names that cameras and people use."""

from __future__ import annotations

import random
import string
import uuid

import pytest

from streamdepth.key_like import looks_like_key

PATHS = """
h264Preview_01_main Preview_01_sub Streaming Channels 101 cam realmonitor axis-media media.amp live.sdp live1s1.sdp
MediaInput h264_stream stream1 profile2 videoMain video1+audio1 ch01_stream2 av0_0 onvif1 unicast channel0 CH001.sdp
mpeg4cif h265_1080p_25fps 1920x1080 front-door garden_2 backyard2 Hauptschlafzimmer Eingangstuer street%20a.mp4 live
20261128-0700.mp4 2026-11-28 11 index.m3u8 master.m3u8 video.mjpg snapshot.cgi whip depth camera-12 USER
midas_v21_small-70d6b9c8.pt IMG20261128101500.mp4 PXL_20261128_101500123.mp4 20261128101500123 TheLordOfTheRings.mkv
PlayerOneVsPlayerTwo.mp4
"""


@pytest.mark.parametrize("word", PATHS.split())
def test_names_of_cameras_and_people_are_none(word):
    assert not looks_like_key(word)


@pytest.mark.parametrize(
    "word",
    [
        "8yS4aFqzXq",
        "x9v2-kq3j-7d4f-ab1c-0mzt",
        "live_123456789_AbCdEfGhIjKlMnOp",
        "JBSWY3DPEHPK3PXP",
        "bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
        "d41d8cd98f00b204e9800998ecf8427e.mp4",
        "qzxkvbnmwrtplkjhgfdsqwer",
        str(uuid.UUID(int=0x550E8400E29B41D4A716446655440000)),
    ],
)
def test_keys_are(word):
    assert looks_like_key(word)


@pytest.mark.parametrize(
    ("alphabet", "least"),
    [
        (string.ascii_letters + string.digits, 990),
        (string.hexdigits[:16], 990),
        (string.ascii_letters, 980),  # some look like words
    ],
)
def test_of_random_words_of_twenty_signs_nearly_all_are(alphabet, least):
    draw = random.Random(7)
    words = ["".join(draw.choices(alphabet, k=20)) for _ in range(1000)]
    assert sum(map(looks_like_key, words)) > least
