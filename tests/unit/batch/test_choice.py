"""One run or several."""

from __future__ import annotations

from pathlib import Path

import pytest
from films import greys, write_film
from pictures import encoded, picture

from streamdepth.batch.choice import is_batch, one_run
from streamdepth.batch.spec import BatchSpec
from streamdepth.run.spec import InputSpec, OutputSpec, RunSpec


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("films", "photos", "both"):
        Path(folder).mkdir()
    for film in ("films/a.mp4", "both/a.mp4"):
        write_film(Path(film), greys([1]))
    for photo in ("photos/p.jpg", "both/p.jpg"):
        Path(photo).write_bytes(encoded(".jpg", picture()))


@pytest.mark.parametrize(
    ("inputs", "output", "several"),
    [
        ([], "x.mp4", False),
        (["films/a.mp4"], "x.mp4", False),
        (["films/a.mp4"], "out", True),
        (["films/a.mp4"], "x{number}.mp4", True),
        (["photos/p.jpg"], "out", False),
        (["photos"], "out", False),
        (["photos/*.jpg"], "out", False),
        (["films"], "out", True),
        (["both"], "out", True),
        (["films/*"], "out", True),
        (["films/a.mp4", "demo"], "out", True),
        (["@list.txt"], "out", True),
        (["demo"], "out", True),
        (["demo"], "x.mp4", False),
        (["rtsp://cam/1"], "out", False),
        (["no\0name"], "out", False),
        (["x" * 300], "out", False),
    ],
)
def test_a_plan_is_for_several_inputs_and_for_films_that_go_into_a_folder(
    inputs: list[str], output: str, several: bool
) -> None:
    spec = RunSpec(output=OutputSpec(output=Path(output)))
    assert is_batch(spec, BatchSpec(tuple(inputs))) is several


def test_what_is_only_watched_is_one_run() -> None:
    assert not is_batch(RunSpec(), BatchSpec(("both",)))


def test_what_only_a_plan_can_do_takes_one() -> None:
    spec = RunSpec(output=OutputSpec(output=Path("x.mp4")))
    for batch in (BatchSpec(("demo",), skip_existing=True), BatchSpec(("demo",), recursive=True)):
        assert is_batch(spec, batch)


def test_one_run_has_its_input() -> None:
    assert one_run(RunSpec(), BatchSpec(("demo",))) == RunSpec(InputSpec(input="demo"))
    assert one_run(RunSpec(InputSpec(camera="0")), BatchSpec()) == RunSpec(InputSpec(camera="0"))
