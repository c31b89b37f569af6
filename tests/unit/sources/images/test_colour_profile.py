"""A photo comes in sRGB, whichever file its profile is in."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from heif_files import Heif, box
from icc_profiles import DISPLAY_P3, OF_SRGB, SRGB, icc_profile
from PIL import Image

from streamdepth.imaging.icc import to_srgb
from streamdepth.sources.images.colour_profile import profile_of
from streamdepth.sources.images.image_file import read_image
from streamdepth.sources.images.image_head import read_head

PALE = np.full((40, 60, 3), (60, 90, 200), np.uint8)
"""BGR."""
PROFILE = icc_profile(DISPLAY_P3, OF_SRGB)
LONG = icc_profile(DISPLAY_P3, OF_SRGB, padding=150_000)
"""In three pieces, of a JPEG."""


def written(path: Path, profile: bytes) -> Path:
    if path.suffix == ".heic":
        path.write_bytes(Heif([PALE], properties=[box(b"colr", b"prof" + profile)]).data())
    else:
        options = {".webp": {"lossless": True}, ".jpg": {"quality": 95}}.get(path.suffix, {})
        Image.fromarray(PALE[..., ::-1]).save(path, icc_profile=profile, **options)
    return path


@pytest.mark.parametrize("profile", [PROFILE, LONG], ids=["short", "long"])
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tiff", ".heic"])
def test_a_photo_comes_in_srgb(tmp_path: Path, suffix: str, profile: bytes) -> None:
    convert = to_srgb(PROFILE)
    assert convert is not None
    expected = convert(PALE)
    assert np.abs(expected.astype(int) - PALE).max() > 10
    shown = read_image(written(tmp_path / f"a{suffix}", profile)).image
    assert np.abs(shown.astype(int) - expected).max() <= 5


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tiff", ".heic"])
def test_a_photo_in_srgb_stays_as_it_is(tmp_path: Path, suffix: str) -> None:
    shown = read_image(written(tmp_path / f"a{suffix}", icc_profile(SRGB, OF_SRGB))).image
    assert np.abs(shown.astype(int) - PALE).max() <= 3


def test_a_profile_that_unpacks_to_gigabytes_is_cut(tmp_path: Path) -> None:
    data = written(tmp_path / "a.png", PROFILE).read_bytes()
    packed = b"a\0\0" + zlib.compress(bytes(5_000_000))
    chunk = (
        struct.pack(">I", len(packed)) + b"iCCP" + packed + struct.pack(">I", zlib.crc32(b"iCCP" + packed))
    )
    begin = data.index(b"iCCP") - 4
    (length,) = struct.unpack_from(">I", data, begin)
    data = data[:begin] + chunk + data[begin + 12 + length :]
    head = read_head(data)
    assert head is not None
    assert len(profile_of(data, head)) == 4_000_000


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_a_file_that_is_cut_within_its_profile_has_none_that_is_followed(tmp_path: Path, suffix: str) -> None:
    data = written(tmp_path / f"a{suffix}", PROFILE).read_bytes()
    head = read_head(data)
    assert head is not None
    mark = {".jpg": b"ICC_PROFILE", ".png": b"iCCP", ".webp": b"ICCP"}[suffix]
    for behind in (4, 16, 40):
        assert to_srgb(profile_of(data[: data.index(mark) + behind], head)) is None
