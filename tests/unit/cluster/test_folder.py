"""Folders of clusters on this machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from streamdepth.cluster import folder
from streamdepth.cluster.folder import Folder
from streamdepth.files.lock import NoLocks, claim

KEEP = """
import sys
from pathlib import Path
from streamdepth.cluster.folder import Folder
print(Folder.new(Path(sys.argv[1])).path, flush=True)
sys.stdin.read()
"""


def test_one_that_a_killed_process_left_goes_with_the_next_and_one_in_use_stays(tmp_path: Path) -> None:
    foreign = tmp_path / "ray-12345678"
    foreign.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", KEEP, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        other = Path(process.stdout.readline().strip())
        (other / "session").mkdir()
        first = Folder.new(tmp_path)
        assert set(tmp_path.iterdir()) == {foreign, other, first.path}
        process.kill()
    second = Folder.new(tmp_path)
    assert set(tmp_path.iterdir()) == {foreign, first.path, second.path}
    first.remove()
    second.remove()
    assert list(tmp_path.iterdir()) == [foreign]


def test_one_that_another_process_takes_away_before_it_is_locked_is_no_folder_to_work_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    def claimed(path: Path, patience: float) -> int | None:
        asked.append(path)
        if len(asked) == 1:  # as another process that begins at this moment
            path.touch()
            monkeypatch.setattr(folder, "claim", claim)
            folder._remove_left(tmp_path)
            monkeypatch.setattr(folder, "claim", claimed)
            return None
        return claim(path, patience)

    monkeypatch.setattr(folder, "claim", claimed)
    new = Folder.new(tmp_path)
    assert list(tmp_path.iterdir()) == [new.path]
    assert claim(asked[1], 0.0) is None, "it is locked"
    new.remove()
    assert list(tmp_path.iterdir()) == []


def test_where_there_are_no_locks_there_is_a_folder_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_path: Path, _patience: float) -> int | None:
        raise NoLocks

    monkeypatch.setattr(folder, "claim", none)
    first, second = Folder.new(tmp_path), Folder.new(tmp_path)
    assert set(tmp_path.iterdir()) == {first.path, second.path}
    first.remove()
    assert list(tmp_path.iterdir()) == [second.path]
