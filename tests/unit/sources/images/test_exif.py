"""What Exif says of a picture."""

from __future__ import annotations

import pytest
from tiffs import ASCII, SHORT, tiff

from streamdepth.ffmpeg.orientation import UPRIGHT, Orientation
from streamdepth.imaging.tiff_directory import ORIENTATION, WIDTH
from streamdepth.sources.images.exif import exif_orientation


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"])
def test_exif_tells_how_a_picture_is_to_be_laid(order: str, prefix: bytes) -> None:
    exif = prefix + tiff([(WIDTH, SHORT, (640,)), (ORIENTATION, SHORT, (6,))], order=order)
    assert exif_orientation(exif) == Orientation(transpose=True, mirror_x=True)


@pytest.mark.parametrize(
    "exif",
    [
        b"",
        b"Exif\0\0",
        b"Exif\0\0nonsense",
        tiff([(WIDTH, SHORT, (640,))]),
        tiff([(ORIENTATION, SHORT, (0,))]),
        tiff([(ORIENTATION, SHORT, (9,))]),
        tiff([(ORIENTATION, ASCII, (6,))]),
        tiff([], [(ORIENTATION, SHORT, (6,))]),  # that of the thumbnail
    ],
)
def test_a_picture_whose_exif_says_nothing_that_makes_sense_is_upright(exif: bytes) -> None:
    assert exif_orientation(exif) == UPRIGHT
