from __future__ import annotations

import os
from dataclasses import fields, replace
from fractions import Fraction
from pathlib import Path

import pytest

from streamdepth.resuming.conditions import differences, of_input, of_machine, of_spec
from streamdepth.run.spec import AmountSpec, InputSpec, OutputSpec, PictureSpec, RunSpec

SPEC = RunSpec(input=InputSpec("film.mp4"))


def changed(spec: RunSpec) -> list[str]:
    return list(differences(of_spec(SPEC), of_spec(spec)))


def test_what_changes_a_picture_is_told_by_its_option() -> None:
    other = replace(SPEC, picture=PictureSpec(layout="depth"), amount=AmountSpec(max_fps=Fraction(10)))
    assert changed(other) == ["--layout was overlay and is depth", "--max-fps was None and is 10"]


def test_where_it_goes_changes_nothing(tmp_path: Path) -> None:
    assert (
        changed(replace(SPEC, output=OutputSpec(output=tmp_path / "b.mp4", report=tmp_path / "r.json"))) == []
    )
    assert changed(replace(SPEC, input=InputSpec("./film.mp4"))) == []


def test_every_option_of_the_picture_counts() -> None:
    said = of_spec(SPEC)
    assert {f"--{one.name.replace('_', '-')}" for one in fields(PictureSpec)} <= set(said)


def test_an_input_is_known_by_its_size_time_and_beginning(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"a" * 1000)
    os.utime(film, ns=(10, 10))
    first = of_input("film.mp4", [film])
    assert of_input(str(film), [film]) == first
    film.write_bytes(b"b" * 1000)
    os.utime(film, ns=(10, 10))
    assert [one.split(" was ")[0] for one in differences(first, of_input("film.mp4", [film]))] == [
        "the beginning of the input"
    ]
    film.write_bytes(b"a" * 1001)
    assert len(list(differences(first, of_input("film.mp4", [film])))) >= 2


def test_a_password_is_not_written_down() -> None:
    said = of_input("https://user:secret@host/film.mp4", [])
    assert "secret" not in str(said)


def test_two_films_whose_names_are_hidden_are_two_and_one_with_another_key_is_one() -> None:
    shared = "https://host/8yS4aFqzXq.mp4"
    first = of_input(shared, [])
    assert "8yS4" not in str(first)
    assert list(differences(first, of_input("https://host/9zT5bGraYr.mp4", [])))
    assert of_input(shared + "?token=one", []) == of_input(shared + "?token=two", [])
    with_login = [of_input(f"https://me:{word}@host/a.mp4", []) for word in ("one", "two")]
    assert with_login[0] == with_login[1]


def test_releases_and_the_processor_are_told() -> None:
    said = of_machine("onnxruntime", 1, 2)
    assert {"streamdepth", "PyAV", "FFmpeg", "NumPy", "OpenCV", "onnxruntime", "the instruction set"} <= set(
        said
    )
    assert said["pictures inferred at a time"] == "2"
    assert "unknown" not in said["onnxruntime"]


def test_what_one_of_two_lacks_is_a_difference() -> None:
    assert list(differences({"a": "1"}, {"b": "2"})) == [
        "a was 1 and is not there",
        "b was not there and is 2",
    ]


@pytest.mark.parametrize("count", [2, 30])
def test_a_folder_of_pictures_is_known_by_all_of_them(tmp_path: Path, count: int) -> None:
    files = [tmp_path / f"{number}.png" for number in range(count)]
    for file in files:
        file.write_bytes(file.name.encode() * 100)
    before = of_input("folder", files)
    files[-1].write_bytes(b"x" * len(files[-1].read_bytes()))
    assert "the beginning of the input" in " ".join(differences(before, of_input("folder", files)))


def test_other_distances_under_the_same_name_are_other_metres(tmp_path: Path) -> None:
    kept = tmp_path / "hall.metres"
    kept.write_bytes(b"one")
    spec = replace(SPEC, input=InputSpec("film.mp4", metres=kept))
    before = of_spec(spec)
    kept.write_bytes(b"another")
    assert [line.split(" was ")[0] for line in differences(before, of_spec(spec))] == ["--metres"]
