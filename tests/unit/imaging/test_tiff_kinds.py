"""What kinds of TIFF are told from damaged ones, by their tags alone."""

from __future__ import annotations

import pytest
from tiffs import LONG, SHORT, Entry, tiff

from streamdepth.imaging.tiff_directory import (
    BITS,
    COMPRESSION,
    HEIGHT,
    PHOTOMETRIC,
    PLANES,
    SAMPLE_FORMAT,
    SAMPLES,
    TILE_HEIGHT,
    TILE_WIDTH,
    WIDTH,
    directories,
)
from streamdepth.imaging.tiff_kinds import is_negative, unread_tiff

SIZE: list[Entry] = [(WIDTH, LONG, (64,)), (HEIGHT, LONG, (48,))]


def page(**tags: int | tuple[int, ...]) -> list[Entry]:
    """The directory of a grey picture in 16 bits, but for these tags."""
    numbers = {
        "bits": BITS,
        "compression": COMPRESSION,
        "photometric": PHOTOMETRIC,
        "samples": SAMPLES,
        "planes": PLANES,
        "kind": SAMPLE_FORMAT,
        "tile_width": TILE_WIDTH,
        "tile_height": TILE_HEIGHT,
    }
    values = {"bits": 16, "photometric": 1} | tags
    listed = [
        (numbers[name], SHORT, value if isinstance(value, tuple) else (value,))
        for name, value in values.items()
    ]
    return [*SIZE, *sorted(listed)]


@pytest.mark.parametrize(
    ("tags", "what"),
    [
        ({"kind": 3}, "floating-point numbers in 16 bits"),
        ({"kind": (3, 3, 3), "samples": 3, "photometric": 2, "bits": (16, 16, 16)}, "numbers in 16 bits"),
        ({"kind": 3, "bits": 24}, "floating-point numbers in 24 bits"),
        ({"kind": 6, "bits": 64}, "of complex numbers"),
        ({"kind": 5, "bits": 32}, "of complex whole numbers"),
        ({"compression": 50000}, "compressed by Zstandard"),
        ({"compression": 34712}, "compressed by JPEG 2000"),
        ({"compression": 34887}, "compressed by LERC"),
        ({"compression": 60000}, "compressed by the method 60000"),
        ({"samples": 5, "bits": (8,) * 5}, "of 5 channels"),
        ({"samples": 3, "bits": (5, 6, 5), "photometric": 2}, "channels of 5, 6, 5 bits"),
        ({"bits": 4}, "with 4 bits a sample"),
        ({"bits": (16,) * 4, "samples": 4, "photometric": 5}, "CMYK in 16 bits"),
        ({"bits": (16,) * 3, "samples": 3, "photometric": 2, "planes": 2}, "(planar) in 16 bits"),
        ({"bits": 8, "tile_width": 16, "tile_height": 16}, "uncompressed TIFF in tiles of 16x16"),
        ({"bits": (8,) * 3, "samples": 3, "tile_width": 48, "tile_height": 48}, "in tiles of 48x48"),
    ],
)
@pytest.mark.parametrize(("order", "big"), [("<", False), (">", True)])
def test_what_opencv_does_not_read_is_named(tags, what: str, order: str, big: bool) -> None:
    sentence = unread_tiff(tiff(page(**tags), order=order, big=big))
    assert sentence.startswith(("is a TIFF ", "is an uncompressed TIFF "))
    assert sentence.endswith(", which is not supported")
    assert what in sentence


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"compression": 5, "bits": (8,) * 3, "samples": 3, "photometric": 2, "planes": 2},
        {"compression": 8, "kind": 3, "bits": 32},
        {"kind": 2, "bits": 64},
        {"bits": 4, "photometric": 3},
        {"bits": (8,) * 4, "samples": 4, "photometric": 5},
        {"bits": 1},
        {"bits": 8, "tile_width": 64, "tile_height": 16},
        {"bits": 8, "tile_width": 16, "tile_height": 16, "compression": 5},
        {"bits": 16, "tile_width": 16, "tile_height": 16},
        {"planes": 2},  # of one channel, which says nothing
    ],
)
def test_what_opencv_may_read_has_no_refusal(tags) -> None:
    assert unread_tiff(tiff(page(**tags))) == ""


def test_what_is_no_tiff_has_no_refusal() -> None:
    assert unread_tiff(b"\x89PNG\r\n\x1a\n") == ""


@pytest.mark.parametrize(
    ("tags", "negative"),
    [
        ({}, False),
        ({"photometric": 0}, True),
        ({"photometric": 0, "bits": 8}, False),
        ({"photometric": 2}, False),
    ],
)
def test_only_what_opencv_leaves_has_to_be_turned_around(tags, negative: bool) -> None:
    assert is_negative(next(directories(tiff(page(**tags))))) is negative
