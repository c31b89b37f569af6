"""What HDR says of its screen and its light."""

from __future__ import annotations

import struct

import pytest
from av.video.frame import VideoFrame
from hdr_films import SAID, film_in_hdr10, said_by

from streamdepth.ffmpeg import mastering
from streamdepth.ffmpeg.mastering import mastering_of
from streamdepth.pixels import Mastering

FRACTIONS = [(value, 50_000) for value in SAID.display[:8]] + [(value, 10_000) for value in SAID.display[8:]]
LIGHT = struct.pack("=2I", 1000, 400)


def screen(fractions=FRACTIONS, known=(1, 1)):
    return struct.pack("=20i2i", *(part for fraction in fractions for part in fraction), *known)


def read(monkeypatch, display, light):
    said = {"MASTERING_DISPLAY_METADATA": display, "CONTENT_LIGHT_LEVEL": light}
    monkeypatch.setattr(mastering, "side_data_of", lambda _frame, kind: said[kind])
    return mastering_of(VideoFrame(16, 16, "yuv420p10le"))


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_it_is_read_from_the_frames_of_a_film(tmp_path, suffix):
    assert set(said_by(film_in_hdr10(tmp_path / f"film{suffix}", 2))) == {SAID}


def test_a_frame_that_says_nothing_has_none():
    assert mastering_of(VideoFrame(16, 16, "yuv420p10le")) is None


def test_other_fractions_become_the_nearest_whole_units(monkeypatch):
    thirds = [(1, 3)] * 8 + [(1, 200), (4000, 1)]
    made = read(monkeypatch, screen(thirds), None)
    assert made == Mastering((16_667,) * 8 + (50, 40_000_000), None)


@pytest.mark.parametrize(
    "display",
    [
        screen(known=(0, 0)),
        screen([(1, 0), *FRACTIONS[1:]], known=(1, 0)),
        screen([(-1, 3), *FRACTIONS[1:]], known=(1, 0)),
        screen([(2, 1), *FRACTIONS[1:]], known=(1, 0)),
        screen()[:80],
        b"",
    ],
)
def test_a_screen_that_is_unknown_or_impossible_is_none(monkeypatch, display):
    assert read(monkeypatch, display, None) is None
    assert read(monkeypatch, display, LIGHT) == Mastering(None, (1000, 400))


COLOURS_ALONE, LIGHT_ALONE = (*SAID.display[:8], 0, 0), (*(0,) * 8, *SAID.display[8:])


@pytest.mark.parametrize(
    ("display", "kept"),
    [
        (screen(known=(1, 0)), COLOURS_ALONE),
        (screen(known=(0, 1)), LIGHT_ALONE),
        (screen([(1, 0), *FRACTIONS[1:]]), LIGHT_ALONE),
        (screen([(-1, 3), *FRACTIONS[1:]]), LIGHT_ALONE),
        (screen([*FRACTIONS[:9], (1 << 30, 1)]), COLOURS_ALONE),
    ],
)
def test_of_a_screen_that_is_half_known_that_half_is_kept(monkeypatch, display, kept):
    assert read(monkeypatch, display, None) == Mastering(kept, None)


@pytest.mark.parametrize(
    ("light", "known"),
    [((0, 0), None), ((0, 400), (0, 400)), ((1 << 16, 1), None), ((1000, 0), (1000, 0))],
)
def test_light_is_known_where_it_is_not_nought(monkeypatch, light, known):
    made = read(monkeypatch, None, struct.pack("=2I", *light))
    assert made == (known and Mastering(None, known))
