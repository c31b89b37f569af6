"""One image file as a picture, whatever wrote it."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from pictures import GREEN, RED, encoded, exif, picture, png_with, written

from streamdepth.errors import SourceError
from streamdepth.sources.images.image_file import checked_head, decode_image, read_image
from streamdepth.sources.images.image_head import ImageHead


def webp_with_exif(image: np.ndarray, orientation: int) -> bytes:
    """A WebP with alpha and Exif, as programs write it: both are told in a chunk in front."""
    body = encoded(".webp", image, cv2.IMWRITE_WEBP_QUALITY, 101)[12:]
    height, width = image.shape[:2]
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    told = exif(orientation)
    first = struct.pack("<4sI", b"VP8X", 10) + bytes([0x18, 0, 0, 0]) + sides
    if body.startswith(b"VP8X"):
        body = body[18:]
    chunks = b"WEBP" + first + body + struct.pack("<4sI", b"EXIF", len(told)) + told
    return struct.pack("<4sI", b"RIFF", len(chunks)) + chunks


CORNERS = {
    1: ((0, 0), (0, -1)),
    2: ((0, -1), (0, 0)),
    3: ((-1, -1), (-1, 0)),
    4: ((-1, 0), (-1, -1)),
    5: ((0, 0), (-1, 0)),
    6: ((0, -1), (-1, -1)),
    7: ((-1, -1), (0, -1)),
    8: ((-1, 0), (0, 0)),
}
"""Where the red and the green corner come to lie."""


@pytest.mark.parametrize("orientation", sorted(CORNERS))
@pytest.mark.parametrize("kind", ["png", "webp", "png of 16 bits"])
def test_a_transparent_picture_comes_upright_too(tmp_path: Path, kind: str, orientation: int) -> None:
    image = cv2.cvtColor(picture(), cv2.COLOR_BGR2BGRA)
    if kind == "webp":
        data = webp_with_exif(image, orientation)
    else:
        deep = image.astype(np.uint16) * 257 if "16" in kind else image
        data = png_with(encoded(".png", deep), (b"eXIf", exif(orientation)))
    shown = read_image(written(tmp_path / "a", data)).image
    red, green = CORNERS[orientation]
    assert shown.shape == ((64, 48, 3) if orientation > 4 else (48, 64, 3))
    assert tuple(shown[red]) == RED
    assert tuple(shown[green]) == GREEN


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_a_tiff_of_any_samples_comes_upright(tmp_path: Path, dtype: type) -> None:
    grey = np.zeros((48, 64), dtype)
    grey[:24, :32] = 1 if dtype is np.float32 else np.iinfo(dtype).max
    data = bytearray(encoded(".tif", grey))
    (offset,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, offset)
    # The orientation takes the place of the last tag; the tags before it are enough.
    entries = sorted(
        [bytes(data[offset + 2 + 12 * i :][:12]) for i in range(count)]
        + [struct.pack("<HHIHH", 274, 3, 1, 6, 0)],
        key=lambda entry: struct.unpack_from("<H", entry)[0],
    )
    struct.pack_into("<I", data, 4, len(data))
    data += struct.pack("<H", count + 1) + b"".join(entries) + b"\0\0\0\0"
    shown = read_image(written(tmp_path / "a.tif", bytes(data))).image
    assert shown.shape == (64, 48, 3)
    assert tuple(shown[0, -1]) == (255, 255, 255)
    assert tuple(shown[-1, -1]) == (0, 0, 0)


def test_transparency_behind_a_long_profile_counts(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    profile = zlib.compress(np.random.default_rng(0).bytes(9000))
    head = struct.pack(">IIBBBBB", 2, 1, 8, 3, 0, 0, 0)
    empty = png_with(b"\x89PNG\r\n\x1a\n" + b"\0" * 25)[:8]
    chunks = (
        (b"IHDR", head),
        (b"iCCP", b"x\0\0" + profile),
        (b"PLTE", bytes([255, 0, 0, 0, 255, 0])),
        (b"tRNS", b"\x80\xff"),
        (b"IDAT", zlib.compress(b"\0\0\1")),
        (b"IEND", b""),
    )
    data = empty + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )
    shown = read_image(written(tmp_path / "a.png", data)).image
    assert shown[0].tolist() == [[0, 0, 128], [0, 255, 0]]
    assert capfd.readouterr().err == ""  # libpng has its own opinion of the profile


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("shrunk", [2, 4, 8])
def test_a_jpeg_is_shrunk_while_it_is_decoded_and_comes_upright(orientation: int, shrunk: int) -> None:
    image = cv2.resize(picture(), (128, 96), interpolation=cv2.INTER_NEAREST)
    data = encoded(".jpg", image, cv2.IMWRITE_JPEG_QUALITY, 100)
    told = exif(orientation)
    data = data[:2] + b"\xff\xe1" + struct.pack(">H", len(told) + 8) + b"Exif\0\0" + told + data[2:]
    head = checked_head(data, "the picture")
    whole = decode_image(data, head, "the picture").image
    small = decode_image(data, head, "the picture", shrunk=shrunk).image
    width, height = whole.shape[1] // shrunk, whole.shape[0] // shrunk
    assert small.shape == (height, width, 3)
    expected = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - expected).mean() < 3


def test_a_damaged_jpeg_is_told_when_it_is_shrunk_too() -> None:
    data = encoded(".jpg", picture())[:40]
    with pytest.raises(SourceError, match="the upload is damaged"):
        decode_image(data, ImageHead("JPEG", 64, 48), "the upload", shrunk=2)


def test_what_follows_the_end_of_a_png_is_no_part_of_it(tmp_path: Path) -> None:
    data = encoded(".png", picture()) + b"<script>alert(1)</script>"
    assert (read_image(written(tmp_path / "a.png", data)).image == picture()).all()


@pytest.mark.parametrize(("scans", "is_read"), [(50, True), (200, False)])
def test_a_jpeg_that_goes_over_its_pixels_for_ever_is_refused(tmp_path: Path, scans, is_read) -> None:
    data = encoded(".jpg", picture(), cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    last = data.rindex(b"\xff\xda")
    path = written(tmp_path / "a.jpg", data[:last] + data[last:-2] * scans + data[-2:])
    if is_read:
        assert read_image(path).image.shape == picture().shape
        return
    with pytest.raises(SourceError, match="goes over its pixels more than 100 times"):
        read_image(path)


def test_a_png_whose_chunk_claims_more_than_there_is_is_refused_before_it_is_decoded(monkeypatch) -> None:
    data = bytearray(encoded(".png", picture()))
    struct.pack_into(">I", data, data.index(b"IDAT") - 4, len(data) + 100)
    monkeypatch.setattr("cv2.imdecode", lambda *_: pytest.fail("it was decoded"))
    with pytest.raises(SourceError, match="is damaged: its PNG cannot be decoded"):
        decode_image(bytes(data), checked_head(bytes(data), "it"), "it")


def tagged(data: bytes, tag: int, value: int) -> bytes:
    """A TIFF of OpenCV's with another value of a tag."""
    (offset,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, offset)
    entry = next(
        e for e in range(offset + 2, offset + 2 + 12 * count, 12) if data[e : e + 2] == struct.pack("<H", tag)
    )
    return data[: entry + 8] + struct.pack("<H", value) + data[entry + 10 :]


