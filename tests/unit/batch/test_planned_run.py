"""The run of each input."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path, PurePath
from typing import Any

import pytest

from streamdepth.batch.inputs import Found, Kind
from streamdepth.batch.output_paths import is_file
from streamdepth.batch.planned_run import planned_runs
from streamdepth.errors import UsageError
from streamdepth.run.spec import AmountSpec, DepthFileSpec, EncodingSpec, InputSpec, OutputSpec, RunSpec

FILM = Found("clips/a.mov", Kind.FILM, PurePath("clips/a.mov"), PurePath("clips"))
PHOTO = Found("b.jpg", Kind.PICTURE, PurePath("b.jpg"))
PHOTOS = Found("clips/day", Kind.PICTURES, PurePath("clips/day"), PurePath("clips"))
ALL = [FILM, PHOTO, PHOTOS]


def places(output: OutputSpec, pattern: str) -> list[tuple[str, ...]]:
    runs = planned_runs(RunSpec(output=output), ALL, pattern)
    return [tuple(map(str, planned.outputs)) for planned in runs]


def test_each_kind_of_input_gets_its_kind_of_output() -> None:
    both = OutputSpec(output=Path("out"), depth_output=Path("raw"))
    assert places(both, "{folder}/{name}") == [
        ("out/a.mp4", "raw/a"),
        ("out/b.png", "raw/b.png"),
        ("out/day", "raw/day"),
    ]


def test_films_among_pictures_are_gone_on_with_and_pictures_are_drawn() -> None:
    def resumes(**of_input: Any) -> list[Any]:
        output = OutputSpec(output=Path("out"), resume="any")
        runs = planned_runs(RunSpec(InputSpec(**of_input), output=output), ALL, "{name}")
        return [planned.spec.output.resume for planned in runs]

    assert resumes() == ["any", None, None]
    assert resumes(input_fps=Fraction(25)) == ["any", None, "any"]


def test_one_frame_of_a_film_is_a_picture_where_the_pattern_names_one() -> None:
    def of_film(frames: int | None, **output: Any) -> Any:
        spec = RunSpec(
            output=OutputSpec(**output, resume="any", manifest=True),
            encoding=EncodingSpec(codec="h265"),
            amount=AmountSpec(frames=frames),
        )
        (planned,) = planned_runs(spec, [FILM], "{name}.png")
        own = planned.spec
        return [*map(str, planned.outputs)], own.output.manifest, own.output.resume, own.encoding.codec

    still, depth = {"output": Path("out")}, {"depth_output": Path("raw/{name}.exr")}
    assert of_film(1, **still) == (["out/a.png"], False, None, None)
    assert of_film(2, **still) == (["out/a.mp4"], True, "any", "h265")
    assert of_film(1, output=Path("out/{name}.mov")) == (["out/a.mov"], True, "any", "h265")
    assert of_film(1, **depth)[0] == ["raw/a.exr"]
    assert of_film(2, **depth)[0] == ["raw/a"]
    assert of_film(1, depth_output=Path("raw/{name}.ply"))[0] == ["raw/a.ply"]


def test_an_output_with_words_is_a_pattern_itself() -> None:
    output = OutputSpec(output=Path("out/{number}/{name}.jpg"))
    assert places(output, "{name}") == [("out/1/a.mp4",), ("out/2/b.jpg",), ("out/3",)]


def test_depth_of_a_film_goes_into_a_folder_or_into_the_file_that_the_pattern_names() -> None:
    dotted = Found("a.v2.mov", Kind.FILM, PurePath("a.v2.mov"))
    raw = RunSpec(output=OutputSpec(depth_output=Path("raw")), depth=DepthFileSpec(depth_format="exr"))
    film, photo, photos = planned_runs(raw, [dotted, PHOTO, PHOTOS], "{folder}/{name}")
    assert [planned.outputs for planned in (film, photo, photos)] == [
        (Path("raw/a.v2"),),
        (Path("raw/b.exr"),),
        (Path("raw/day"),),
    ]
    assert (film.folders, photo.folders) == ((Path("raw/a.v2"),), ())
    for kind in ("mkv", "mcap"):
        clip = RunSpec(output=OutputSpec(depth_output=Path(f"raw/{{name}}.{kind}")))
        (planned,) = planned_runs(clip, [dotted], "{name}")
        assert (planned.outputs, planned.folders) == ((Path(f"raw/a.v2.{kind}"),), ())


def test_a_run_has_all_that_was_wanted_but_the_report_of_all() -> None:
    spec = RunSpec(
        InputSpec(input_fps=Fraction(5)),
        output=OutputSpec(output=Path("out"), report=Path("r.json")),
        amount=AmountSpec(frames=3),
    )
    (planned,) = planned_runs(spec, [FILM], "{name}")
    assert planned.spec == RunSpec(
        InputSpec(input="clips/a.mov", input_fps=Fraction(5)),
        output=OutputSpec(output=Path("out/a.mp4")),
        amount=AmountSpec(frames=3),
    )


def test_the_codec_chooses_the_container_where_nothing_else_does() -> None:
    spec = RunSpec(output=OutputSpec(output=Path("out")), encoding=EncodingSpec(codec="prores"))
    assert planned_runs(spec, [FILM], "{name}")[0].outputs == (Path("out/a.mov"),)
    assert planned_runs(spec, [FILM], "{name}.mp4")[0].outputs == (Path("out/a.mp4"),)  # which is refused


def test_one_file_is_for_one_input(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"x.mp4 is one file, and there are 3 inputs \(name a folder: x/\)"):
        places(OutputSpec(output=Path("x.mp4")), "{name}")
    with pytest.raises(UsageError, match=r"\(name a folder: films/v1.2/x/\)"):
        places(OutputSpec(output=Path("films/v1.2/x.mp4")), "{name}")
    (tmp_path / "odd.mp4").mkdir()
    assert not is_file(tmp_path / "odd.mp4")
