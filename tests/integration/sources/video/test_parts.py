"""Motion JPEG over HTTP in parts that browsers show, however they are written, with real servers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from itertools import islice

import numpy as np
import pytest
from made_by_hand import frames
from snapshot_cameras import jpeg, snapshot_camera

from streamdepth.errors import SourceError
from streamdepth.pixels import sum_of
from streamdepth.sources import SourceOptions, open_source
from streamdepth.sources.live.reconnecting import Persistence

PICTURES = [jpeg(seed) for seed in range(4)]
ENDLESS = {"Content-Type": "multipart/x-mixed-replace;boundary=frame", "Connection": "close"}
BOUNDARY = b"--frame\r\n"


def part(body: bytes, kind: bytes = b"image/jpeg") -> bytes:
    stated = b"Content-Type: " + kind + b"\r\n" if kind else b""
    return stated + b"Content-Length: %d\r\n\r\n" % len(body) + body + b"\r\n"


def shown(body: bytes, number: int, *, reconnect: bool = True, length: int | None = None) -> Sequence[int]:
    stated = {} if length is None else {"Content-Length": str(length)}
    options = SourceOptions(polls=True, persistence=Persistence(reconnect=reconnect))
    with snapshot_camera() as camera:
        camera.answer = lambda _number: (200, ENDLESS | stated, body)
        with closing(open_source(camera.address, options)) as source:
            assert source.info.live
            return [sum_of(frame.picture) for frame in islice(frames(source), number)]


ORDERLY = b"".join(BOUNDARY + part(one) for one in PICTURES)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"".join(part(one) + BOUNDARY for one in PICTURES), id="none before the first part"),
        pytest.param(b"".join(2 * BOUNDARY + part(one) for one in PICTURES), id="each boundary twice"),
        pytest.param(b"".join(BOUNDARY + part(one, b"image/jpg") for one in PICTURES), id="image/jpg"),
        pytest.param(b"".join(BOUNDARY + part(one, b"") for one in PICTURES), id="no type"),
        pytest.param(
            b"".join(
                BOUNDARY + part(b"motion=1\r\n", b"text/plain") + BOUNDARY + part(one) for one in PICTURES
            ),
            id="text between them",
        ),
    ],
)
def test_parts_that_browsers_show_are_shown(body: bytes):
    wanted = shown(ORDERLY, len(PICTURES))
    assert len(set(wanted)) == len(PICTURES)
    assert shown(body, len(PICTURES)) == wanted


def test_sound_between_pictures_is_passed_over_without_an_outage():
    sound = BOUNDARY + part(np.random.default_rng(0).bytes(3000) + bytes(500), b"audio/basic")
    body = b"".join(BOUNDARY + part(one) + sound for one in PICTURES)
    assert shown(body, len(PICTURES), reconnect=False) == shown(ORDERLY, len(PICTURES))


def test_a_length_that_is_made_up_does_not_make_a_recording_of_parts():
    assert shown(ORDERLY, 2, length=2**31 - 1) == shown(ORDERLY, 2)


def test_what_only_begins_as_a_part_is_no_video():
    with snapshot_camera() as camera:
        camera.answer = lambda _number: (200, {}, b"-- a dump of tables\n" * 500)
        with pytest.raises(SourceError, match="answers, but not with a video or picture"):
            open_source(camera.address)


def test_a_damaged_film_is_not_searched_for_the_pictures_in_it():
    film = b"\0\0\0\x10ftypisom\0\0\0\0" + b"\0\0\0\x08free" + b"".join(PICTURES)
    with snapshot_camera() as camera:
        camera.answer = lambda _number: (200, {"Content-Type": "video/mp4"}, film)
        with pytest.raises(SourceError):
            open_source(camera.address)
    assert len(camera.requests) == 2
