"""What a file says of itself before a pixel of it is decoded."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from pictures import encoded, picture, written

from streamdepth.errors import SourceError
from streamdepth.sources.images.image_file import head_of, read_image
from streamdepth.sources.images.image_head import read_head


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"8BPS\0\1" + b"\0" * 60, "is a Photoshop document"),
        (b"\xff\x0a" + b"\0" * 60, "is JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "is JPEG XL"),
        (b"\x76\x2f\x31\x01" + b"\0" * 60, "is OpenEXR"),
        (b"II\xbc\1\x08\0\0\0" + b"\0" * 60, "is JPEG XR"),
        (b"\xff\xd8\xff\xf7\0\x0b\x08\0\x30\0\x40\1\1\x11\0", "is JPEG-LS"),
        (b"\xff\xd8\xff\xe8\0\4\0\0\xff\xf7\0\x0b\x08\0\x30\0\x40\1\1\x11\0", "is JPEG-LS"),
        (b"qoif" + b"\0" * 60, "is QOI"),
        (b"#?RADIANCE\n", "a Radiance picture"),
        (b"FUJIFILMCCD-RAW 0201", "raw data of a camera"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "takes developing"),
    ],
)
def test_a_kind_that_is_known_and_not_read_is_named(tmp_path: Path, data: bytes, what: str) -> None:
    with pytest.raises(SourceError, match=what) as caught:
        read_image(written(tmp_path / "a.jpg", data))
    assert "save it as PNG or JPEG" in caught.value.cure


def test_the_preview_in_a_raw_file_is_not_taken_for_the_photo(tmp_path: Path) -> None:
    data = bytearray(encoded(".tif", picture()))
    (offset,) = struct.unpack_from("<I", data, 4)
    struct.pack_into("<HHIHH", data, offset + 2, 254, 4, 1, 1, 0)  # NewSubfileType: reduced resolution
    data[offset + 2 + 12 : offset + 2 + 12] = b""
    entries = [(256, 64), (257, 48)]
    struct.pack_into("<I", data, 4, len(data))
    data += struct.pack("<H", 3) + struct.pack("<HHIHH", 254, 4, 1, 1, 0)
    data += b"".join(struct.pack("<HHIHH", tag, 3, 1, value, 0) for tag, value in entries) + b"\0\0\0\0"
    with pytest.raises(SourceError, match="takes developing"):
        read_image(written(tmp_path / "a.nef", bytes(data)))


def test_the_pages_of_a_tiff_that_are_left_out_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    cv2.imwritemulti(str(path), [picture(), picture(), picture()])
    file = read_image(path)
    np.testing.assert_array_equal(file.image, picture())
    assert "has 3 pages; the first was taken" in file.notes[0]


@pytest.mark.parametrize(
    "suffix", [".png", ".jpg", ".gif", ".webp", ".tif", ".bmp", ".ppm", ".pam", ".jp2", ".avif"]
)
def test_the_size_is_known_before_a_pixel_is_decoded(tmp_path: Path, suffix: str) -> None:
    data = encoded(suffix, picture(130, 70))
    head = head_of(written(tmp_path / "a", data))
    assert head is not None
    assert (head.width, head.height, head.animated) == (130, 70, False)


@pytest.mark.parametrize(
    "data", [b"", b"BM", b"P5 is no picture", b"\0\0\0\x18ftypisomavc1", b"\xff\xd8\xff", b"GIF89a"]
)
def test_what_is_no_image_has_no_head(tmp_path: Path, data: bytes) -> None:
    assert head_of(written(tmp_path / "a.png", data)) is None


HEAD = {"length": 11, "name": 15, "bits": 24, "colour": 25, "packing": 26, "filter": 27, "interlacing": 28}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(
            ("length", 12),
            ("name", 0),
            ("bits", 3),
            ("bits", 1),
            ("colour", 1),
            ("colour", 10),
            ("colour", 3),
        ),
        *(("packing", 1), ("filter", 64), ("interlacing", 2)),
    ],
)
def test_a_png_whose_head_makes_no_sense_is_none(field: str, value: int) -> None:
    data = bytearray(encoded(".png", picture().astype(np.uint16)))
    assert read_head(bytes(data)) is not None
    data[HEAD[field]] = value
    assert read_head(bytes(data)) is None
