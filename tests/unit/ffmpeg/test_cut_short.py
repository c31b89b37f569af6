"""Recordings that end before they say so."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamdepth.ffmpeg.cut_short import is_cut_short, lacks_index, readable_length


def box(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


ISO = box(b"ftyp", b"isom") + box(b"moov", b"x" * 30) + box(b"mdat", b"y" * 50)
LARGE_ISO = box(b"ftyp", b"isom") + struct.pack(">I4sQ", 1, b"mdat", 40) + b"y" * 24
MATROSKA = b"\x1a\x45\xdf\xa3\x84abcd" + b"\x18\x53\x80\x67\x94" + b"z" * 20
LIVE_MATROSKA = (
    b"\x1a\x45\xdf\xa3\x84abcd"
    + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"
    + 2 * (b"\x1f\x43\xb6\x75\xff" + b"\xe7\x81\x01" + b"\xa3\x85block")
)
AVI = b"RIFF" + struct.pack("<I", 24) + b"AVI " + b"x" * 20
TS = (b"\x47" + b"x" * 187) * 3
M2TS = (b"abcd\x47" + b"x" * 187) * 3


@pytest.mark.parametrize("whole", [ISO, LARGE_ISO, MATROSKA, LIVE_MATROSKA, AVI, TS, M2TS])
@pytest.mark.parametrize("missing", [1, 3, 5])
def test_a_file_that_is_shorter_than_it_says_is_cut_short(tmp_path: Path, whole: bytes, missing: int) -> None:
    path = tmp_path / "a"
    path.write_bytes(whole)
    assert not is_cut_short(path)
    path.write_bytes(whole[:-missing])
    assert is_cut_short(path)


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"\0\0\0\x08ftyp", b"\x1a\x45\xdf\xa3", b"RIFF", b"\x47"])
)
def test_any_bytes_get_an_answer(tmp_path_factory: pytest.TempPathFactory, data: bytes, head: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any-bytes"
    path.write_bytes(head + data)
    assert is_cut_short(path) in (True, False)
    assert lacks_index(path) in (True, False)


def test_a_live_recording_of_a_browser_is_not_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"\x1a\x45\xdf\xa3\x84abcd\x18\x53\x80\x67\xff" + b"\x1f\x43\xb6\x75\xff\xe7\x81\x01")
    assert not is_cut_short(path)


def test_only_an_mp4_without_moov_lacks_its_index(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for data, lacks in (ISO, False), (box(b"ftyp", b"isom") + box(b"mdat", b"y"), True), (MATROSKA, False):
        path.write_bytes(data)
        assert lacks_index(path) is lacks


def test_what_is_torn_within_pictures_is_read_up_to_there_and_a_torn_head_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    boxes = [
        struct.pack(">I4s", 8 + size, kind) + bytes(size)
        for kind, size in ((b"ftyp", 8), (b"moof", 40), (b"mdat", 90))
    ]
    whole = b"".join(boxes)
    heads = len(boxes[0]), len(boxes[0] + boxes[1])
    for size in range(8, len(whole) + 1):
        path.write_bytes(whole[:size])
        torn_head = heads[0] < size < heads[1] or heads[1] < size < heads[1] + 8
        expected = max(end for end in (0, *heads) if end <= size) if torn_head or size < heads[0] else size
        assert readable_length(path) == expected, size
    path.write_bytes(b"\x1a\x45\xdf\xa3 no such boxes")
    assert readable_length(path) == path.stat().st_size
