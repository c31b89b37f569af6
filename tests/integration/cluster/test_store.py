"""A film by way of a real S3 server: workers of this process that see neither the source nor the output's folder."""

from __future__ import annotations

import logging
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import fsspec
import pytest
from executors import Here
from films import content
from s3_servers import SECRET, S3Server, a_mortal, an_s3
from squares import COUNT, Flickering

from streamdepth.cluster import desk
from streamdepth.cluster.errors import ClusterError
from streamdepth.cluster.run import ClusterRun
from streamdepth.cluster.store import Store, StoreError
from streamdepth.cluster.tasks import Answer, Greet, Machine, Task
from streamdepth.cluster.work import carry_out
from streamdepth.errors import StopRequested, StreamdepthError
from streamdepth.reporting.events import Said
from streamdepth.run.run import Run
from streamdepth.run.spec import InputSpec, NetworkSpec, OutputSpec, PictureSpec, RunSpec

pytest.importorskip("s3fs", reason="s3fs is the extra [s3]")
pytest.importorskip("moto", reason="moto is of the extra [dev]")


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with an_s3() as server:
        yield server


@pytest.fixture(autouse=True)
def around(
    near_borders: list[Flickering], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: S3Server
) -> list[Flickering]:
    """Near borders, keys and a temporary folder of its own; the networks that workers have loaded."""
    (tmp_path / "tmp").mkdir()
    (tmp_path / "out").mkdir()
    monkeypatch.setattr(desk.tempfile, "tempdir", str(tmp_path / "tmp"))
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return near_borders


class Elsewhere(Here):
    """Workers who do not see folders of the command: these are away while a task is carried out."""

    def __init__(self, *folders: Path, then: Callable[[Task, Answer], None] = lambda *_: None) -> None:
        self._folders = folders
        self._then = then
        self.left: list[str] = []

    def run(self, tasks: Any, done: Any, must_stop: Any) -> None:
        for task in tasks:
            if must_stop():
                raise StopRequested
            with self._away():
                answer = carry_out(task)
            self._then(task, answer)
            done(task, answer)

    @contextmanager
    def _away(self) -> Iterator[None]:
        for folder in self._folders:
            folder.rename(folder.with_name(f"{folder.name}-away"))
        try:
            yield
        finally:
            for folder in self._folders:
                folder.with_name(f"{folder.name}-away").rename(folder)


def in_memory() -> list[str]:
    """All that lies in the stores of the films."""
    return sorted(fsspec.filesystem("memory").find("/films"))


class Killed(Exception):
    """In place of SIGKILL, after which nothing is tidied up."""


@contextmanager
def killed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch, suppress(Killed):
        patch.setattr("streamdepth.cluster.handed.take_away", lambda *_: None)
        patch.setattr("streamdepth.cluster.work.leave", lambda _film: None)
        yield
        pytest.fail("it was not killed")


def spec_of(
    made: Path, folder: Path, name: str, store: str | None = "memory://films/here", **parts: Any
) -> RunSpec:
    outputs = OutputSpec(
        output=folder / name, cluster=None if store is None else "local", cluster_store=store
    )
    return RunSpec(InputSpec(input=str(made)), output=outputs, **parts)


def rendered(spec: RunSpec, executor: Here) -> list[str]:
    """What was said."""
    said: list[str] = []
    run = ClusterRun(
        spec,
        lambda *_: executor,
        observe=lambda event: said.append(event.line) if isinstance(event, Said) else None,
        engines=lambda *_: Flickering(),
    )
    try:
        run.execute()
    finally:
        said.extend(f"kept: {path}" for path in run.kept_parts())
    return said


def test_machines_that_see_no_folder_of_ours_make_the_same_film_and_keep_nothing(
    made: Path, tmp_path: Path, server: S3Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "streamdepth")
    out, picture = tmp_path / "out", PictureSpec(range="global", scenes=tmp_path / "out" / "cuts.txt")
    Run(spec_of(made, out, "one.mp4", None, picture=picture), engines=lambda *_: Flickering()).execute()
    (out / "cuts.txt").unlink()
    fetched: list[int] = []

    def see(_task: Task, _answer: Answer) -> None:
        fetched.extend(path.stat().st_ino for path in (tmp_path / "tmp").glob("*/input/source.mp4"))

    spec = spec_of(made, out, "many.mp4", "s3://films/here", picture=picture)
    said = rendered(spec, Elsewhere(made.parent, out, then=see))
    assert content(out / "many.mp4") == content(out / "one.mp4")
    brought = [line for line in said if "it is put into the store" in line]
    assert len(brought) == 2, said
    assert f"cannot read {made}: it is put into the store (" in brought[0]
    assert "cuts.txt" in brought[1]
    assert len(fetched) > len(set(fetched)) == 1  # once for all tasks
    assert server.names() == []
    assert list((tmp_path / "tmp").iterdir()) == []
    assert sorted(path.name for path in out.iterdir()) == ["cuts.txt", "many.mp4", "one.mp4"]
    assert SECRET not in "".join(said) + caplog.text


