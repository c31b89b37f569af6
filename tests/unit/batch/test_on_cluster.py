"""A plan for a cluster whose workers are this process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from executors import Here
from films import greys, write_film

from streamdepth.batch.events import InputEnded
from streamdepth.batch.on_cluster import ClusterBatch, batch_on
from streamdepth.batch.on_this_machine import Batch
from streamdepth.batch.plan import Plan, plan_batch
from streamdepth.batch.spec import BatchSpec
from streamdepth.cluster.errors import ClusterError
from streamdepth.cluster.tasks import Answer, Machine, Render
from streamdepth.cluster.work import carry_out
from streamdepth.errors import StopRequested, UsageError
from streamdepth.run.run import Run
from streamdepth.run.spec import AmountSpec, InputSpec, NetworkSpec, OutputSpec, RunSpec
from streamdepth.run.surroundings import Surroundings

ALL = AmountSpec()
HOLD = """
import sys
from pathlib import Path
from streamdepth.files.lock import claim
assert claim(Path(sys.argv[1]), 0.0) is not None
print("held", flush=True)
sys.stdin.read()
"""
NANO = NetworkSpec(model="nano", size=32, engine="onnxruntime", precision="fp32")
AUTO = replace(NANO, precision="auto")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for count, name in ((12, "a.mp4"), (20, "c.mp4")):
        write_film(Path(name), greys(range(0, 5 * count, 5)))
    Path("b.mp4").write_bytes(b"this is not a film")


class Machines(Here):
    """So many machines of two processors, all of them this process."""

    def __init__(self, count: int, work: Callable[[Any], Answer] = carry_out) -> None:
        self._count = count
        self.asked: list[Any] = []
        self._work = work

    @property
    def machines(self) -> tuple[int, ...]:
        return (2,) * self._count

    def run(self, tasks: Any, done: Any, must_stop: Any) -> None:
        for task in tasks:
            if must_stop():
                raise StopRequested
            self.asked.append(task)
            done(task, self._work(task))


def plan(*inputs: str, amount: AmountSpec = ALL, **wanted: Any) -> Plan:
    given = OutputSpec(output=Path("out/deep"), cluster="local")
    spec = RunSpec(amount=amount, output=given, network=NANO)
    return plan_batch(spec, BatchSpec(inputs, **wanted), Surroundings())


def carried_out(machines: Machines, *inputs: str, **wanted: Any) -> tuple[Any, list[Any]]:
    told: list[Any] = []
    batch = batch_on(machines, plan(*inputs, **wanted), Surroundings(), lambda _event: None, told.append)
    batch.execute()
    return batch, [event for event in told if isinstance(event, InputEnded)]


def test_each_film_is_one_task_and_one_that_fails_costs_itself_alone() -> None:
    machines = Machines(2)
    batch, ended = carried_out(machines, "a.mp4", "b.mp4", "c.mp4")
    assert isinstance(batch, ClusterBatch)
    assert [(event.number, event.outcome.state.value, event.outcome.frames) for event in ended] == [
        (1, "done", 12),
        (2, "failed", 0),
        (3, "done", 20),
    ]
    assert "not a video" in ended[1].outcome.reason
    assert [type(task.wanted) for task in machines.asked] == [Render] * 3
    assert {task.threads for task in machines.asked} == {2}
    weights = {task.name: task.weight for task in machines.asked}
    assert weights["c.mp4"] == Path("c.mp4").stat().st_size
    assert sorted(path.name for path in Path("out/deep").iterdir()) == ["a.mp4", "c.mp4"]
    assert batch.report()["frames"] == 32


def test_what_is_complete_is_known_to_the_command_whichever_machine_rendered_it() -> None:
    made = rendered_at("one", resume=None)
    assert made.outcomes[0].frames == 12
    inode = Path("out/deep/a.mp4").stat().st_ino
    again = rendered_at("another", resume=True)
    assert again.outcomes[0].frames == 0
    alone = RunSpec(
        input=InputSpec(input="a.mp4"),
        output=OutputSpec(output=Path("out/deep/a.mp4"), resume=True),
        network=AUTO,
    )
    Run(alone, Surroundings(cache_dir=Path("cache"))).execute()
    assert Path("out/deep/a.mp4").stat().st_ino == inode


def rendered_at(machine: str, resume: bool | None) -> Any:
    """A film by a machine that has a cache folder of its own."""

    def work(task: Any) -> Answer:
        film = replace(task.wanted.film, cache_dir=Path("cache") / machine)
        return carry_out(replace(task, wanted=replace(task.wanted, film=film)))

    spec = RunSpec(output=OutputSpec(output=Path("out/deep"), cluster="local", resume=resume), network=AUTO)
    around = Surroundings(cache_dir=Path("cache"))
    planned = plan_batch(spec, BatchSpec(("a.mp4",)), around)
    batch = ClusterBatch(planned, Machines(1, work), around, lambda _event: None, lambda _event: None)
    batch.execute()
    return batch


def test_fewer_films_than_machines_are_divided_one_after_the_other() -> None:
    machines = Machines(3)
    batch, ended = carried_out(machines, "a.mp4", "c.mp4")
    assert isinstance(batch, Batch)
    assert [event.outcome.state.value for event in ended] == ["done", "done"]
    assert all(not isinstance(task.wanted, Render) for task in machines.asked)
    assert sorted(path.name for path in Path("out/deep").iterdir()) == ["a.mp4", "c.mp4"]


@pytest.mark.parametrize("kind", ["a folder of pictures", "a rate"])
def test_what_cannot_be_divided_is_for_one_machine_however_few_there_are(kind: str) -> None:
    Path("stills").mkdir()
    cv2.imwrite("stills/1.png", np.zeros((48, 64, 3), np.uint8))
    machines, is_rate = Machines(3), kind == "a rate"
    inputs = ("a.mp4", "c.mp4" if is_rate else "stills")
    batch = batch_on(
        machines,
        plan(*inputs, amount=replace(ALL, max_fps=Fraction(5)) if is_rate else ALL),
        Surroundings(),
        lambda _event: None,
        lambda _event: None,
    )
    ended = batch.execute()
    assert [outcome.state.value for outcome in ended] == ["done", "done"]
    assert [type(task.wanted) for task in machines.asked] == [Render] * 2
    assert all(Path(task.wanted.film.spec.input.input).is_absolute() for task in machines.asked)


def test_of_films_whose_names_are_shown_alike_each_has_its_own_end() -> None:
    planned = plan("a.mp4", "c.mp4")
    alike = replace(planned, runs=tuple(replace(planned, name="SECRET.mp4") for planned in planned.runs))
    told: list[Any] = []

    class Backwards(Machines):
        def run(self, tasks: Any, done: Any, must_stop: Any) -> None:
            super().run(tasks[::-1], done, must_stop)

    ClusterBatch(alike, Backwards(1), Surroundings(), lambda _event: None, told.append).execute()
    assert [(event.number, event.outcome.frames) for event in told] == [(2, 20), (1, 12)]


def test_by_way_of_a_store_each_film_is_divided_however_many_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    planned = plan("a.mp4", "c.mp4")
    by_store = replace(
        planned,
        runs=tuple(
            replace(
                planned,
                spec=replace(
                    planned.spec, output=replace(planned.spec.output, cluster_store="memory://films")
                ),
            )
            for planned in planned.runs
        ),
    )
    machines = Machines(1)
    batch = batch_on(machines, by_store, Surroundings(), lambda _event: None, lambda _event: None)
    assert [outcome.state.value for outcome in batch.execute()] == ["done", "done"]
    assert all(task.wanted.film.store.startswith("memory://films/") for task in machines.asked)
    assert sorted(path.name for path in Path("out/deep").iterdir()) == ["a.mp4", "c.mp4"]


def test_what_is_no_store_is_wrong_usage_before_anybody_is_asked_for_work() -> None:
    spec = RunSpec(output=OutputSpec(output=Path("out"), cluster="local", cluster_store="films"))
    with pytest.raises(UsageError, match="--cluster-store films is not the address of a store"):
        plan_batch(spec, BatchSpec(("a.mp4", "c.mp4")), Surroundings())


def test_what_a_killed_command_left_among_outputs_goes_and_what_one_at_work_has_stays() -> None:
    for name in ("killed00", "at work0"):
        folder = Path(f"out/deep/.{name}.cluster")
        folder.mkdir(parents=True)
        (folder / "mark").write_text(name)
    held = Path("out/deep/.at work0.cluster/held")
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(held)], stdout=subprocess.PIPE, stdin=subprocess.PIPE
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        carried_out(Machines(1), "a.mp4")
    finally:
        other.communicate(timeout=60)
    left = sorted(path.name for path in Path("out/deep").iterdir())
    assert left == [".at work0.cluster", "a.mp4"]


def test_a_cluster_without_processors_is_told_as_that() -> None:
    batch = batch_on(
        Machines(0), plan("a.mp4", "c.mp4"), Surroundings(), lambda _event: None, lambda _event: None
    )
    with pytest.raises(ClusterError, match=r"no machine of this cluster has processors \(start Ray on one"):
        batch.execute()
    assert {outcome.reason for outcome in batch.outcomes} == {"no machine of this cluster has processors"}
    assert not Path("out").exists()


def test_what_is_there_is_skipped_and_with_stop_nothing_follows_a_failure() -> None:
    Path("out/deep").mkdir(parents=True)
    Path("out/deep/c.mp4").write_bytes(b"mine")
    _, ended = carried_out(Machines(1), "b.mp4", "a.mp4", "c.mp4", skip_existing=True, on_error="stop")
    assert [(one.outcome.name, one.outcome.state.value) for one in ended] == [
        ("c.mp4", "skipped"),
        ("b.mp4", "failed"),
        ("a.mp4", "not begun"),
    ]
    assert ended[2].outcome.reason == "b.mp4 failed"
    assert [path.name for path in Path("out/deep").iterdir()] == ["c.mp4"]


def test_a_film_whose_workers_were_all_lost_fails_with_the_reason() -> None:
    def lost(_task: Any) -> Answer:
        return Answer(Machine("the cluster"), trouble="a.mp4 was given to 3 workers", cure="look")

    _, (ended,) = carried_out(Machines(1, lost), "a.mp4", name="{name}-x")
    assert ended.outcome.reason == "the cluster: a.mp4 was given to 3 workers (look)"
    assert not Path("out").exists()


def test_who_is_asked_to_stop_hands_nothing_more_out() -> None:
    def work(task: Any) -> Answer:
        batch.stop()
        return carry_out(task)

    batch: Any = batch_on(
        Machines(1, work), plan("a.mp4", "c.mp4"), Surroundings(), lambda _event: None, lambda _event: None
    )
    outcomes = batch.execute()
    assert [outcome.state.value for outcome in outcomes] == ["done", "not begun"]
    assert outcomes[1].reason == "the batch was stopped"
