"""Samples of any width become 8 bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pictures import encoded, png_with, written

from streamdepth.errors import SourceError
from streamdepth.sources.images.image_file import read_image


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


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_black_in_16_bits_is_black(tmp_path: Path, suffix: str) -> None:
    black = encoded(suffix, np.zeros((48, 64), np.uint16))
    file = read_image(written(tmp_path / f"a{suffix}", black))
    assert (file.image.max(), file.notes) == (0, ())


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
    with pytest.raises(SourceError, match="which are not grey levels") as caught:
        read_image(path)
    assert what in caught.value.what
