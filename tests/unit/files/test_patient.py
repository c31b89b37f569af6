"""A disk that is full, `/dev/full`, and one that has room again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from streamdepth.files.patient import PatientFile

pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")


class Visitor:
    """Waits by calling `on_wait`."""

    def __init__(self, on_wait: Callable[[], object]) -> None:
        self.on_wait, self.waited, self.over_after = on_wait, 0, 0

    def wait(self) -> None:
        self.waited += 1
        self.on_wait()

    def over(self) -> None:
        self.over_after = self.waited


def test_what_did_not_fit_is_written_whole_once_there_is_room(tmp_path: Path) -> None:
    film = tmp_path / "film"

    def make_room_at_last() -> None:
        if visitor.waited == 3:
            room = os.open(film, os.O_WRONLY | os.O_CREAT)
            os.dup2(room, file.fileno())
            os.close(room)

    visitor = Visitor(make_room_at_last)
    with PatientFile(os.open("/dev/full", os.O_WRONLY), visitor) as file:
        assert file.write(b"depth") == 5
        assert (visitor.waited, visitor.over_after) == (3, 3)
        file.write(b" map")
    assert visitor.waited == 3
    assert film.read_bytes() == b"depth map"


def test_who_waits_may_give_up() -> None:
    def give_up() -> None:
        raise InterruptedError

    handle = os.open("/dev/full", os.O_WRONLY)
    with PatientFile(handle, Visitor(give_up)) as file, pytest.raises(InterruptedError):
        file.write(b"depth")


def test_another_failure_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "film"
    path.touch()
    visitor = Visitor(lambda: None)
    with PatientFile(os.open(path, os.O_RDONLY), visitor) as file, pytest.raises(OSError, match="Bad file"):
        file.write(b"depth")
    assert visitor.waited == 0
