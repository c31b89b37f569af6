"""Photos of phones: tiles, turns, crops and transparency of HEIC and AVIF."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from heif_files import Heif, animated_avif, cropped, mirrored, turned
from pictures import BLUE, GREEN, RED, picture, written

from streamdepth.errors import SourceError
from streamdepth.sources.images.image_file import head_of, read_image
from streamdepth.sources.local import open_path
from streamdepth.sources.options import SourceOptions


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


def test_an_animated_avif_is_a_film_and_its_still_a_photo(tmp_path: Path) -> None:
    path = written(tmp_path / "a.avif", animated_avif([0, 100, 200]))
    head = head_of(path)
    assert head is not None
    assert (head.kind, head.width, head.height, head.pictures, head.animated) == ("AVIF", 64, 48, 3, True)
    source = open_path(path, SourceOptions())
    frames = [frame for _ in range(4) if (frame := source.read()) is not None]
    source.close()
    assert [frame.pts for frame in frames] == [0, Fraction(1, 4), Fraction(1, 2)]
    assert [round(float(frame.picture.bgr.mean()) / 100) for frame in frames] == [0, 1, 2]
    still = read_image(path)
    assert still.image.shape == (48, 64, 3)
    assert still.notes == (
        f"{path} is an animation of 3 pictures; its first was taken (name it alone for all)",
    )


def test_an_avif_of_one_picture_is_a_photo_whatever_its_brand(tmp_path: Path) -> None:
    data = animated_avif([100]).replace(b"ftypavif", b"ftypavis")
    assert b"ftypavis" in data
    head = head_of(written(tmp_path / "a.avif", data))
    assert head is not None
    assert (head.pictures, head.animated) == (1, False)


def test_an_animation_without_a_still_is_not_called_damaged(tmp_path: Path) -> None:
    path = written(tmp_path / "a.avif", animated_avif([0, 200]).replace(b"pitm", b"free", 1))
    with pytest.raises(SourceError, match=r"a\.avif is an animation of 2 pictures, and holds no still"):
        read_image(path)
    source = open_path(path, SourceOptions())
    assert source.read() is not None
    source.close()
