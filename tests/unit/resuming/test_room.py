from __future__ import annotations

from collections import namedtuple
from pathlib import Path

import pytest

from streamdepth.errors import DiskFull, StopRequested
from streamdepth.resuming import room as module
from streamdepth.resuming.room import LOOK_EVERY, Room

Usage = namedtuple("Usage", "total used free")


class Disk:
    """Has room after `full_for` looks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, full_for: int) -> None:
        self.looks, self.slept, self.said = 0, 0.0, []
        self.full_for = full_for
        self.stop_after = float("inf")
        monkeypatch.setattr(module.shutil, "disk_usage", self.look)
        self.room = Room(Path("x/film.mp4"), self.must_stop, self.said.append, self.sleep)

    def look(self, path: Path) -> Usage:
        assert path == Path("x")
        self.looks += 1
        return Usage(0, 0, 10**9 if self.looks > self.full_for else 5000)

    def sleep(self, seconds: float) -> None:
        self.slept += seconds

    def must_stop(self) -> bool:
        return self.slept >= self.stop_after


def test_it_looks_every_few_seconds_and_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch, full_for=5)
    disk.room.wait()
    assert (disk.looks, disk.slept) == (6, pytest.approx(6 * LOOK_EVERY))
    disk.room.wait()  # somebody else took it
    disk.room.over()
    disk.room.over()
    first, last = disk.said
    assert "the disk of x/film.mp4 is full" in first
    assert "Ctrl-C ends it" in first
    assert "continues" in last


def test_where_the_system_tells_of_room_it_still_waits_before_it_tries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk = Disk(monkeypatch, full_for=0)  # a quota
    disk.room.wait()
    assert disk.slept == pytest.approx(LOOK_EVERY)


def test_a_run_that_is_to_end_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch, full_for=10**9)
    disk.stop_after = 0.5
    with pytest.raises(StopRequested):
        disk.room.wait()
    assert disk.slept == pytest.approx(0.5, abs=0.11)


def test_a_whole_file_is_tried_until_it_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch, full_for=0)
    tries: list[int] = []

    def write() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise DiskFull("full")

    disk.room.for_all_of(write)
    assert len(tries) == 3
    assert len(disk.said) == 2
