"""What the store of one process does beside the contract (tests/integration/server/jobs/test_store.py)."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from streamdepth.errors import SinkError
from streamdepth.server.jobs.record import Record
from streamdepth.server.jobs.sqlite_store import SqliteStore

ONE = Record("one", "sum", ".mp4", 10, 100.0)


def test_the_leases_of_a_process_that_has_ended_are_over(tmp_path):
    store = SqliteStore(tmp_path / "jobs.sqlite")
    store.add(ONE)
    taken = store.change("one", lambda record: record.taken("me", 101.0, 150.0))
    store.close()
    again = SqliteStore(tmp_path / "jobs.sqlite")
    assert not taken.may_be_taken(102.0)
    assert again.get("one").may_be_taken(102.0)
    again.close()


def test_one_process_alone_works_in_a_folder(tmp_path):
    path = tmp_path / "jobs.sqlite"
    store = SqliteStore(path)
    store.add(ONE)
    code = (
        "from pathlib import Path; from streamdepth.server.jobs.sqlite_store import SqliteStore; "
        f"SqliteStore(Path({str(path)!r}))"
    )
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert "another service works in" in other.stderr
    store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be deleted there")
@pytest.mark.parametrize("is_replaced", [False, True])
def test_where_its_file_was_deleted_it_says_yes_to_nothing_more(tmp_path, is_replaced):
    path = tmp_path / "jobs.sqlite"
    store = SqliteStore(path)
    store.add(ONE)
    path.rename(tmp_path / "away")
    if is_replaced:
        path.touch()
    with pytest.raises(SinkError, match=r"jobs\.sqlite was deleted or replaced \(start this service again\)"):
        store.add(replace(ONE, id="two"))
    (tmp_path / "away").replace(path)
    assert store.add(replace(ONE, id="two"))
    store.close()


def test_what_is_no_base_is_one_sentence(tmp_path):
    path = tmp_path / "jobs.sqlite"
    path.write_bytes(b"no SQLite at all, and longer than its head" * 100)
    with pytest.raises(SinkError, match="holds no jobs"):
        SqliteStore(path)
    with pytest.raises(SinkError, match="cannot keep jobs in"):
        SqliteStore(tmp_path / "nowhere" / "jobs.sqlite")
