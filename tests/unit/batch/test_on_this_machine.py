"""A plan, carried out."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest
from films import greys, write_film

from streamdepth.batch.events import InputBegan, InputEnded
from streamdepth.batch.on_this_machine import Batch
from streamdepth.batch.outcome import State
from streamdepth.batch.plan import Plan, plan_batch
from streamdepth.batch.spec import BatchSpec
from streamdepth.errors import DiskFull, ModelError, StageStuck
from streamdepth.files import OutputFile
from streamdepth.reporting.events import FrameWritten, LoadBegan
from streamdepth.run.network.loading import load_network
from streamdepth.run.sessions import session
from streamdepth.run.spec import NetworkSpec, OutputSpec, RunSpec
from streamdepth.run.surroundings import Surroundings

NANO = NetworkSpec(model="nano", size=32, engine="onnxruntime", precision="fp32")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.mp4", "c.mp4"):
        write_film(Path(name), greys(range(0, 120, 10)))
    Path("b.mp4").write_bytes(b"this is no film")


def plan(*inputs: str, output: str = "out/deep", report: str | None = None, **wanted) -> Plan:
    given = OutputSpec(output=Path(output), report=Path(report) if report else None)
    return plan_batch(RunSpec(output=given, network=NANO), BatchSpec(inputs, **wanted), Surroundings())


def states(batch: Batch) -> list[tuple[str, str]]:
    return [(outcome.name, outcome.state.value) for outcome in batch.outcomes]


def test_one_network_renders_all_and_one_that_fails_costs_itself_alone() -> None:
    seen: list[object] = []
    batch = Batch(
        plan("a.mp4", "b.mp4", "c.mp4", "d.mp4", report="r.json"), Surroundings(), seen.append, seen.append
    )
    batch.execute()
    batch.write_report()
    assert states(batch) == [("d.mp4", "failed"), ("a.mp4", "done"), ("b.mp4", "failed"), ("c.mp4", "done")]
    assert sorted(path.name for path in Path("out/deep").iterdir()) == ["a.mp4", "c.mp4"]
    assert sum(isinstance(event, LoadBegan) for event in seen) == 1
    began = [event for event in seen if isinstance(event, InputBegan)]
    assert [(event.number, event.count, event.planned.name) for event in began] == [
        (1, 3, "a.mp4"),
        (2, 3, "b.mp4"),
        (3, 3, "c.mp4"),
    ]
    assert began[2].share_done + began[2].share == pytest.approx(1)
    report = json.loads(Path("r.json").read_text("utf-8"))
    assert report["counts"]["done"] == 2
    assert report["frames"] == 24
    assert report["files"][1]["report"]["frames"]["written"] == 12
    assert "no video" in report["files"][2]["reason"] or "not a video" in report["files"][2]["reason"]


def test_what_is_there_is_skipped_and_no_network_is_loaded_for_it() -> None:
    Path("out/deep").mkdir(parents=True)
    Path("out/deep/a.mp4").write_bytes(b"mine")

    def load(*_: object) -> None:
        raise AssertionError("a network was loaded")

    batch = Batch(plan("a.mp4", skip_existing=True), load=load)
    assert [(outcome.state, outcome.reason) for outcome in batch.execute()] == [
        (State.SKIPPED, "its output is there already")
    ]
    assert Path("out/deep/a.mp4").read_bytes() == b"mine"


def test_what_another_process_is_writing_is_left_to_it() -> None:
    Path("out/deep").mkdir(parents=True)
    other = OutputFile.begin(Path("out/deep/a.mp4"))
    with other.open_raw():
        batch = Batch(plan("a.mp4", "c.mp4", skip_existing=True))
        batch.execute()
    other.discard()
    assert states(batch) == [("a.mp4", "skipped"), ("c.mp4", "done")]


def test_with_stop_nothing_is_begun_after_a_failure() -> None:
    batch = Batch(plan("b.mp4", "a.mp4", on_error="stop"))
    batch.execute()
    assert states(batch) == [("b.mp4", "failed"), ("a.mp4", "not begun")]
    assert batch.outcomes[1].reason == "b.mp4 failed"
    assert not Path("out").exists()


def test_a_batch_that_is_stopped_keeps_the_part_and_begins_nothing_more() -> None:
    def stop(event: object) -> None:
        if isinstance(event, FrameWritten) and event.count == 3:
            assert batch.stop()

    batch = Batch(plan("demo", "a.mp4"), observe=stop)
    batch.execute()
    assert states(batch) == [("demo", "stopped"), ("a.mp4", "not begun")]
    assert batch.outcomes[0].kept == (Path("out/deep/demo.part.mp4"),)
    assert batch.outcomes[0].kept[0].exists()


def test_a_signal_before_a_run_is_under_way_leaves_and_all_are_told() -> None:
    def leave(event: object) -> None:
        if isinstance(event, InputBegan) and event.number == 2 and not batch.stop():
            raise SystemExit(130)

    batch = Batch(plan("a.mp4", "c.mp4"), observe_input=leave)
    with pytest.raises(SystemExit):
        batch.execute()
    assert states(batch) == [("a.mp4", "done"), ("c.mp4", "not begun")]


def test_a_network_that_cannot_be_loaded_ends_it_before_anything_is_written() -> None:
    def load(*_: object) -> None:
        raise ModelError("it is away", "bring it back")

    ended: list[object] = []
    batch = Batch(plan("a.mp4", "c.mp4"), observe_input=ended.append, load=load)
    with pytest.raises(ModelError, match="it is away"):
        batch.execute()
    assert {outcome.reason for outcome in batch.outcomes} == {"the network could not be loaded"}
    assert sum(isinstance(event, InputEnded) for event in ended) == 2
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("error", "second", "loads"),
    [
        (DiskFull("no space left", "free some"), "not begun", 1),
        (StageStuck("the inference stage did not end within 30 s", "start again"), "done", 2),
        (RuntimeError("a surprise"), "done", 1),
    ],
)
def test_an_error_of_one_run_means_what_it_means_for_the_next(
    monkeypatch: pytest.MonkeyPatch, error: Exception, second: str, loads: int
) -> None:
    loaded: list[object] = []
    first = [error]

    def load(*given):
        loaded.append(given)
        return load_network(*given)

    def open_input(*given):
        if first:
            raise first.pop()
        return original(*given)

    original = session.open_input
    monkeypatch.setattr(session, "open_input", open_input)
    batch = Batch(plan("a.mp4", "c.mp4"), load=load)
    batch.execute()
    assert states(batch) == [("a.mp4", "failed"), ("c.mp4", second)]
    assert str(error) in batch.outcomes[0].reason
    assert len(loaded) == loads


def test_a_folder_that_cannot_be_made_is_a_failure_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    planned = plan("a.mp4")
    monkeypatch.setattr(Path, "mkdir", refused)
    batch = Batch(planned)
    batch.execute()
    assert states(batch) == [("a.mp4", "failed")]
    assert "out/deep" in batch.outcomes[0].reason


def test_depth_of_films_goes_into_a_folder_each_whatever_their_names(tmp_path: Path) -> None:
    Path("a.mp4").rename("a.v2.mp4")
    given = OutputSpec(depth_output=Path("raw"))
    batch = Batch(
        plan_batch(RunSpec(output=given, network=NANO), BatchSpec(("a.v2.mp4", "c.mp4")), Surroundings())
    )
    batch.execute()
    assert states(batch) == [("a.v2.mp4", "done"), ("c.mp4", "done")]
    assert sum(path.suffix == ".png" for path in Path("raw/a.v2").iterdir()) == 12
