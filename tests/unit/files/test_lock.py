"""Locks of files: who has one, who does not, and what stands in the place of a file."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamdepth.files import lock
from streamdepth.files.lock import NoLocks, claim, claim_new, create, is_locked, take_lock

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such locks and links")

HOLD = """
import sys
from pathlib import Path
from streamdepth.files.lock import claim
handle = claim(Path(sys.argv[1]), 0.0)
print(handle is not None, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.part"


@pytest.fixture
def held(file: Path) -> Iterator[int]:
    """The handle of the locked file."""
    handle = claim(file, 0.0)
    assert handle is not None
    yield handle
    os.close(handle)


def test_a_file_is_made_once(file: Path) -> None:
    os.close(create(file))
    assert file.read_bytes() == b""
    with pytest.raises(FileExistsError):
        create(file)


def test_a_file_is_not_made_through_a_link(file: Path, tmp_path: Path) -> None:
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        create(file)
    assert not (tmp_path / "elsewhere").exists()


def test_one_alone_has_the_lock_of_a_file_until_it_is_closed(file: Path) -> None:
    handle = claim(file, 0.0)
    assert handle is not None
    assert claim(file, 0.0) is None
    assert is_locked(file, 0.0)
    os.close(handle)
    assert not is_locked(file, 0.0)
    again = claim(file, 0.0)
    assert again is not None
    os.close(again)


def test_the_lock_of_another_process_goes_with_it(file: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        assert is_locked(file, 0.0)
        assert claim(file, 0.0) is None
        process.kill()
        process.wait()
    handle = claim(file, 10.0)
    assert handle is not None
    os.close(handle)


def test_a_lock_is_waited_for(file: Path) -> None:
    handle = claim(file, 0.0)
    assert handle is not None
    release = threading.Timer(0.05, os.close, [handle])
    release.start()
    later = claim(file, 30.0)
    release.join()
    assert later is not None
    os.close(later)


def test_a_claimed_file_keeps_what_is_in_it(file: Path) -> None:
    file.write_bytes(b"left by a killed run")
    handle = claim(file, 0.0)
    assert handle is not None
    assert os.read(handle, 100) == b"left by a killed run"
    os.close(handle)


def test_the_lock_leaves_nothing_in_the_file_and_keeps_nobody_from_writing(file: Path, held: int) -> None:
    os.write(held, b"ours")
    with file.open("ab") as other:
        other.write(b" and theirs")
    assert file.read_bytes() == b"ours and theirs"
    assert os.fstat(held).st_size == 15


@pytest.mark.parametrize("left", ["symlink_to", "hardlink_to"])
def test_a_link_in_the_place_of_a_file_goes_and_what_it_leads_to_stays(
    file: Path, tmp_path: Path, left: str
) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    getattr(file, left)(precious)
    handle = claim(file, 10.0)
    assert handle is not None
    os.write(handle, b"new")
    os.close(handle)
    assert precious.read_bytes() == b"precious"
    assert file.read_bytes() == b"new"
    assert not file.is_symlink()


def test_a_pipe_in_the_place_of_a_file_goes(file: Path) -> None:
    os.mkfifo(file)
    handle = claim(file, 10.0)
    assert handle is not None
    os.close(handle)
    assert file.is_file()


def test_a_file_in_a_folder_that_is_not_there_is_told_as_the_system_does(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        claim(tmp_path / "nowhere" / "a", 0.0)
    with pytest.raises(IsADirectoryError):
        claim(tmp_path, 0.0)


def test_a_new_file_is_claimed_where_there_is_none_or_an_empty_one(file: Path) -> None:
    for _ in range(2):  # the second finds what the first left
        handle = claim_new(file)
        assert handle is not None
        assert is_locked(file, 0.0)
        os.close(handle)
    assert file.read_bytes() == b""


def test_a_file_that_holds_something_is_not_new(file: Path) -> None:
    file.write_bytes(b"yesterday")
    assert claim_new(file) is None
    assert file.read_bytes() == b"yesterday"
    assert not is_locked(file, 0.0)


def test_a_link_to_a_file_that_holds_something_is_not_new_and_stays(file: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"precious")
    file.hardlink_to(tmp_path / "precious")
    assert claim_new(file) is None
    assert file.samefile(tmp_path / "precious")


def test_an_empty_file_that_another_has_is_not_new(file: Path, held: int) -> None:
    assert claim_new(file) is None
    assert is_locked(file, 0.0)


def test_a_link_to_a_locked_file_is_not_locked_itself(file: Path, held: int, tmp_path: Path) -> None:
    for left in ("symlink_to", "hardlink_to"):
        link = tmp_path / left
        getattr(link, left)(file)
        assert not is_locked(link, 0.0)
        link.unlink()
    assert is_locked(file, 0.0)


def test_a_file_that_gets_its_name_while_it_is_opened_is_not_claimed_with_it(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    final, opens = tmp_path / "a", os.open

    def open_late(path: Path, *how: int) -> int:
        handle = opens(path, *how)
        if not final.exists():
            file.rename(final)
        return handle

    file.write_bytes(b"whole")
    monkeypatch.setattr(os, "open", open_late)
    handle = claim(file, 10.0)
    assert handle is not None
    os.write(handle, b"new")
    os.close(handle)
    assert final.read_bytes() == b"whole"
    assert file.read_bytes() == b"new"


def test_two_handles_of_one_process_exclude_each_other(file: Path, held: int) -> None:
    other = os.open(file, os.O_RDWR)
    try:
        assert not take_lock(other)
    finally:
        os.close(other)
    assert is_locked(file, 0.0)  # closing the other handle did not give up the lock


def test_what_is_not_there_or_no_file_is_not_locked(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("none", "pipe", "."):
        assert not is_locked(tmp_path / name, 0.0)


def test_a_handle_that_is_not_open_is_told_as_the_system_does(file: Path) -> None:
    handle = create(file)
    os.close(handle)
    with pytest.raises(OSError, match="Bad file descriptor"):
        take_lock(handle)


def test_without_locks_being_new_must_do(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "fcntl", None)
    handle = claim_new(file)
    assert handle is not None
    assert claim_new(file) is None
    with pytest.raises(NoLocks):
        claim(file, 0.0)
    with pytest.raises(NoLocks):
        take_lock(handle)
    assert not is_locked(file, 0.0)
    os.close(handle)