def test_what_a_killed_command_left_in_the_store_is_used_and_then_taken_away(
    made: Path, tmp_path: Path, around: list[Flickering], monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(task: Task, _answer: Answer) -> None:
        if task.name == "piece 3":
            raise Killed

    out = tmp_path / "out"
    with killed(monkeypatch):
        rendered(spec_of(made, out, "many.mp4"), Elsewhere(made.parent, out, then=kill))
    assert any("piece-000002" in name for name in in_memory())
    assert [path.name for path in out.iterdir() if path.is_dir()] == ["many.mp4.cluster"]
    seen = around[0].seen
    rendered(spec_of(made, out, "many.mp4"), Elsewhere(made.parent, out))
    assert around[0].seen == COUNT, f"{seen} were inferred before"
    assert in_memory() == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_what_it_left_under_other_settings_or_in_another_place_is_taken_away(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"

    def kill(_task: Task, _answer: Answer) -> None:
        raise Killed

    for store, size in (("memory://films/here", 32), ("memory://films/there", 64)):
        spec = spec_of(made, out, "many.mp4", store, network=NetworkSpec(size=size))
        with killed(monkeypatch):
            rendered(spec, Elsewhere(made.parent, out, then=kill))
        assert {name.split("/")[2] for name in in_memory()} == {store.rpartition("/")[2]}
    rendered(spec_of(made, out, "many.mp4"), Elsewhere(made.parent, out))
    assert in_memory() == []


def test_after_ctrl_c_nothing_stays_in_the_store(made: Path, tmp_path: Path) -> None:
    out, runs = tmp_path / "out", []

    def stop(task: Task, _answer: Answer) -> None:
        if task.name == "piece 2":
            runs[0].stop()

    runs.append(
        ClusterRun(
            spec_of(made, out, "many.mp4"),
            lambda *_: Elsewhere(made.parent, out, then=stop),
            engines=lambda *_: Flickering(),
        )
    )
    runs[0].execute()
    assert in_memory() == []
    assert list((tmp_path / "tmp").iterdir()) == []
    assert any("piece-000001" in path.name for path in (out / "many.mp4.cluster").iterdir())


def test_a_store_that_dies_in_the_middle_ends_the_run_with_a_sentence(
    made: Path, tmp_path: Path, server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    monkeypatch.setattr("s3fs.S3FileSystem.retries", 1)
    monkeypatch.setattr("streamdepth.cluster.store._ATTEMPTS", 1)
    with a_mortal(server) as (mortal, kill_it):
        monkeypatch.setenv("AWS_ENDPOINT_URL", mortal.url)

        def kill(task: Task, _answer: Answer) -> None:
            if task.name == "piece 2":
                kill_it()

        with pytest.raises(StoreError, match=r"s3://films/here/.* fails: .*look at the address"):
            rendered(
                spec_of(made, out, "many.mp4", "s3://films/here"), Elsewhere(made.parent, out, then=kill)
            )
    assert not (out / "many.mp4").exists()
    assert list((tmp_path / "tmp").iterdir()) == []
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    Store("s3://films/here").remove()
    assert server.names() == []


TROUBLES: dict[str, tuple[str, dict[str, str | None], str]] = {
    "no bucket": ("s3://nobody", {}, r"the bucket of s3://nobody/.* does not exist \(make it"),
    "wrong keys": ("s3://films", {}, r"refuses these keys .*AWS_ACCESS_KEY_ID"),
    "no keys": ("s3://films", {"AWS_ACCESS_KEY_ID": None}, r"there are no keys for .*AWS_ACCESS_KEY_ID"),
}


@pytest.mark.parametrize("kind", TROUBLES)
def test_a_store_that_cannot_be_used_is_told_in_one_sentence(
    kind: str, made: Path, tmp_path: Path, server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, environment, said = TROUBLES[kind]
    for name, value in environment.items():
        monkeypatch.setenv(name, value) if value is not None else monkeypatch.delenv(name)
    if kind == "no keys":
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    if kind == "wrong keys":
        server.let_nobody_in(after=0)
    try:
        with pytest.raises(StreamdepthError, match=said) as raised:
            rendered(spec_of(made, tmp_path / "out", "many.mp4", store), Here())
    finally:
        server.let_nobody_in(after=1_000_000)
    assert SECRET not in str(raised.value)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_machine_that_reaches_another_store_is_told_by_name(made: Path, tmp_path: Path) -> None:
    class Lost(Elsewhere):
        def run(self, tasks: Any, done: Any, must_stop: Any) -> None:
            for task in tasks:
                assert isinstance(task.wanted, Greet)
                film = replace(task.wanted.film, store=f"memory://{tmp_path.name}")
                done(task, carry_out(replace(task, wanted=Greet(film))))

    with pytest.raises(ClusterError, match=rf"{platform.node()} does not find what was put into memory://"):
        rendered(spec_of(made, tmp_path / "out", "many.mp4"), Lost())


def test_a_machine_that_never_finds_a_file_is_not_asked_for_ever(made: Path, tmp_path: Path) -> None:
    class Blind(Elsewhere):
        def run(self, tasks: Any, done: Any, must_stop: Any) -> None:
            for task in tasks:
                lacks = task.wanted.film.needed[0]
                done(task, Answer(Machine("blind"), lacks=lacks))

    with pytest.raises(
        StoreError, match=r"blind does not find input-source\.mp4, which was put into the store"
    ):
        rendered(spec_of(made, tmp_path / "out", "many.mp4"), Blind())
