"""The parts of the video source that need no video: time, orientation, addresses, torn files."""

from __future__ import annotations

import itertools
import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamdepth.addresses import redact_address
from streamdepth.ffmpeg.cut_short import is_cut_short, lacks_index
from streamdepth.ffmpeg.orientation import Orientation
from streamdepth.ffmpeg.picture_from_frame import over_black
from streamdepth.frames import CLOCK_TICK
from streamdepth.sources.timeline import LiveTimeline, Timeline

TICK = Fraction(1, 1000)


@given(st.lists(st.none() | st.integers(-100_000, 100_000), max_size=60), st.sampled_from([None, 24, 1000]))
def test_timestamps_always_increase_and_stay_on_ticks(ticks: list[int | None], rate: int | None) -> None:
    timeline = Timeline(TICK, rate and Fraction(rate))
    times = [timeline.place(tick) for tick in ticks]
    assert all(early < late for early, late in itertools.pairwise(times))
    assert all((time / TICK).denominator == 1 for time in times)


@given(
    st.lists(st.integers(-(10**12), 10**12), unique=True, max_size=50).map(sorted),
    st.integers(-(10**9), 10**9),
)
def test_increasing_timestamps_are_only_shifted_by_the_origin(ticks: list[int], origin: int) -> None:
    timeline = Timeline(TICK, origin=origin)
    assert [timeline.place(tick) for tick in ticks] == [(tick - origin) * TICK for tick in ticks]
    assert timeline.adjusted == 0


def test_a_repeated_or_earlier_timestamp_moves_by_one_tick_and_is_counted() -> None:
    timeline = Timeline(TICK, Fraction(25))
    assert [timeline.place(tick) / TICK for tick in (0, 40, 40, 30, 80)] == [0, 40, 41, 42, 80]
    assert timeline.adjusted == 2


def test_a_missing_timestamp_comes_one_frame_after_the_last() -> None:
    timeline = Timeline(TICK, Fraction(30_000, 1001))
    assert [timeline.place(tick) / TICK for tick in (None, None, 70, None)] == [0, 33, 70, 103]
    assert timeline.adjusted == 0


def test_live_pictures_are_counted_and_placed_by_when_they_were_captured() -> None:
    timeline = LiveTimeline()
    assert not timeline.has_begun
    placed = [timeline.place(seconds) for seconds in (7.0, 7.5, 7.5, 20.0)]
    assert timeline.has_begun
    assert placed == [(0, 0), (1, Fraction(1, 2)), (2, Fraction(1, 2) + CLOCK_TICK), (3, 13)]


@pytest.mark.parametrize(
    "matrix",
    [rows for rows in itertools.product((-1, 0, 1), repeat=4) if abs(rows[0] * rows[3] - rows[1] * rows[2]) == 1
     and abs(rows[0]) + abs(rows[1]) == 1 and abs(rows[2]) + abs(rows[3]) == 1],
)  # fmt: skip
def test_each_pixel_goes_where_the_display_matrix_puts_it(matrix: tuple[int, int, int, int]) -> None:
    stored = np.arange(6, dtype=np.uint8).reshape(2, 3)
    a, b, c, d = matrix
    where = {(a * x + c * y, b * x + d * y): stored[y, x] for y in range(2) for x in range(3)}
    left, top = min(x for x, _ in where), min(y for _, y in where)
    packed = struct.pack("=9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    orientation = Orientation.from_matrix(packed)
    shown = orientation.apply(stored)
    assert (shown.shape[1], shown.shape[0]) == orientation.size(3, 2)
    assert {
        (x + left, y + top): shown[y, x] for y in range(shown.shape[0]) for x in range(shown.shape[1])
    } == where


@pytest.mark.parametrize("matrix", [b"", b"\0" * 36, b"\0" * 35])
def test_a_matrix_that_says_nothing_leaves_the_picture_as_it_is(matrix: bytes) -> None:
    assert Orientation.from_matrix(matrix) == Orientation()


def test_laying_over_black_scales_by_alpha() -> None:
    glass = np.array([[(200, 100, 50, 255), (200, 100, 50, 51), (200, 100, 50, 0)]], np.uint8)
    assert over_black(glass).tolist() == [[[200, 100, 50], [40, 20, 10], [0, 0, 0]]]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://me:secret@cam/1", "rtsp://***@cam/1"),
        ("rtsp://me:p@ss@cam:554/1", "rtsp://***@cam:554/1"),
        ("rtsp://me:a/secret@cam/1", "rtsp://***@cam/1"),
        ("http://cam/a.m3u8?id=4&token=secret&x=1", "http://cam/a.m3u8?id=4&token=***&x=1"),
        ("srt://cam:9000?passphrase=secret", "srt://cam:9000?passphrase=***"),
        ("http://cam/@name/a.mp4", "http://cam/@name/a.mp4"),
        ("rtsp://[::1]:554/a", "rtsp://[::1]:554/a"),
        ("rtsp://me:p%40ss%2Fword@cam/1", "rtsp://***@cam/1"),
        ("rtsp://cam/user=me_password=secret_channel=1.sdp", "rtsp://cam/user=me_password=***_channel=1.sdp"),
        ("rtsp://cam/user=me&password=secret&channel=1", "rtsp://cam/user=me&password=***&channel=1"),
        ("folder/me:secret@x.mp4", "folder/me:secret@x.mp4"),
        ("", ""),
    ],
)
def test_what_is_secret_in_an_address_is_blanked_out(address: str, shown: str) -> None:
    assert redact_address(address) == shown


@given(st.text("abc:@/.?=&[]%0189", max_size=30), st.text("xyz0!:@", min_size=1, max_size=8))
def test_a_password_never_survives(path: str, password: str) -> None:
    assert f"SECRET{password}" not in redact_address(f"rtsp://me:SECRET{password}@cam/{path}")


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
