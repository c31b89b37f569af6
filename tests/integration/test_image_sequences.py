"""A folder or a pattern of pictures as a film, and options that change nothing."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from streamdepth.cli.app import _exit_status
from streamdepth.cli.words import lines_of
from streamdepth.errors import SourceMissing
from streamdepth.frames import SourceInfo
from streamdepth.run.checks import is_picture_a_second, unused_options
from streamdepth.run.spec import InputSpec, OutputSpec, RunSpec, StreamSpec, WebSpec
from streamdepth.sources import SourceOptions, open_source
from streamdepth.sources.images.picture_files import find_pictures, is_pattern, left_out

PICTURES = SourceInfo(64, 48, None, live=False, read_timeout=1, kind="image", frame_count=9)
PICTURE = SourceInfo(64, 48, None, live=False, read_timeout=1, kind="image", frame_count=1)
VIDEO = SourceInfo(64, 48, Fraction(25), live=False, read_timeout=1)
STREAM = SourceInfo(64, 48, Fraction(25), live=True, read_timeout=1)
DEMO = SourceInfo(64, 48, Fraction(25), live=False, read_timeout=1, kind="demo")


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


def sentences(info: SourceInfo, *parts: InputSpec | StreamSpec | WebSpec) -> list[str]:
    by_kind = {type(part).__name__.removesuffix("Spec").lower(): part for part in parts}
    spec = RunSpec(**by_kind)  # type: ignore[arg-type]
    return [line.text for unused in unused_options(spec, info) for line in lines_of(unused)]


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
    assert others.endswith("that are no pictures by their endings were left out: 1 .bak")
    assert left_out(sequence / "g*.png") == left_out(sequence / "f0001.png") == []


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30000, 1001)])
def test_a_sequence_has_the_rate_that_is_named(sequence: Path, rate: Fraction) -> None:
    source = open_source(str(sequence / "f%04d.png"), SourceOptions(picture_rate=rate))
    assert source.info.rate == rate
    assert [frame.pts for frame in iter(source.read, None)] == [n / rate for n in range(10)]
    source.close()


def test_a_film_of_a_sequence_is_as_long_as_its_rate_says(
    sequence: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    film = tmp_path / "film.mp4"
    words = ["--input", str(sequence / "f%04d.png"), "--output", str(film), "--input-fps", "25"]
    assert _exit_status([*words, "--model", "nano", "--size", "64", "--camera-fps", "25"]) == 0
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == 25
        assert stream.duration * stream.time_base == Fraction(10, 25)
    said = capfd.readouterr().err
    assert "2 have no file" in said
    assert "--camera-fps has no effect here" in said
    assert "shown for a second" not in said


def test_a_film_of_pictures_without_a_rate_has_one_a_second() -> None:
    film = RunSpec(InputSpec(input="seq"), output=OutputSpec(output=Path("a.mp4")))
    assert is_picture_a_second(film, PICTURES)
    assert not is_picture_a_second(film, PICTURE)
    assert not is_picture_a_second(film, VIDEO)
    folder = RunSpec(InputSpec(input="seq"), output=OutputSpec(output=Path("heat")))
    assert not is_picture_a_second(folder, PICTURES)


@pytest.mark.parametrize(
    ("info", "parts", "option"),
    [
        (PICTURES, [InputSpec(input="seq", camera_fps=Fraction(25))], "--camera-fps"),
        (VIDEO, [InputSpec(input="a.mp4", camera_size=(640, 480))], "--camera-size"),
        (VIDEO, [InputSpec(input="a.mp4", input_fps=Fraction(25))], "--input-fps"),
        (PICTURE, [InputSpec(input="a.png", input_fps=Fraction(25))], "--input-fps"),
        (STREAM, [InputSpec(input="http://h/a"), StreamSpec(rtsp_transport="udp")], "--rtsp-transport"),
        (VIDEO, [InputSpec(input="a.mp4"), StreamSpec(wait_for_source=True)], "--wait-for-source"),
    ],
)
def test_an_option_that_changes_nothing_is_told(
    info: SourceInfo, parts: list[InputSpec | StreamSpec], option: str
) -> None:
    (sentence,) = sentences(info, *parts)
    assert sentence.startswith(f"{option} has no effect here: it is for ")


@pytest.mark.parametrize(
    ("info", "parts"),
    [
        (DEMO, [InputSpec(input="demo", camera_fps=Fraction(25), camera_size=(640, 480))]),
        (PICTURES, [InputSpec(input="seq", input_fps=Fraction(25))]),
        (STREAM, [InputSpec(input="rtsp://h/a"), StreamSpec(rtsp_transport="udp", wait_for_source=True)]),
        (STREAM, [InputSpec(camera="0", camera_fps=Fraction(25)), StreamSpec(wait_for_source=True)]),
        (VIDEO, [InputSpec(input="a.mp4", switch_to=("0",), camera_fps=Fraction(25))]),
    ],
)
def test_an_option_that_matters_is_not_mentioned(
    info: SourceInfo, parts: list[InputSpec | StreamSpec]
) -> None:
    assert sentences(info, *parts) == []


def test_what_is_for_the_web_service_alone_is_told_without_it() -> None:
    (sentence,) = sentences(VIDEO, InputSpec(input="a.mp4"), WebSpec(port=9000))
    assert sentence == "--port has no effect here: it is for --webrtc"
    assert sentences(STREAM, InputSpec(input="browser"), WebSpec(port=9000)) == []
