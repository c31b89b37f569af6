"""The directories of TIFF files, built here byte by byte."""

from __future__ import annotations

import struct

import pytest
from tiffs import ASCII, BYTE, LONG, LONG8, SHORT, Entry, tiff

from streamdepth.imaging.tiff_directory import BITS, HEIGHT, ICC_PROFILE, WIDTH, content_of, directories

KINDS = pytest.mark.parametrize(
    ("order", "big"), [("<", False), (">", False), ("<", True), (">", True)], ids=str
)


@KINDS
def test_every_page_comes_with_its_whole_numbers_in_order(order: str, big: bool) -> None:
    first: list[Entry] = [(WIDTH, SHORT, (640,)), (HEIGHT, LONG, (70_000,)), (BITS, SHORT, (16, 16, 16))]
    second: list[Entry] = [(WIDTH, SHORT, (64,)), (700, BYTE, (1, 2, 3)), (701, LONG, (9, 8, 7, 6))]
    assert list(directories(tiff(first, second, order=order, big=big))) == [
        {WIDTH: (640,), HEIGHT: (70_000,), BITS: (16, 16, 16)},
        {WIDTH: (64,), 700: (1, 2, 3), 701: (9, 8, 7, 6)},
    ]


def test_numbers_of_eight_bytes_are_those_of_bigtiff() -> None:
    page: list[Entry] = [(WIDTH, LONG8, (5_000_000_000,)), (HEIGHT, LONG8, (1, 2))]
    assert list(directories(tiff(page, big=True))) == [{WIDTH: (5_000_000_000,), HEIGHT: (1, 2)}]


def test_text_and_long_lists_are_left_out_and_what_follows_them_is_read() -> None:
    page: list[Entry] = [
        (270, ASCII, tuple(b"a harbour")),
        (273, LONG, tuple(range(17))),
        (WIDTH, SHORT, (8,)),
    ]
    assert list(directories(tiff(page))) == [{WIDTH: (8,)}]
    assert list(directories(tiff([(273, LONG, tuple(range(16)))]))) == [{273: tuple(range(16))}]
    assert list(directories(tiff([(273, LONG, ())]))) == [{}]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"II",
        b"II*\0",
        b"II\0*\0\0\0\x08",  # the order of bytes and the version contradict each other
        b"MM*\0\0\0\0\x08",
        b"II,\0\x08\0\0\0",
        b"\x89PNG\r\n\x1a\n",
        b"II*\0\xff\xff\xff\xff",  # its first directory is beyond its end
        b"II*\0\0\0\0\0",  # it has none
    ],
)
def test_what_is_no_tiff_or_has_no_page_has_no_directories(data: bytes) -> None:
    assert list(directories(data)) == []


@KINDS
def test_a_file_that_is_cut_off_gives_its_whole_pages_at_most(order: str, big: bool) -> None:
    pages: list[list[Entry]] = [[(WIDTH, SHORT, (640,))], [(WIDTH, SHORT, (64,)), (BITS, SHORT, (8,) * 16)]]
    data = tiff(*pages, order=order, big=big)
    whole = [{WIDTH: (640,)}, {WIDTH: (64,), BITS: (8,) * 16}]
    assert list(directories(data)) == whole
    counts = []
    for length in range(len(data)):
        found = list(directories(data[:length]))
        assert found == whole[: len(found)]
        counts.append(len(found))
    assert counts == sorted(counts)
    assert set(counts) == {0, 1}, "of the last page some bytes are always missing"


def test_pages_that_name_each_other_come_once() -> None:
    page: list[Entry] = [(WIDTH, SHORT, (640,))]
    assert len(list(directories(tiff(page, page, page, last=8)))) == 3
    assert len(list(directories(tiff(page, last=8)))) == 1


def test_a_file_of_endless_pages_is_read_up_to_a_bound() -> None:
    empty = b"".join(struct.pack("<HI", 0, 8 + 6 * number) for number in range(1, 12_000))
    assert sum(1 for _ in directories(b"II*\0\x08\0\0\0" + empty)) == 10_000


def test_directories_that_lie_above_each_other_are_read_up_to_a_bound() -> None:
    length, pages = 2 + 12 * 65_535, 100
    following = b"".join(struct.pack("<I", 8 + 4 * number) for number in range(1, pages))
    data = b"II*\0\x08\0\0\0" + b"\xff" * length + following + b"\0" * 4
    assert 1 <= sum(1 for _ in directories(data)) < 10


@KINDS
@pytest.mark.parametrize("length", [3, 4, 8, 9, 500])
def test_bytes_of_a_tag_lie_in_its_entry_or_elsewhere(order: str, big: bool, length: int) -> None:
    content = tuple(n % 256 for n in range(length))
    page: list[Entry] = [(WIDTH, SHORT, (4,)), (ICC_PROFILE, BYTE, content)]
    data = tiff(page, order=order, big=big)
    assert content_of(data, ICC_PROFILE) == bytes(content)
    assert content_of(data, HEIGHT) == content_of(data, WIDTH) == b""
    for end in range(0, len(data), 7):
        assert bytes(content).startswith(content_of(data[:end], ICC_PROFILE))
