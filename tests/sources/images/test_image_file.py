"""One image file as a picture, whatever wrote it."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from heif_files import Heif, cropped, mirrored, turned

from streamdepth.errors import SourceError
from streamdepth.sources.images.image_file import head_of, read_image

RED, GREEN, BLUE = (0, 0, 255), (0, 255, 0), (255, 0, 0)


def picture(width: int = 64, height: int = 48) -> np.ndarray:
    """Black with a red corner at the top left and a green one at the top right."""
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2, : width // 2] = RED
    image[: height // 2, width // 2 :] = GREEN
    return image


def written(path: Path, data: bytes | bytearray) -> Path:
    path.write_bytes(data)
    return path


def encoded(suffix: str, image: np.ndarray, *settings: int) -> bytes:
    return bytes(cv2.imencode(suffix, image, settings)[1])


def exif(orientation: int) -> bytes:
    return b"MM\0*\0\0\0\x08\0\1" + struct.pack(">HHIHHI", 0x112, 3, 1, orientation << 0, 0, 0)


def png_with(data: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """`data` with chunks behind its head."""
    more = b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )
    return data[:33] + more + data[33:]


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


@pytest.mark.parametrize("suffix", [".png", ".tiff", ".jp2"])
@pytest.mark.parametrize("bits", [8, 10, 12, 14])
def test_grey_of_a_sensor_in_16_bits_is_not_left_in_the_dark(tmp_path: Path, suffix: str, bits: int) -> None:
    ramp = np.tile(np.linspace(0, 2**bits - 1, 64, dtype=np.uint16), (48, 1))
    file = read_image(written(tmp_path / f"a{suffix}", encoded(suffix, ramp)))
    assert np.abs(file.image[..., 0].astype(float) - ramp * (255 / (2**bits - 1))).max() <= 1
    assert f"uses {bits} of its 16 bits" in file.notes[0]


@pytest.mark.parametrize("top", [16384, 65535])
def test_grey_that_uses_16_bits_stays_as_it_is(tmp_path: Path, top: int) -> None:
    ramp = np.tile(np.linspace(0, top, 64, dtype=np.uint16), (48, 1))
    file = read_image(written(tmp_path / "a.png", encoded(".png", ramp)))
    assert np.abs(file.image[..., 0].astype(float) - ramp / 257).max() <= 1
    assert file.notes == ()


def test_a_file_that_says_how_many_bits_count_is_believed(tmp_path: Path) -> None:
    dark = np.full((48, 64), 200, np.uint16)  # by its values alone it would be 8 bits
    data = png_with(encoded(".png", dark), (b"sBIT", b"\x0c"))
    assert read_image(written(tmp_path / "a.png", data)).image.max() == round(200 * 255 / 4095)


@pytest.mark.parametrize(("white", "channels"), [(1.0, 1), (255.0, 1), (65535.0, 1), (1.0, 3)])
def test_floating_point_numbers_become_grey_levels(tmp_path: Path, white: float, channels: int) -> None:
    ramp = np.tile(np.linspace(0, white, 64, dtype=np.float32), (48, 1))
    values = ramp if channels == 1 else np.dstack([ramp] * 3)
    shown = read_image(written(tmp_path / "a.tif", encoded(".tif", values))).image
    assert np.abs(shown[..., 1].astype(float) - ramp * 255 / white).max() <= 1


@pytest.mark.parametrize(
    ("values", "what"),
    [
        (np.full((9, 9), np.nan, np.float32), "some are infinite or none"),
        (np.full((9, 9), -2, np.float32), "from -2 to -2"),
        (np.full((9, 9), 1e6, np.float32), "from 1e+06 to 1e+06"),
        (np.full((9, 9), 7, np.int32), "int32 numbers from 7 to 7"),
    ],
)
def test_numbers_that_are_no_grey_levels_are_told(tmp_path: Path, values: np.ndarray, what: str) -> None:
    path = written(tmp_path / "a.tif", encoded(".tif", values))
    with pytest.raises(SourceError, match="which are no grey levels") as caught:
        read_image(path)
    assert what in caught.value.what


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


@pytest.mark.parametrize("codec", ["hvc1", "av01"])
def test_the_tiles_of_a_phone_become_one_picture(tmp_path: Path, codec: str) -> None:
    colours = (RED, GREEN, BLUE, (0, 0, 0), (255, 255, 255), (128, 128, 128))
    tiles = [np.full((64, 64, 3), colour, np.uint8) for colour in colours]
    path = written(tmp_path / "a.heic", Heif(tiles, 3, (160, 100), codec).data())
    head = head_of(path)
    assert head is not None
    assert (head.width, head.height, head.pictures) == (160, 100, 1)
    shown = read_image(path).image
    assert shown.shape == (100, 160, 3)
    for index, colour in enumerate(colours):
        middle = shown[30 + 64 * (index // 3), 20 + 64 * (index % 3)]
        assert np.abs(middle.astype(int) - colour).max() <= 8


def test_a_photo_of_a_phone_is_turned_mirrored_and_cropped_in_the_order_of_its_file(tmp_path: Path) -> None:
    image = picture()
    for properties, expected in (
        ([turned(1)], np.rot90(image)),
        ([turned(2)], np.rot90(image, 2)),
        ([turned(3)], np.rot90(image, 3)),
        ([mirrored(left_right=True)], image[:, ::-1]),
        ([mirrored(left_right=False)], image[::-1]),
        ([turned(1), mirrored(left_right=True)], np.rot90(image)[:, ::-1]),
        ([cropped(40, 20), turned(3)], np.rot90(image[14:34, 12:52], 3)),
    ):
        shown = read_image(written(tmp_path / "a.heic", Heif([image], properties=properties).data())).image
        assert shown.shape == expected.shape
        assert np.mean(np.abs(shown.astype(int) - expected)) < 4


def test_the_transparency_of_a_heic_is_laid_over_black(tmp_path: Path) -> None:
    alpha = np.full((64, 64), 255, np.uint8)
    alpha[32:] = 128
    white = np.full((64, 64, 3), 255, np.uint8)
    shown = read_image(written(tmp_path / "a.heic", Heif([white], alpha=alpha).data())).image
    assert shown[:28].min() > 245
    assert np.abs(shown[36:].astype(int) - 128).max() <= 4


def test_a_heic_of_which_a_tile_is_missing_is_damaged(tmp_path: Path) -> None:
    data = bytearray(Heif([picture(64, 64), picture(64, 64)], 2).data())
    read_image(written(tmp_path / "a.heic", data))
    place = data.index(b"\0\2\0\0\0\1", data.index(b"iloc"))  # where the second tile lies
    struct.pack_into(">I", data, place + 10, 0)
    with pytest.raises(SourceError, match="is damaged: its HEIC cannot be decoded"):
        read_image(written(tmp_path / "a.heic", data))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"8BPS\0\1" + b"\0" * 60, "is a Photoshop document"),
        (b"\xff\x0a" + b"\0" * 60, "is JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "is JPEG XL"),
        (b"\x76\x2f\x31\x01" + b"\0" * 60, "is OpenEXR"),
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
