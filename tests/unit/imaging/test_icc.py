"""Colours of a photo's profile become those of sRGB, as LittleCMS has them."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from icc_profiles import ADOBE_RGB, DISPLAY_P3, GAMMA, OF_SRGB, SRGB, icc_profile, parametric, table
from PIL import Image, ImageCms

from streamdepth.imaging.icc import to_srgb

COLOURS = np.random.default_rng(0).integers(0, 256, (150, 40, 3), np.uint8)
CURVES = {
    "sRGB": OF_SRGB,
    "gamma": GAMMA,
    "table": table([round(65535 * (n / 99) ** 1.8) for n in range(100)]),
    "power": parametric(0, 1.8),
    "shifted": parametric(4, 2.2, 0.95, 0.05, 0.3, 0.04, 0.0, 0.0),
    "straight": table([]),
}


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("primaries", [DISPLAY_P3, ADOBE_RGB], ids=["P3", "Adobe"])
def test_colours_are_those_of_littlecms(primaries: tuple[tuple[float, ...], ...], curve: str) -> None:
    profile = icc_profile(primaries, CURVES[curve])
    convert = to_srgb(profile)
    assert convert is not None
    own, srgb = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
    expected = ImageCms.profileToProfile(Image.fromarray(COLOURS), own, srgb)
    shown = convert(COLOURS[..., ::-1])[..., ::-1]
    assert np.abs(shown.astype(int) - np.asarray(expected)).max() <= 2


def test_srgb_by_another_name_is_left_as_it_is() -> None:
    assert to_srgb(icc_profile(SRGB, OF_SRGB)) is None
    assert to_srgb(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()) is None


@pytest.mark.parametrize(
    "profile",
    [
        b"",
        b"\xff" * 200,
        icc_profile(DISPLAY_P3, OF_SRGB)[:200],
        icc_profile(DISPLAY_P3, OF_SRGB).replace(b"RGB ", b"CMYK"),
        icc_profile(DISPLAY_P3, OF_SRGB, A2B0=b"mAB "),
        icc_profile(DISPLAY_P3, b"text" + bytes(20)),
        icc_profile(DISPLAY_P3, parametric(9, 1.0)),
        icc_profile(DISPLAY_P3, parametric(1, 2.2, 0.0, 1.0)),
        icc_profile(DISPLAY_P3, table([0, 65535])[:-2]),
    ],
)
def test_what_is_no_profile_of_a_screen_changes_nothing(profile: bytes) -> None:
    assert to_srgb(profile) is None
