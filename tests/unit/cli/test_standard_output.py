"""What is printed and cannot be written: to a pipe that nobody reads, to a full disk."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from closed_paths import close

from streamdepth.cli.app import main
from streamdepth.cli.standard_output import buffer_output

FULL = Path("/dev/full")
COMMAND = ["models", "list"]


def outcome(monkeypatch: pytest.MonkeyPatch, handle: int, *, buffered: bool) -> int | str | None:
    """The exit status of a command that prints to an open file, which is closed then."""
    raw = io.FileIO(handle, "w")
    binary = io.BufferedWriter(raw) if buffered else raw
    output = io.TextIOWrapper(binary, write_through=not buffered)  # as PYTHONUNBUFFERED does
    monkeypatch.setattr(sys, "stdout", output)
    buffer_output()
    with pytest.raises(SystemExit) as left:
        main(COMMAND)
    output.close()  # raises where something is left that cannot be written
    return left.value.code


@pytest.mark.parametrize("buffered", [True, False])
def test_a_pipe_that_nobody_reads_ends_without_a_word(
    buffered: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    assert outcome(monkeypatch, writer, buffered=buffered) == 1
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("buffered", [True, False])
def test_a_full_disk_is_said(
    buffered: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(monkeypatch, os.open(FULL, os.O_WRONLY), buffered=buffered) == 1
    assert "standard output cannot be written: no space left on device" in capsys.readouterr().err


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_said_by_the_command_also_where_python_does_not_buffer(unbuffered: str) -> None:
    with FULL.open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "streamdepth", "--version"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    assert done.returncode == 1
    assert "standard output cannot be written: no space left on device" in done.stderr


def test_another_error_is_not_taken_for_one_of_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("streamdepth.cli.app._called", lambda _tokens: Path("/no/such/file").stat())
    with pytest.raises(SystemExit):
        main(COMMAND)
    assert "unexpected FileNotFoundError" in capsys.readouterr().err


def test_a_path_that_is_closed_to_this_user_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = close(Path("closed/d.mp4"), monkeypatch)
    monkeypatch.setattr("streamdepth.cli.app._called", lambda _tokens: closed.stat())
    with pytest.raises(SystemExit) as left:
        main(COMMAND)
    assert left.value.code == 1
    said = capsys.readouterr().err
    assert "error: closed/d.mp4 may not be read or written: permission denied (check" in said
    assert "unexpected" not in said


def test_no_standard_output_is_none_to_write_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(SystemExit) as left:
        main(COMMAND)
    assert left.value.code == 0
