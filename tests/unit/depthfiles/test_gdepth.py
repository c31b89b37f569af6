"""A JPEG with depth in it."""

from __future__ import annotations

import base64
import hashlib
import re
import struct

import cv2
import numpy as np
import pytest
from pictures import encoded, picture

from streamdepth.depthfiles.gdepth import with_depth

MAIN, MORE = b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"


def segments(jpeg: bytes) -> list[tuple[int, bytes]]:
    """Marker and payload of each segment before the picture itself."""
    found, at = [], 2
    while jpeg[at + 1] != 0xDA:
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        found.append((marker, jpeg[at + 4 : at + 2 + length]))
        at += 2 + length
    return found


def read(jpeg: bytes) -> tuple[dict[str, str], np.ndarray]:
    """The facts, and the map in distances as the format defines them."""
    payloads = [payload for marker, payload in segments(jpeg) if marker == 0xE1]
    (main,) = (one.removeprefix(MAIN).decode() for one in payloads if one.startswith(MAIN))
    facts = dict(re.findall(r'(?:GDepth|xmpNote):(\w+)="([^"]*)"', main))
    whole = bytearray()
    for one in (one.removeprefix(MORE) for one in payloads if one.startswith(MORE)):
        guid, (length, start) = one[:32].decode(), struct.unpack(">II", one[32:40])
        assert guid == facts["HasExtendedXMP"]
        assert start == len(whole)
        whole += one[40:]
    assert len(whole) == length
    assert hashlib.md5(whole).hexdigest().upper() == facts["HasExtendedXMP"]
    data = base64.b64decode(re.search(r'GDepth:Data="([^"]*)"', whole.decode())[1])
    levels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert levels.dtype == np.uint8
    near, far = float(facts["Near"]), float(facts["Far"])
    return facts, near * far / (far - levels / 255 * (far - near))


def test_the_distances_are_read_back_within_a_step_of_inverse_depth() -> None:
    distance = (
        np.random.default_rng(0).uniform(0.5, 20.0, (300, 400)).astype(np.float32)
    )  # of several segments
    jpeg = with_depth(encoded(".jpg", picture()), distance, metres=True)
    facts, found = read(jpeg)
    assert (facts["Format"], facts["Units"], facts["Mime"]) == ("RangeInverse", "m", "image/png")
    step = (1 / distance.min() - 1 / distance.max()) / 255
    assert np.abs(1 / found - 1 / distance).max() <= step * 0.51


def test_it_stays_the_same_picture_and_jfif_comes_first() -> None:
    plain = encoded(".jpg", picture())
    jpeg = with_depth(plain, np.ones((2, 2), np.float32), metres=False)
    assert [marker for marker, _ in segments(jpeg)][:3] == [0xE0, 0xE1, 0xE1]
    same = [cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) for data in (plain, jpeg)]
    assert np.array_equal(*same)
    facts, found = read(jpeg)
    assert "Units" not in facts
    assert found == pytest.approx(1.0)
