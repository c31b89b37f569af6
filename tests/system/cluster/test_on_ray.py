"""Real workers of Ray, in a network that counts: the same film, nothing lost with a worker, and nobody is told."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from places import REPOSITORY
from squares import COUNT
from watched_network import missing, watch

from streamdepth.cluster import on_ray
from streamdepth.cluster.errors import ClusterError
from streamdepth.cluster.on_ray import OnRay
from streamdepth.cluster.tasks import Film, Greet, Task
from streamdepth.errors import UsageError
from streamdepth.run.spec import RunSpec

NAMES = [
    "many-depth.json",
    "many-depth.npy",
    "many.mp4",
    "one-depth.json",
    "one-depth.npy",
    "one.mp4",
    "source.mp4",
]


@pytest.mark.timeout(300)
@pytest.mark.skipif(bool(missing()), reason=missing() or "can be made")
def test_a_worker_that_is_killed_costs_nothing_and_ray_tells_nobody(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="Ray is the extra [cluster]")
    pytest.importorskip("s3fs", reason="s3fs is the extra [s3]")
    pytest.importorskip("moto", reason="moto is of the extra [dev]")
    folder = tmp_path / "work"
    folder.mkdir()
    paths = f"{REPOSITORY}:{REPOSITORY / 'tests' / 'fakes'}"
    script = str(REPOSITORY / "tests" / "fakes" / "film_on_ray.py")
    seen = watch([sys.executable, script, "."], folder, PYTHONPATH=paths, OMP_NUM_THREADS="1")
    assert seen.status == 0, seen.said
    told = json.loads(next(line for line in seen.said.splitlines() if line.startswith('{"same')))
    assert (told["same film"], told["same numbers"], told["written"]) == (True, True, COUNT)
    lost = [line for line in told["said"] if "a worker was lost: " in line]
    assert [line.partition("(")[2] for line in lost] == ["attempt 2 of 3)"], told["said"]
    assert (told["printed"], told["environment"], told["left"]) == ("", [], NAMES)
    assert told["stored"] == []
    foreign = [name for name in seen.files if not name.startswith(".cache/streamdepth/")]
    assert (seen.asked, seen.sent, foreign) == ([], 0, [])


NO_KEYS = """
from streamdepth.cluster.store import Store, StoreError
try:
    Store("s3://films").facts("a")
except StoreError as error:
    print(error)
"""


@pytest.mark.skipif(bool(missing()), reason=missing() or "can be made")
def test_without_keys_no_cloud_is_asked_for_some(tmp_path: Path) -> None:
    """Whose address for that is 169.254.169.254."""
    pytest.importorskip("s3fs", reason="s3fs is the extra [s3]")
    folder = tmp_path / "work"
    folder.mkdir()
    seen = watch([sys.executable, "-c", NO_KEYS], folder, PYTHONPATH=str(REPOSITORY))
    assert "there are no keys for s3://films" in seen.said
    assert (seen.asked, seen.sent, seen.files) == ([], 0, [])


@pytest.mark.timeout(300)
@pytest.mark.skipif(sys.platform == "win32", reason="a machine is killed by its processes in /proc")
def test_a_machine_that_dies_in_mid_piece_costs_nothing(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="Ray is the extra [cluster]")
    fakes = REPOSITORY / "tests" / "fakes"
    around = {**os.environ, "PYTHONPATH": f"{REPOSITORY}:{fakes}", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, str(fakes / "film_on_ray.py"), str(tmp_path), "machines"],
        env={**around, "RAY_USAGE_STATS_ENABLED": "0"},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(next(line for line in done.stdout.splitlines() if line.startswith('{"same')))
    assert (told["same film"], told["written"]) == (True, COUNT)
    lost = [line for line in told["said"] if "a worker was lost: " in line]
    assert [line.partition("(")[2] for line in lost] == ["attempt 2 of 3)"] * len(lost) != [], told["said"]


@pytest.fixture
def listener() -> socket.socket:
    """Somebody who listens and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_where_nothing_listens_one_sentence_says_so_soon(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    listener.close()
    began = time.monotonic()
    with pytest.raises(ClusterError, match=rf"no Ray cluster answers at 127\.0\.0\.1:{port}: .*ray start"):
        OnRay(f"127.0.0.1:{port}", lambda _line: None)
    assert time.monotonic() - began < 30


def test_what_is_not_ray_is_given_up_in_time(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(**_words: object) -> None:
        """As `ray.init` where something else listens: it does not come back."""
        time.sleep(3)

    ray = SimpleNamespace(init=silent, _private=SimpleNamespace(worker=SimpleNamespace()))
    monkeypatch.setattr(on_ray, "_imported", lambda: ray)
    monkeypatch.setattr(on_ray, "_START_SECONDS", 0.2)
    with pytest.raises(ClusterError, match="did not answer as Ray does"):
        OnRay(f"127.0.0.1:{listener.getsockname()[1]}", lambda _line: None)


class Deserted:
    """Ray whose only machine with two processors has gone; all that is handed out waits for it."""

    def __init__(self) -> None:
        self.cancelled: list[object] = []

    def remote(self, **_words: object) -> object:
        handed = SimpleNamespace(remote=lambda _task: object())
        return lambda _function: SimpleNamespace(options=lambda **_words: handed)

    def nodes(self) -> list[dict[str, object]]:
        return [
            {"Alive": False, "Resources": {"CPU": 2.0}},
            {"Alive": True, "Resources": {"CPU": 1.0}},
            {"Alive": True, "Resources": {}},
        ]

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 1.0}

    def wait(self, _refs: object, **_words: object) -> tuple[list[object], list[object]]:
        return [], []

    def cancel(self, ref: object, **_words: object) -> None:
        self.cancelled.append(ref)


def test_where_no_machine_is_left_for_a_task_it_is_not_waited_for_a_week(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ray = Deserted()
    executor = OnRay.__new__(OnRay)
    vars(executor).update(_ray=ray, _remote=ray.remote()(None))
    monkeypatch.setattr(on_ray, "_ALONE_SECONDS", 0.1)
    task = Task("a.mp4", Greet(Film(RunSpec(), Path("folder"), "mark")), threads=2)
    with pytest.raises(ClusterError, match="no machine with 2 processors is left in the cluster"):
        executor.run([task], lambda _task, _answer: None, lambda: False)
    assert len(ray.cancelled) == 1


@pytest.mark.parametrize("address", ["nonsense", "host:x", "ray://host:10001", ":6379"])
def test_what_is_no_address_is_wrong_usage(address: str) -> None:
    with pytest.raises(UsageError, match=r"is not an address \(local, or HOST:6379"):
        OnRay(address, lambda _line: None)


def test_without_ray_it_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"not installed \(pip install ray\)"):
        OnRay("local", lambda _line: None)
