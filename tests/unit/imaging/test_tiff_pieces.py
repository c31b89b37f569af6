"""TIFFs are whole, or it is said which part of them is not: what OpenCV leaves black is never taken for a picture."""

from __future__ import annotations

import struct
import time

import cv2
import numpy as np
import pytest
from tiffs import LONG, SHORT, Entry, tiff

from streamdepth.imaging.tiff_directory import STRIP_LENGTHS, STRIP_OFFSETS, directories
from streamdepth.imaging.tiff_pieces import tiff_damage
from streamdepth.imaging.tiff_unpacking import unpacks

HEIGHT, WIDTH, LINES = 96, 128, 16
NOISE = np.random.default_rng(0).integers(1, 256, (HEIGHT, WIDTH, 3), np.uint8)
SMOOTH = cv2.GaussianBlur(NOISE, (0, 0), 3)
NONE, LZW, JPEG, DEFLATE, PACKED_BITS = 1, 5, 7, 8, 32773


def written(image: np.ndarray, compression: int) -> bytes:
    options = [cv2.IMWRITE_TIFF_COMPRESSION, compression, cv2.IMWRITE_TIFF_ROWSPERSTRIP, LINES]
    done, data = cv2.imencode(".tiff", image, options)
    assert done
    return bytes(data)


def strips(data: bytes) -> list[tuple[int, int]]:
    page = next(directories(data))
    return list(zip(page[STRIP_OFFSETS], page[STRIP_LENGTHS], strict=True))


def overwritten(data: bytes, place: int, by: bytes) -> bytes:
    return data[:place] + by + data[place + len(by) :]


def directory_first(data: bytes, compression: int) -> bytes:
    """The same strips behind their directory, as most programs write them."""
    packed = [data[begin : begin + length] for begin, length in strips(data)]

    def page(first: int) -> bytes:
        offsets = tuple(first + sum(map(len, packed[:number])) for number in range(len(packed)))
        entries: list[Entry] = [(256, SHORT, (WIDTH,)), (257, SHORT, (HEIGHT,)), (258, SHORT, (8, 8, 8))]
        entries += [
            (259, SHORT, (compression,)),
            (262, SHORT, (2,)),
            (273, LONG, offsets),
            (277, SHORT, (3,)),
        ]
        entries += [(278, SHORT, (LINES,)), (279, LONG, tuple(map(len, packed))), (317, SHORT, (2,))]
        return tiff(entries)

    return page(len(page(0))) + b"".join(packed)


@pytest.mark.parametrize("compression", [NONE, LZW, JPEG, DEFLATE, PACKED_BITS])
@pytest.mark.parametrize(
    "image", [NOISE, SMOOTH, SMOOTH[..., 0], SMOOTH.astype(np.uint16) * 257, SMOOTH[:50, :33]]
)
def test_what_is_whole_is_not_called_damaged(image: np.ndarray, compression: int) -> None:
    if compression != JPEG or image.dtype == np.uint8:
        assert tiff_damage(written(image, compression)) == ""


@pytest.mark.parametrize("compression", [NONE, LZW, JPEG, DEFLATE, PACKED_BITS])
@pytest.mark.parametrize("image", [NOISE, SMOOTH])
def test_a_strip_of_zeros_is_told(image: np.ndarray, compression: int) -> None:
    data = written(image, compression)
    begin, length = strips(data)[2]
    damage = tiff_damage(overwritten(data, begin, bytes(length)))
    assert damage == (
        "" if compression == NONE else "is damaged: number 3 of its 6 strips cannot be unpacked"
    )


@pytest.mark.parametrize(
    ("row", "is_whole"),
    [
        (b"\xff\x07\x01\x01\x02", True),  # 7 twice, then 1 and 2
        (b"\xff\x07\x02\x01\x02\x03", False),  # one more than a row has
        (b"\xff\x07\xfe\x05", False),
        (b"\xff\x07\xff\x05", True),
        (b"\xff\x07\x00\x05", False),  # one too few
    ],
)
def test_packed_bits_give_a_row_and_neither_more_nor_less(row: bytes, is_whole: bool) -> None:
    assert unpacks(row, PACKED_BITS, 4) is is_whole


