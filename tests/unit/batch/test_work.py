"""How much there is to do."""

from __future__ import annotations

from pathlib import Path, PurePath

import pytest

from streamdepth.batch.inputs import Found, Kind
from streamdepth.batch.job import Job, jobs_of
from streamdepth.batch.work import Work, is_there
from streamdepth.run.spec import OutputSpec, RunSpec


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Job, ...]:
    monkeypatch.chdir(tmp_path)
    for name, octets in {"a.mp4": 300, "b.mp4": 100, "photos/p.jpg": 60, "photos/q.jpg": 40}.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(bytes(octets))
    found = [
        Found("a.mp4", Kind.FILM, PurePath("a.mp4")),
        Found("b.mp4", Kind.FILM, PurePath("b.mp4")),
        Found("photos", Kind.PICTURES, PurePath("photos")),
    ]
    Path("out").mkdir()
    return jobs_of(RunSpec(output=OutputSpec(output=Path("out"))), found, "{folder}/{name}")


def test_shares_are_by_the_size_of_the_inputs(jobs: tuple[Job, ...]) -> None:
    work = Work.of(jobs, skip_existing=True)
    assert work == Work((0.6, 0.2, 0.2), (0.0, 0.6, 0.8, 1.0))


def test_what_is_there_is_no_work_where_it_is_skipped(jobs: tuple[Job, ...]) -> None:
    Path("out/a.mp4").write_bytes(b"")
    assert Work.of(jobs, skip_existing=True).shares == (0.0, 0.5, 0.5)
    assert Work.of(jobs, skip_existing=False).shares[0] == 0.6


def test_pictures_are_there_when_each_has_its_own(jobs: tuple[Job, ...]) -> None:
    Path("out/p.png").write_bytes(b"")
    assert not is_there(jobs[2])
    Path("out/q.png").write_bytes(b"")
    assert is_there(jobs[2])


def test_a_folder_of_maps_is_there_when_its_index_is(jobs: tuple[Job, ...]) -> None:
    spec = RunSpec(output=OutputSpec(depth_output=Path("raw")))
    (job,) = jobs_of(spec, [jobs[0].found], "{name}")
    Path("raw/a").mkdir(parents=True)
    assert not is_there(job)
    Path("raw/a/streamdepth.json").write_text('{"complete": false}')
    assert not is_there(job)
    Path("raw/a/streamdepth.json").write_text('{"complete": true}')
    assert is_there(job)
