"""What a program may give for a picture."""

import numpy as np
import pytest
from PIL import Image

from streamdepth.engine.picture_input import as_picture
from streamdepth.errors import UsageError
from streamdepth.pixels import Picture

RED = np.full((4, 6, 3), (0, 0, 255), np.uint8)  # in BGR


def shown(image, channels="bgr", read=None):
    return as_picture(image, channels, read).bgr


def test_an_array_is_taken_in_the_order_that_is_said():
    np.testing.assert_array_equal(shown(RED), RED)
    np.testing.assert_array_equal(shown(RED[..., ::-1], "rgb"), RED)
    with pytest.raises(UsageError, match="no channels 'gbr'"):
        shown(RED, "gbr")


def test_a_picture_stays_what_it_is():
    picture = Picture.of_bgr(RED)
    assert as_picture(picture, "rgb", None) is picture


def test_a_path_is_read_by_whoever_reads_files():
    np.testing.assert_array_equal(shown("red.png", read=lambda path: {"red.png": RED}[path]), RED)
    with pytest.raises(UsageError, match=r"takes pictures, not paths \(load it by streamdepth\.load_engine"):
        shown("red.png")


def test_transparency_of_pillow_lies_over_black():
    image = Image.fromarray(np.full((4, 6, 4), (255, 0, 0, 0), np.uint8), "RGBA")
    assert shown(image).max() == 0
    np.testing.assert_array_equal(shown(image.convert("RGB")), RED)


def test_a_mode_of_pillow_that_holds_numbers_is_refused():
    with pytest.raises(UsageError, match="mode F holds numbers, not colours"):
        shown(Image.new("F", (6, 4)))