def test_any_byte_of_deflate_counts() -> None:
    data = written(SMOOTH, DEFLATE)
    for begin, length in strips(data):
        place = begin + length // 2
        assert "cannot be unpacked" in tiff_damage(overwritten(data, place, bytes([data[place] ^ 16])))


@pytest.mark.parametrize("compression", [NONE, LZW, DEFLATE, PACKED_BITS])
def test_a_file_that_is_cut_off_behind_its_directory_is_told(compression: int) -> None:
    data = directory_first(written(SMOOTH, compression), compression)
    assert tiff_damage(data) == ""
    assert tiff_damage(data[:-1]) == "is cut short or damaged: 1 of its 6 strips are missing"
    assert tiff_damage(data[: len(data) // 2]).startswith("is cut short or damaged: ")


def test_a_palette_that_is_cut_off_is_told() -> None:
    colours: Entry = (320, SHORT, tuple(range(768)))
    page: list[Entry] = [(256, SHORT, (4,)), (257, SHORT, (1,)), (258, SHORT, (8,)), (262, SHORT, (3,))]
    data = tiff([*page, (273, LONG, (8,)), (279, LONG, (4,)), colours])
    assert tiff_damage(data) == ""
    assert tiff_damage(data[:-1]) == "is cut short or damaged"
    assert (
        tiff_damage(tiff([*page, (273, LONG, (8,)), (279, LONG, (4,))]))
        == "is damaged: its colours are missing"
    )


def test_strips_that_lie_above_each_other_are_not_unpacked_again_and_again() -> None:
    rows = 60_000
    packed = b"\x80" * 100_000  # PackBits of nothing at all
    page: list[Entry] = [
        (256, LONG, (8,)),
        (257, LONG, (rows,)),
        (258, SHORT, (8,)),
        (259, SHORT, (PACKED_BITS,)),
    ]
    page += [(273, LONG, (8,) * rows), (278, LONG, (1,)), (279, LONG, (len(packed),) * rows)]
    assert tiff_damage(tiff(page) + packed) == "is damaged: its strips lie above each other"


def test_a_table_that_is_cleared_with_each_code_is_given_up() -> None:
    clears = bytes.fromhex("804020100804020100") * 10_000  # nine bits each: clear, clear, ...
    page: list[Entry] = [(256, LONG, (4000,)), (257, LONG, (4000,)), (258, SHORT, (8,)), (259, SHORT, (LZW,))]
    head = len(tiff([*page, (273, LONG, (0,)), (279, LONG, (0,))]))
    began = time.process_time()
    assert "cannot be unpacked" in tiff_damage(
        tiff([*page, (273, LONG, (head,)), (279, LONG, (len(clears),))]) + clears
    )
    assert time.process_time() - began < 30, "a bound against hours"


def test_a_page_of_more_pieces_than_it_names_is_told() -> None:
    page: list[Entry] = [(256, LONG, (64,)), (257, LONG, (64,)), (258, SHORT, (8,)), (278, LONG, (1,))]
    assert "does not say where its pixels are" in tiff_damage(
        tiff([*page, (273, LONG, (8, 9)), (279, LONG, (1, 1))])
    )
    tiles: list[Entry] = [(322, LONG, (1,)), (323, LONG, (1,)), (324, LONG, (8,)), (325, LONG, (1,))]
    many = [(256, LONG, (2**31,)), (257, LONG, (2**31,)), (258, SHORT, (8,)), *tiles]
    assert "does not say where its pixels are" in tiff_damage(tiff(many))
    assert tiff_damage(struct.pack("<2sHI", b"II", 42, 999)) == "is cut short or damaged"
