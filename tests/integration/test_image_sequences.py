"""A folder or a pattern of pictures as a film."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from engine_loading import KNOWN_NETWORK

from streamdepth.cli.app import _exit_status
from streamdepth.errors import SourceMissing
from streamdepth.sources import SourceOptions, open_source
from streamdepth.sources.images.picture_files import find_pictures, is_pattern, left_out


@pytest.fixture
def sequence(tmp_path: Path) -> Path:
    """f0001.png to f0012.png without 7 and 9, and files of other names."""
    folder = tmp_path / "seq"
    folder.mkdir()
    for number in range(1, 13):
        if number not in (7, 9):
            cv2.imwrite(str(folder / f"f{number:04}.png"), np.full((48, 64, 3), 9 * number, np.uint8))
    for name in ("f12.png", "g0001.png", "f0001.png.bak"):
        (folder / name).write_bytes((folder / "f0001.png").read_bytes())
    return folder


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("f%04d.png", [f"f{n:04}.png" for n in (1, 2, 3, 4, 5, 6, 8, 10, 11, 12)]),
        ("g%d.png", ["g0001.png"]),
        ("f%2d.png", ["f0001.png", "f0002.png"]),
        ("f00*.png", ["f0001.png", "f0002.png"]),
    ],
)
def test_numbers_are_taken_as_ffmpeg_writes_them(sequence: Path, pattern: str, names: list[str]) -> None:
    found = [path.name for path in find_pictures(sequence / pattern)]
    assert found[: len(names)] == names
    assert all(name.startswith(pattern[0]) for name in found)


def test_a_file_that_is_called_like_a_pattern_is_that_file(sequence: Path) -> None:
    literal = sequence / "f%04d.png"
    literal.write_bytes((sequence / "f0001.png").read_bytes())
    assert find_pictures(literal) == [literal]


@pytest.mark.parametrize(
    ("text", "expected"), [("a%d.png", True), ("a%04d", True), ("100%.png", False), ("a.png", False)]
)
def test_a_percent_sign_alone_is_no_pattern(text: str, expected: bool) -> None:
    assert is_pattern(text) is expected


def test_a_pattern_that_nothing_matches_is_missing(sequence: Path) -> None:
    with pytest.raises(SourceMissing, match=r"no picture matches .*h%04d\.png"):
        open_source(str(sequence / "h%04d.png"))


def test_gaps_and_what_else_matches_are_told(sequence: Path) -> None:
    (gaps,) = left_out(sequence / "f%04d.png")
    assert gaps.endswith("has gaps: of 12 numbers 2 have no file, 7 first")
    (others,) = left_out(sequence / "f*")
    assert others.endswith("are taken, and not files of other endings: 1 .bak")
    (sequence / "f0001.mov").touch()
    again, films = left_out(sequence / "f*")
    assert again == others
    assert films.endswith("are one input, and each film there is another one: 1 .mov")
    assert left_out(sequence / "g*.png") == left_out(sequence / "f0001.png") == []


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30000, 1001)])
def test_a_sequence_has_the_rate_that_is_named(sequence: Path, rate: Fraction) -> None:
    source = open_source(str(sequence / "f%04d.png"), SourceOptions(picture_rate=rate))
    assert source.info.rate == rate
    assert [frame.pts for frame in iter(source.read, None)] == [n / rate for n in range(10)]
    source.close()


def test_a_film_of_a_sequence_has_the_rate_that_decimals_usually_mean(sequence: Path, tmp_path: Path) -> None:
    film = tmp_path / "film.mov"
    words = ["--input", str(sequence / "f%04d.png"), "--output", str(film), "--input-fps", "23.976"]
    assert _exit_status([*words, *KNOWN_NETWORK, "--size", "64"]) == 0
    with av.open(str(film)) as container:
        assert container.streams.video[0].average_rate == Fraction(24000, 1001)


def test_a_film_of_a_sequence_is_as_long_as_its_rate_says(
    sequence: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    film = tmp_path / "film.mp4"
    words = ["--input", str(sequence / "f%04d.png"), "--output", str(film), "--input-fps", "25"]
    assert _exit_status([*words, *KNOWN_NETWORK, "--size", "64", "--camera-fps", "25"]) == 0
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == 25
        assert stream.duration * stream.time_base == Fraction(10, 25)
    said = capfd.readouterr().err
    assert "2 have no file" in said
    assert "--camera-fps has no effect here" in said
    assert "shown for a second" not in said
