"""Broken and hostile uploads: each is refused or answered, quickly, and nothing is left behind."""

from __future__ import annotations

import random
import struct
import tempfile
import time
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from depth_services import form, running_depth
from pictures import encoded, picture

NOISE = np.random.default_rng(5).integers(0, 256, (48, 64, 3), dtype=np.uint8)
GOOD = {
    **{
        suffix: encoded(suffix, NOISE)
        for suffix in (".jpg", ".png", ".webp", ".bmp", ".tiff", ".jp2", ".ppm")
    },
    "16 bits": encoded(".png", NOISE.astype(np.uint16) * 257),
}


@pytest.fixture(scope="module")
def client():
    with running_depth() as running:
        yield running


def broken(seed):
    """One of the good files with something wrong in it."""
    chance = random.Random(seed)
    data = bytearray(GOOD[chance.choice([*GOOD])])
    how = chance.choice(("cut", "flip", "zero", "head"))
    if how == "cut":
        return bytes(data[: chance.randrange(1, len(data))])
    if how == "flip":
        for _ in range(chance.randrange(1, 40)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif how == "zero":
        begin = chance.randrange(len(data))
        data[begin : begin + 100] = bytes(len(data[begin : begin + 100]))
    else:
        for place in range(8, 60):
            if chance.random() < 0.2:
                data[place] = chance.randrange(256)
    return bytes(data)


@pytest.mark.parametrize("part", range(2))
def test_what_is_broken_is_refused_or_answered(client, part):
    before = set(Path(tempfile.gettempdir()).iterdir())
    for seed in range(100 * part, 100 * part + 100):
        data = broken(seed)
        body, headers = form(("../../x.jpg", data)) if seed % 2 else (data, {})
        answer = client.depth(body, **headers)
        assert answer.status in (200, 413, 415, 422), (seed, answer.body)
        if answer.status == 200:
            assert answer.image is not None, seed
    left = {path.name for path in set(Path(tempfile.gettempdir()).iterdir()) - before}
    assert not any("depth" in name for name in left)
    assert client.depth(GOOD[".png"]).status == 200


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width, height, data):
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def claiming(length):
    data = bytearray(GOOD[".png"])
    struct.pack_into(">I", data, data.index(b"IDAT") - 4, length)
    return bytes(data)


HOSTILE = {
    "a bomb": (png(50_000, 50_000, zlib.compress(bytes(1_000_000), 9)), 413),
    "more pixels than are there": (png(6000, 6000, zlib.compress(b"")), 422),
    "a chunk that claims more than there is": (claiming(100_000), 422),
    "very many chunks": (GOOD[".png"][:33] + chunk(b"tEXt", b"") * 100_000 + GOOD[".png"][33:], 200),
    "one wide line": (encoded(".png", picture(20_000, 1)), 200),
    "one tall column": (encoded(".jpg", picture(1, 20_000)), 200),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_would_take_much_does_not_hold_up_the_others(client, kind):
    data, status = HOSTILE[kind]
    began = time.monotonic()
    answer = client.depth(data)
    assert answer.status == status, answer.body
    assert time.monotonic() - began < 10
    if status == 200:
        shown = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        assert answer.image.shape == shown.shape
