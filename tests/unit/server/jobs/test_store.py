from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from streamdepth.errors import SinkError
from streamdepth.server.jobs.record import Record, State, Wishes
from streamdepth.server.jobs.store import Store

ONE = Record("one", "sum", ".mp4", 10, 100.0, Wishes("depth", "magma"))


def test_a_record_comes_back_as_it_was(tmp_path):
    store = Store(tmp_path / "jobs.sqlite")
    assert store.add(ONE)
    assert not store.add(replace(ONE, sum="other"))
    assert store.get("one") == ONE
    assert store.get("two") is None
    running = ONE.moved(State.RUNNING, 101.0).progressed(3, 9, 1.5)
    store.put(running)
    store.close()
    again = Store(tmp_path / "jobs.sqlite")
    assert again.get("one") == running
    assert again.waiting() == []
    again.delete("one")
    again.put(running)
    assert again.all() == [], "what was deleted stays so"
    again.close()


def test_the_oldest_waits_first(tmp_path):
    store = Store(tmp_path / "jobs.sqlite")
    for name, made in (("b", 2.0), ("a", 1.0), ("c", 3.0)):
        store.add(replace(ONE, id=name, made=made))
    assert [record.id for record in store.waiting()] == ["a", "b", "c"]
    store.close()


def test_one_process_alone_works_in_a_folder(tmp_path):
    path = tmp_path / "jobs.sqlite"
    store = Store(path)
    store.add(ONE)
    code = f"from pathlib import Path; from streamdepth.server.jobs.store import Store; Store(Path({str(path)!r}))"
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert "another service works in" in other.stderr
    store.close()


def test_what_is_no_base_is_one_sentence(tmp_path):
    path = tmp_path / "jobs.sqlite"
    path.write_bytes(b"no SQLite at all, and longer than its head" * 100)
    with pytest.raises(SinkError, match="holds no jobs"):
        Store(path)
    with pytest.raises(SinkError, match="cannot keep jobs in"):
        Store(tmp_path / "nowhere" / "jobs.sqlite")
