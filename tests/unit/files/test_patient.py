"""A disk that is full, `/dev/full`, and one that has room again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from streamdepth.files.patient import PatientFile

pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")


def test_what_did_not_fit_is_written_whole_once_there_is_room(tmp_path: Path) -> None:
    film = tmp_path / "film"
    full = os.open("/dev/full", os.O_WRONLY)
    waited = []

    def wait() -> None:
        waited.append(1)
        if len(waited) == 3:  # room is made
            room = os.open(film, os.O_WRONLY | os.O_CREAT)
            os.dup2(room, file.fileno())
            os.close(room)

    file = PatientFile(full, wait)
    assert file.write(b"depth") == 5
    assert len(waited) == 3
    file.close()
    assert film.read_bytes() == b"depth"


def test_who_waits_may_give_up() -> None:
    def wait() -> None:
        raise InterruptedError

    with PatientFile(os.open("/dev/full", os.O_WRONLY), wait) as file, pytest.raises(InterruptedError):
        file.write(b"depth")


def test_another_failure_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "film"
    path.touch()
    with (
        PatientFile(os.open(path, os.O_RDONLY), lambda: pytest.fail("waited")) as file,
        pytest.raises(OSError, match="Bad file"),
    ):
        file.write(b"depth")
