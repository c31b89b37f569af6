"""A few frames of a planned run."""

from __future__ import annotations

from pathlib import Path, PurePath

import av
import pytest
from films import add_video, greys, put_pictures

from streamdepth.batch.inputs import Found, Kind
from streamdepth.batch.planned_run import PlannedRun, planned_runs
from streamdepth.batch.trial import Trial, try_out
from streamdepth.run.network.loading import load_network
from streamdepth.run.spec import AmountSpec, NetworkSpec, OutputSpec, RunSpec
from streamdepth.run.surroundings import Surroundings

NANO = NetworkSpec(model="nano", size=32, engine="onnxruntime", precision="fp32")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def planned(output: OutputSpec, **amount: int) -> PlannedRun:
    spec = RunSpec(output=output, network=NANO, amount=AmountSpec(**amount))
    return planned_runs(spec, [Found("a.mkv", Kind.FILM, PurePath("a.mkv"))], "{name}")[0]


def film_with_data_track(path: Path) -> None:
    """A film with a track that no MP4 has a place for."""
    with av.open(str(path), "w") as out:
        out.add_attachment("notes.bin", "application/octet-stream", b"notes")
        put_pictures(out, add_video(out), greys(range(0, 90, 10)))


def test_it_knows_the_whole_and_what_would_not_be_kept_and_leaves_nothing_behind() -> None:
    film_with_data_track(Path("a.mkv"))
    both = OutputSpec(output=Path("out"), depth_output=Path("raw"))
    trial = try_out(planned(both), 4, Surroundings(), load_network)
    assert (trial.rendered, trial.frames, trial.error) == (4, 9, "")
    assert trial.bytes > 0
    assert any("left out: an attachment" in note for note in trial.notes)
    assert [path.name for path in Path().iterdir()] == ["a.mkv"]


def test_no_more_frames_are_tried_than_are_wanted() -> None:
    film_with_data_track(Path("a.mkv"))
    trial = try_out(planned(OutputSpec(output=Path("out")), frames=3), 40, Surroundings(), load_network)
    assert (trial.rendered, trial.frames) == (3, 3)


def test_what_would_fail_is_told() -> None:
    Path("a.mkv").write_bytes(b"damaged")
    trial = try_out(planned(OutputSpec(output=Path("out"))), 4, Surroundings(), load_network)
    assert trial == Trial(error=trial.error)
    assert "a.mkv is not a video" in trial.error
