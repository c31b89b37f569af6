"""The size at which Matroska shows pictures, where the muxer left room to say it."""

from __future__ import annotations

from fractions import Fraction

import pytest

from streamdepth.sinks.movie.display_size import DisplaySize, display_size


@pytest.mark.parametrize(
    ("size", "aspect", "shown"),
    [
        ((720, 576), Fraction(16, 15), (768, 576)),
        ((720, 480), Fraction(32, 27), (853, 480)),
        ((1440, 1080), Fraction(4, 3), (1920, 1080)),
        ((720, 576), Fraction(8, 9), (720, 648)),
    ],
)
def test_the_longer_side_in_square_pixels_is_what_is_shown(
    size: tuple[int, int], aspect: Fraction, shown: tuple[int, int]
) -> None:
    found = display_size(size, aspect)
    assert found is not None
    assert (found.width, found.height) == shown


def test_square_pixels_need_no_word() -> None:
    assert display_size((640, 480), Fraction(1)) is None


@pytest.mark.parametrize("size", [(128, 96), (300, 300), (510, 240), (96, 512)])
@pytest.mark.parametrize("aspect", [Fraction(16, 11), Fraction(9, 16)])
def test_where_a_number_has_no_room_the_shape_stays(size: tuple[int, int], aspect: Fraction) -> None:
    found = display_size(size, aspect)
    assert found is not None
    shape = Fraction(size[0], size[1]) * aspect
    assert float(Fraction(found.width, found.height) / shape) == pytest.approx(1, abs=0.01)
    halves = {"left_right": (size[0] // 2, size[1]), "top_bottom": (size[0], size[1] // 2)}[found.mode]
    for number, half in zip((found.width, found.height), halves, strict=True):
        assert (number.bit_length() + 7) // 8 <= (half.bit_length() + 7) // 8


def test_nothing_else_in_the_file_is_changed() -> None:
    said = b"\x53\xb8\x81\x01\x54\xb0\x82\x01\x68\x54\xba\x82\x02\x40"
    data = b"\x53\xb8\x81 before " + said + b" after"
    made = DisplaySize(768, 576, "left_right").set_in(data)
    assert made == b"\x53\xb8\x81 before \xec\x82\0\0\x54\xb0\x82\x03\x00\x54\xba\x82\x02\x40 after"
    assert DisplaySize(768, 576, "left_right").set_in(b"nothing of it") == b"nothing of it"
