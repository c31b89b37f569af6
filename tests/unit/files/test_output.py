"""Files that appear whole, whatever happens to who writes them, and who else writes the same name."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from streamdepth.errors import DiskFull, SinkError
from streamdepth.files import (
    OutputFile,
    Taken,
    flush,
    part_path,
    private_part,
    promote,
    whole_file,
    write_together,
    write_whole,
)
from streamdepth.files import lock as file_lock

LONG = "映" * 83 + "ab"
"""251 bytes, 255 with a suffix of four: as long as names of files may be on Linux."""
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="there are no such locks and links")


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@contextmanager
def another_process(code: str, *words: object) -> Iterator[subprocess.Popen[str]]:
    """Runs until it has said "ready" and then until its input is closed."""
    head = "import sys\nfrom pathlib import Path\nfrom streamdepth.files import *\n"
    tail = "\nprint('ready', flush=True)\nsys.stdin.read()\n"
    command = [sys.executable, "-c", head + code + tail, *map(str, words)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


@pytest.mark.parametrize("fails_at", [1, 2])
def test_files_that_belong_together_appear_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    files = (tmp_path / "d.npy", b"depth"), (tmp_path / "d.json", b"what it means")
    files[1][0].write_bytes(b"older")
    counted, real = iter(range(1, 9)), os.fsync

    def full(handle: int) -> None:
        if next(counted) == fails_at:
            raise OSError(errno.ENOSPC, "full")
        real(handle)

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DiskFull):
        write_together(*files)
    assert names_in(tmp_path) == ["d.json"]
    assert files[1][0].read_bytes() == b"older"
    monkeypatch.undo()
    write_together(*files)
    assert [path.read_bytes() for path, _data in files] == [b"depth", b"what it means"]


def test_a_file_appears_under_its_name_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "depth.png"
    path.write_bytes(b"older and longer")
    with whole_file(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"older and longer"
        assert (tmp_path / "depth.part.png").read_bytes() == b"new"
    assert path.read_bytes() == b"new"
    assert names_in(tmp_path) == ["depth.png"]


@POSIX
@pytest.mark.parametrize("mode", [0o640, 0o606])
def test_a_file_that_takes_the_place_of_another_has_its_permissions(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "depth.png"
    write_whole(path, b"older")
    path.chmod(mode)
    write_whole(path, b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", mode)


def test_what_fails_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "depth.png"
    path.write_bytes(b"older")

    def fail() -> None:
        with whole_file(path) as file:
            file.write(b"new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_bytes() == b"older"
    assert names_in(tmp_path) == ["depth.png"]


def test_a_file_is_on_disk_before_it_has_its_name_and_the_name_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[tuple[bool, bool]] = []
    fsync = os.fsync

    def note(handle: int) -> None:
        flushed.append((stat.S_ISDIR(os.fstat(handle).st_mode), (tmp_path / "a").exists()))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", note)
    write_whole(tmp_path / "a", b"1")
    assert flushed == [(False, False), (True, True)]
    flushed.clear()
    (tmp_path / "a").unlink()
    write_whole(tmp_path / "a", b"1", flushed=False)
    assert flushed == []
    flush([tmp_path / "a", tmp_path / "b"])
    assert flushed == [(False, True), (True, True)]
    flushed.clear()
    with private_part(tmp_path / "a") as part:
        part.write_bytes(b"2")
        promote(part, tmp_path / "a")
    assert flushed == [(False, True), (True, True)]
    assert names_in(tmp_path) == ["a"]


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (errno.ENOSPC, DiskFull, "is full .*free some space"),
        (errno.EDQUOT, DiskFull, "is full"),
        (errno.EROFS, SinkError, "is read-only"),
        (errno.EACCES, SinkError, "not writable"),
        (errno.EIO, SinkError, "cannot be written: Input/output error"),
    ],
    ids=lambda value: errno.errorcode.get(value, "") if isinstance(value, int) else None,
)
def test_a_disk_that_fails_at_the_flush_is_told_and_leaves_the_older_file(
    code: int, kind: type[SinkError], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(handle: int) -> None:
        raise OSError(code, os.strerror(code))

    (tmp_path / "a").write_bytes(b"older")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(kind, match=words):
        write_whole(tmp_path / "a", b"new")
    assert names_in(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"older"


def test_a_missing_folder_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match=r"no folder .*create it first"):
        write_whole(tmp_path / "nowhere" / "a", b"")
    with pytest.raises(SinkError, match="is a folder"):
        write_whole(tmp_path, b"")
    assert names_in(tmp_path) == []


def test_a_read_only_disk_is_told(tmp_path: Path) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(tmp_path)]
    if (
        not hasattr(os, "geteuid")
        or os.geteuid() != 0
        or subprocess.run(mount, capture_output=True).returncode
    ):
        pytest.skip("mounting a disk takes more rights than these")
    try:
        with pytest.raises(SinkError, match=r"not writable|read-only"):
            write_whole(tmp_path / "a", b"")
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


@POSIX
def test_a_name_that_another_process_writes_is_refused_until_it_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "depth.mp4"
    code = "file = OutputFile.begin(Path(sys.argv[1]))\nfile.at.write_bytes(b'theirs')"
    with another_process(code, path) as process:
        with pytest.raises(Taken, match=r"another run is writing .*depth\.mp4 \(wait for it"):
            OutputFile.begin(path)
        process.kill()
        process.wait()
        assert (tmp_path / "depth.part.mp4").read_bytes() == b"theirs"
        mine = OutputFile.begin(path)
    with mine.open() as file:
        file.write(b"mine")
    mine.finish()
    assert path.read_bytes() == b"mine"
    assert names_in(tmp_path) == ["depth.mp4"]


@POSIX
def test_a_short_write_waits_for_another_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = OutputFile.begin(tmp_path / "a")
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        first.finish()

    monkeypatch.setattr(file_lock.time, "sleep", nap)
    write_whole(tmp_path / "a", b"second")
    assert len(naps) == 1
    assert (tmp_path / "a").read_bytes() == b"second"
    assert names_in(tmp_path) == ["a"]


def test_many_processes_that_write_one_name_leave_one_whole_file(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom streamdepth.files import output\noutput.LOCK_SECONDS = 60.0\n"
        "for _ in range(40):\n    output.write_whole(Path(sys.argv[1]), sys.argv[2].encode() * 50_000, flushed=False)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "a")]
    processes = [subprocess.Popen([*command, letter]) for letter in "abc"]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    content = (tmp_path / "a").read_bytes()
    assert content in {letter.encode() * 50_000 for letter in "abc"}
    assert names_in(tmp_path) == ["a"]


@POSIX
def test_a_recording_and_a_file_of_one_name_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "day.mp4"
    recording = OutputFile.numbered(path)
    with pytest.raises(Taken):
        OutputFile.begin(path)
    render = OutputFile.begin(tmp_path / "day-2.mp4")
    third = OutputFile.numbered(path)
    assert (recording.at.name, render.at.name, third.at.name) == ("day.mp4", "day-2.part.mp4", "day-3.mp4")
    for file in (recording, render, third):
        file.release()
    assert names_in(tmp_path) == []


def test_a_recording_leaves_what_is_there_but_for_empty_files(tmp_path: Path) -> None:
    (tmp_path / "day.mp4").write_bytes(b"yesterday")
    (tmp_path / "day-2.mp4").write_bytes(b"")
    recording = OutputFile.numbered(tmp_path / "day.mp4")
    assert recording.path.name == ("day-2.mp4" if file_lock.fcntl else "day-3.mp4")
    recording.at.write_bytes(b"today")
    recording.finish()
    assert (tmp_path / "day.mp4").read_bytes() == b"yesterday"
    assert recording.path.read_bytes() == b"today"


@POSIX
def test_a_part_is_never_written_through_a_link(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    for left in ("symlink_to", "hardlink_to"):
        precious.write_bytes(b"precious")
        getattr(tmp_path / "a.part", left)(precious)
        with whole_file(tmp_path / "a") as file:
            file.write(b"new")
        assert precious.read_bytes() == b"precious"
        assert (tmp_path / "a").read_bytes() == b"new"
        assert names_in(tmp_path) == ["a", "precious"]


@POSIX
def test_a_pipe_in_the_place_of_a_part_goes(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.part")
    write_whole(tmp_path / "a", b"new")
    assert names_in(tmp_path) == ["a"]


@POSIX
def test_an_output_that_is_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to(tmp_path / "disk" / "c")
    for content in (b"first", b"second"):  # at first there is nothing yet behind the link
        write_whole(tmp_path / "a", content)
        assert (tmp_path / "disk" / "c").read_bytes() == content
    assert (tmp_path / "a").is_symlink()
    assert names_in(tmp_path / "disk") == ["c"]


def test_the_longest_name_has_a_part_and_a_number(tmp_path: Path) -> None:
    path = tmp_path / f"{LONG}.mp4"
    other = tmp_path / f"{LONG[:-1]}c.mp4"
    with suppress(OSError):
        path.touch()
    if not path.exists():
        pytest.skip("this file system has shorter names")
    path.unlink()
    assert part_path(path).name.endswith(".part.mp4")
    assert len({part_path(path), part_path(other), path, other}) == 4
    write_whole(path, b"whole")
    second = OutputFile.numbered(path)
    second.at.write_bytes(b"second")
    second.release()
    assert names_in(tmp_path) == sorted([path.name, second.path.name])


def test_a_name_that_is_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match=r"too long for this disk .*shorter"):
        write_whole(tmp_path / f"{LONG}a.mp4", b"")
    assert names_in(tmp_path) == []


def test_what_was_left_stays_when_nothing_is_written_over_it(tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(b"left by a killed run")
    OutputFile.begin(tmp_path / "a").release()
    assert names_in(tmp_path) == ["a.part"]
    OutputFile.begin(tmp_path / "b").release()
    assert names_in(tmp_path) == ["a.part"]


@pytest.mark.parametrize("known", [True, False], ids=["file system without locks", "system without locks"])
def test_without_locks_each_part_has_a_name_of_its_own(
    known: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if known:
        monkeypatch.setattr(file_lock, "take_lock", _no_locks)
    else:
        monkeypatch.setattr(file_lock, "fcntl", None)
    first, second = (OutputFile.begin(tmp_path / "a.mp4") for _ in range(2))
    assert first.at != second.at
    assert first.at.name.endswith(".part.mp4")
    assert names_in(tmp_path) == sorted([first.at.name, second.at.name])
    for file in (first, second):
        with file.open() as opened:
            opened.write(file.at.name.encode())
        file.finish()
    assert (tmp_path / "a.mp4").read_bytes() == second.at.name.encode()
    assert OutputFile.numbered(tmp_path / "a.mp4").path.name == "a-2.mp4"
    assert names_in(tmp_path) == ["a-2.mp4", "a.mp4"]


def _no_locks(handle: int) -> bool:
    raise file_lock.NoLocks


def film_left_by_a_killed_run(tmp_path: Path) -> tuple[Path, Path]:
    path = tmp_path / "depth.mp4"
    part = part_path(path)
    part.write_bytes(b"left by a killed run")
    return path, part


@POSIX
def test_a_second_file_takes_the_place_of_what_a_killed_run_left(tmp_path: Path) -> None:
    path, part = film_left_by_a_killed_run(tmp_path)
    file = OutputFile.begin(path)
    with file.open_second() as second:
        second.write(b"it, and more")
        assert part.read_bytes() == b"left by a killed run"
        file.take_second()
        assert part.read_bytes() == b"it, and more"
        second.write(b" and more")
        with pytest.raises(Taken):
            OutputFile.begin(path, patience=0.0)
    file.finish()
    assert path.read_bytes() == b"it, and more and more"
    assert names_in(tmp_path) == ["depth.mp4"]


@POSIX
def test_a_file_is_finished_with_the_second_one_too(tmp_path: Path) -> None:
    path, _ = film_left_by_a_killed_run(tmp_path)
    file = OutputFile.begin(path)
    with file.open_second() as second:
        second.write(b"whole")
    file.finish()
    assert path.read_bytes() == b"whole"
    assert names_in(tmp_path) == ["depth.mp4"]


@POSIX
@pytest.mark.parametrize("leave", [OutputFile.release, OutputFile.discard])
def test_a_second_file_that_did_not_get_there_costs_nothing_of_the_first(
    tmp_path: Path, leave: Callable[[OutputFile], None]
) -> None:
    path, part = film_left_by_a_killed_run(tmp_path)
    file = OutputFile.begin(path)
    with file.open_second() as second:
        second.write(b"it")
    leave(file)
    assert names_in(tmp_path) == [part.name]
    assert part.read_bytes() == b"left by a killed run"
    OutputFile.begin(path, patience=0.0).release()


@pytest.mark.parametrize("end", [OutputFile.sync, OutputFile.finish])
@pytest.mark.parametrize("gone", ["the folder", "the part"])
def test_what_is_taken_away_while_it_is_written_is_told(
    tmp_path: Path, gone: str, end: Callable[[OutputFile], None]
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    file = OutputFile.begin(folder / "a.mp4")
    with file.open() as opened:
        opened.write(b"hours of work")
    if gone == "the folder":
        shutil.rmtree(folder)
    else:
        file.at.unlink()
    with pytest.raises(
        SinkError, match=r"was removed while it was being written \(choose a place that stays"
    ):
        end(file)
    file.discard()
    assert not folder.exists() or not list(folder.iterdir())
