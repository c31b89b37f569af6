"""How much there is to do."""

from __future__ import annotations

from pathlib import Path, PurePath

import pytest

from streamdepth.batch.inputs import Found, Kind
from streamdepth.batch.planned_run import PlannedRun, planned_runs
from streamdepth.batch.work import Work, is_there
from streamdepth.run.spec import OutputSpec, RunSpec


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[PlannedRun, ...]:
    monkeypatch.chdir(tmp_path)
    for name, size in {"a.mp4": 300, "b.mp4": 100, "photos/p.jpg": 60, "photos/q.jpg": 40}.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(bytes(size))
    found = [
        Found("a.mp4", Kind.FILM, PurePath("a.mp4")),
        Found("b.mp4", Kind.FILM, PurePath("b.mp4")),
        Found("photos", Kind.PICTURES, PurePath("photos")),
    ]
    Path("out").mkdir()
    return planned_runs(RunSpec(output=OutputSpec(output=Path("out"))), found, "{folder}/{name}")


def test_shares_are_by_the_size_of_the_inputs(runs: tuple[PlannedRun, ...]) -> None:
    work = Work.of(runs, skip_existing=True)
    assert work == Work((0.6, 0.2, 0.2), (0.0, 0.6, 0.8, 1.0))


def test_what_is_there_is_no_work_where_it_is_skipped(runs: tuple[PlannedRun, ...]) -> None:
    Path("out/a.mp4").write_bytes(b"film")
    assert Work.of(runs, skip_existing=True).shares == (0.0, 0.5, 0.5)
    assert Work.of(runs, skip_existing=False).shares[0] == 0.6


def test_pictures_are_there_when_each_has_its_own(runs: tuple[PlannedRun, ...]) -> None:
    Path("out/p.png").write_bytes(b"picture")
    assert not is_there(runs[2])
    Path("out/q.png").write_bytes(b"picture")
    assert is_there(runs[2])


def test_an_empty_file_that_something_left_is_no_output(runs: tuple[PlannedRun, ...]) -> None:
    for name in ("out/a.mp4", "out/p.png", "out/q.png"):
        Path(name).write_bytes(b"")
    assert not is_there(runs[0])
    assert not is_there(runs[2])


def test_a_folder_of_maps_is_there_when_its_index_is(runs: tuple[PlannedRun, ...]) -> None:
    spec = RunSpec(output=OutputSpec(depth_output=Path("raw")))
    (planned,) = planned_runs(spec, [runs[0].found], "{name}")
    Path("raw/a").mkdir(parents=True)
    assert not is_there(planned)
    Path("raw/a/streamdepth.json").write_text('{"complete": false}')
    assert not is_there(planned)
    Path("raw/a/streamdepth.json").write_text('{"complete": true}')
    assert is_there(planned)
