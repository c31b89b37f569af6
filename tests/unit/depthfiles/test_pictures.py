from __future__ import annotations

import cv2
import numpy as np
import pytest
from tiffs import SHORT, tiff

from streamdepth.depthfiles.pictures import read_colour, read_picture
from streamdepth.errors import SourceError


def test_a_folder_cannot_be_read_as_a_file(tmp_path):
    (tmp_path / "a.png").mkdir()
    with pytest.raises(SourceError, match="cannot be read"):
        read_colour(tmp_path / "a.png")


def test_grey_pictures_come_as_colour(tmp_path):
    assert cv2.imwrite(str(tmp_path / "a.png"), np.full((4, 5), 7, np.uint8))
    colour = read_colour(tmp_path / "a.png")
    assert (colour.shape, colour.dtype) == ((4, 5, 3), np.uint8)


def test_depth_in_half_precision_is_named_with_its_cure(tmp_path):
    data = tiff([(256, SHORT, (64,)), (257, SHORT, (48,)), (258, SHORT, (16,)), (339, SHORT, (3,))])
    with pytest.raises(
        SourceError, match="floating-point numbers in 16 bits, which is not supported"
    ) as caught:
        read_picture(tmp_path / "a.tif", data)
    assert "floating-point numbers in 32" in caught.value.cure


def test_depth_in_a_tiff_with_a_strip_of_zeros_is_told(tmp_path):
    grey = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    data = bytes(
        cv2.imencode(".tif", grey, [cv2.IMWRITE_TIFF_COMPRESSION, 8, cv2.IMWRITE_TIFF_ROWSPERSTRIP, 16])[1]
    )
    with pytest.raises(SourceError, match="number 2 of its 4 strips cannot be unpacked"):
        read_picture(tmp_path / "a.tif", data[:1200] + bytes(600) + data[1800:])