def test_a_tiff_of_sixteen_bits_whose_zero_is_white_comes_in_its_own_colours(tmp_path: Path) -> None:
    grey = np.repeat(np.linspace(0, 65535, 48).astype(np.uint16)[:, None], 64, 1)
    negative = tagged(encoded(".tif", grey), 262, 0)
    np.testing.assert_array_equal(
        read_image(written(tmp_path / "a.tif", negative)).image,
        255 - read_image(written(tmp_path / "b.tif", encoded(".tif", grey))).image,
    )


@pytest.mark.parametrize(
    ("channels", "tag", "value", "what"),
    [
        (1, 339, 3, "floating-point numbers in 16 bits"),
        (3, 259, 50000, "compressed by Zstandard"),
        (3, 284, 2, "planar"),
    ],
)
def test_a_tiff_of_a_kind_that_is_not_read_is_not_called_damaged(
    tmp_path: Path, channels: int, tag: int, value: int, what: str
) -> None:
    data = encoded(".tif", picture()[..., :channels].astype(np.uint16) * 257)
    with pytest.raises(SourceError, match=f"is a TIFF .*{what}.*, which is not supported") as caught:
        read_image(written(tmp_path / "a.tif", tagged(data, tag, value)))
    assert caught.value.cure == "save it as PNG or JPEG"


@pytest.mark.parametrize("compression", [5, 8, 32773])
def test_a_tiff_that_would_come_partly_black_is_refused(tmp_path: Path, compression: int) -> None:
    image = np.random.default_rng(0).integers(1, 256, (64, 64, 3), np.uint8)
    data = encoded(".tif", image, cv2.IMWRITE_TIFF_COMPRESSION, compression)
    half = len(data) // 2
    with pytest.raises(
        SourceError, match=r"a\.tif is damaged: number \d of its \d strips cannot be unpacked"
    ):
        read_image(written(tmp_path / "a.tif", data[:half] + bytes(600) + data[half + 600 :]))
    assert (read_image(written(tmp_path / "a.tif", data)).image == image).all()
