"""What of Exif is kept, and where it is put."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Any

import pytest
from photo_facts import DATE, facts_of, photo_exif
from PIL import Image

from streamdepth.imaging.exif import kept_exif, with_exif


def read(exif: bytes) -> Image.Exif:
    read = Image.Exif()
    read.load(exif)
    return read


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"])
def test_when_where_and_whose_is_kept_and_nothing_else(order: str, prefix: bytes) -> None:
    whole = photo_exif(order)
    kept = kept_exif(prefix + whole)
    assert facts_of(read(kept)) == facts_of(read(whole))
    assert b"lens" in whole
    assert b"lens" not in kept
    assert sorted(read(kept)) == [0x8298, 0x8769, 0x8825]
    assert kept_exif(kept) == kept


def test_what_makes_no_sense_is_left_out() -> None:
    whole = photo_exif("<")
    for length in range(len(whole)):
        kept_exif(whole[:length])  # raises nothing
    for at in range(0, len(whole), 3):
        kept_exif(whole[:at] + b"\xff\xff\xff\xff" + whole[at + 4 :])
    assert kept_exif(b"") == kept_exif(b"Exif\0\0nonsense") == kept_exif(b"II*\0") == b""
    assert kept_exif(struct.pack("<4sIHHHII", b"II*\0", 8, 1, 274, 3, 1, 6) + bytes(4)) == b""


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {}),
        ("PNG", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
    ],
)
def test_a_picture_with_it_is_the_same_picture(kind: str, options: dict[str, Any]) -> None:
    plain = BytesIO()
    picture = Image.effect_noise((31, 24), 50)
    picture.save(plain, kind, **options)
    data = with_exif(plain.getvalue(), kept_exif(photo_exif("<")))
    with Image.open(BytesIO(data)) as image, Image.open(plain) as before:
        assert image.getexif().get_ifd(0x8769)[0x9003] == DATE
        image.verify()
        with Image.open(BytesIO(data)) as again:
            assert again.size == (31, 24)
            assert again.tobytes() == before.tobytes()


def test_a_picture_of_another_kind_and_one_without_exif_stay_as_they_are() -> None:
    assert with_exif(b"RIFF....WEBP", b"II*\0") == b"RIFF....WEBP"
    assert with_exif(b"\xff\xd8\xff", b"") == b"\xff\xd8\xff"
