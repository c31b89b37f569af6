"""Recordings with something between their pieces that is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from films import write_film
from hypothesis import given
from hypothesis import strategies as st

from streamdepth.ffmpeg.cut_short import is_cut_short
from streamdepth.ffmpeg.torn import Pieces, is_torn_within, pieces_of

AVI = b"RIFF\x18\0\0\0AVI JUNK\x0c\0\0\0" + b"x" * 12
ISO = b"\0\0\0\x08ftyp\0\0\0\x08moov"
LIVE_MATROSKA = (
    b"\x1a\x45\xdf\xa3\x84abcd"
    + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"
    + 2 * (b"\x1f\x43\xb6\x75\xff" + b"\xe7\x81\x01" + b"\xa3\x85block")
)
CLUSTERS = (
    b"\x1a\x45\xdf\xa3\x84abcd"
    + b"\x18\x53\x80\x67\xa8"
    + 2 * (b"\x1f\x43\xb6\x75\x8f\xa3\x85block\xa3\x86blocks")
)
KINDS = {
    "a.mkv": "mpeg4",
    "a.avi": "mpeg4",
    "a.flv": "flv",
    "a.ogv": "libvpx",
    "a.mxf": "mpeg2video",
    "a.wmv": "wmv2",
    "a.mpg": "mpeg2video",
    "a.vob": "mpeg2video",
}
HEADS = [
    b"RIFF",
    b"FLV\1\1\0\0\0\x09",
    b"OggS",
    b"\x06\x0e\x2b\x34",
    b"\x1f\x07\0",
    b"\0\0\1\xba",
    b"\x1a\x45\xdf\xa3",
]


@pytest.fixture(params=KINDS)
def film(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    pictures = np.random.default_rng(0).integers(0, 256, (60, 48, 64, 3))
    return write_film(tmp_path / request.param, pictures, codec=KINDS[request.param])


def test_a_whole_film_is_whole(film: Path) -> None:
    assert pieces_of(film) is Pieces.WHOLE
    assert not is_cut_short(film)


@pytest.mark.parametrize("damage", [bytes(9_000), b"\x5a" * 9_000, b""], ids=["zeros", "letters", "gone"])
def test_a_film_with_a_hole_is_torn(film: Path, damage: bytes) -> None:
    data, place = film.read_bytes(), film.stat().st_size // 2 + 7
    film.write_bytes(data[:place] + damage + data[place + 9_000 :])
    assert is_torn_within(film) or (not damage and is_cut_short(film))


@pytest.mark.parametrize("missing", [1_037, 9_007])
def test_a_film_without_its_end_is_cut_short_and_not_torn(film: Path, missing: int) -> None:
    film.write_bytes(film.read_bytes()[:-missing])
    assert is_cut_short(film)
    assert not is_torn_within(film)


def test_a_tape_whose_pictures_are_out_of_place_is_torn(tmp_path: Path) -> None:
    """The decoder makes something of any block."""
    path = write_film(tmp_path / "a.dv", np.zeros((4, 576, 720, 3)), size=(720, 576), codec="dvvideo")
    whole = path.read_bytes()
    assert pieces_of(path) is Pieces.WHOLE
    path.write_bytes(whole[:200_000] + whole[201_000:])
    assert is_torn_within(path)
    path.write_bytes(whole[:-1000])
    assert is_cut_short(path)


@given(st.binary(max_size=300), st.sampled_from(HEADS))
def test_any_bytes_get_an_answer(tmp_path_factory: pytest.TempPathFactory, data: bytes, head: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any-bytes"
    path.write_bytes(head + data)
    assert pieces_of(path) in Pieces


def test_elements_that_do_not_fit_into_each_other_are_torn(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for whole in (CLUSTERS, LIVE_MATROSKA, CLUSTERS[:-3], ISO, AVI):
        path.write_bytes(whole)
        assert not is_torn_within(path)
    for torn in (b"\xa3\x95block\xa3\x86", b"\xa3\x81block\xa3\x86", b"\x00\x85block\xa3\x86"):
        path.write_bytes(CLUSTERS.replace(b"\xa3\x85block\xa3\x86", torn, 1))
        assert is_torn_within(path)


@pytest.mark.parametrize("length", [5, 65], ids=["no letter", "a letter"])
def test_chunks_of_odd_length_may_lack_their_padding(tmp_path: Path, length: int) -> None:
    path = tmp_path / "a.avi"
    chunks = 3 * (b"00dc" + length.to_bytes(4, "little") + b"x" * length) + b"idx1" + bytes(4)
    film = (
        b"RIFF"
        + (16 + len(chunks)).to_bytes(4, "little")
        + b"AVI LIST"
        + (4 + len(chunks)).to_bytes(4, "little")
    )
    path.write_bytes(film + b"movi" + chunks)
    assert not is_torn_within(path)
    path.write_bytes(film.replace(b"LIST", b"\0\0\0\0") + b"movi" + chunks)
    assert is_torn_within(path)


def test_an_avi_that_is_still_written_is_not_torn(tmp_path: Path) -> None:
    path = tmp_path / "a.avi"
    path.write_bytes(b"RIFF\0\0\0\0AVI LIST\0\0\0\0movi" + 2 * b"00dc\4\0\0\0pict" + b"00dc\4\0\0\0p")
    assert not is_torn_within(path)


def test_joined_recordings_of_ogg_are_whole(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.ogv", np.zeros((5, 48, 64, 3)), codec="libvpx")
    path.write_bytes(2 * path.read_bytes())
    assert pieces_of(path) is Pieces.WHOLE


def test_sectors_of_a_disc_may_be_filled_up_with_zeros(tmp_path: Path) -> None:
    path = tmp_path / "a.mpg"
    pack = b"\0\0\1\xba" + b"\x21" + bytes(7) + b"\0\0\1\xe0\0\x04abcd"
    path.write_bytes(3 * (pack + bytes(20)))
    assert not is_torn_within(path)
    path.write_bytes(pack + bytes(5000) + pack)
    assert is_torn_within(path)
