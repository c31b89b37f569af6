"""What a terminal that has hung up takes, and what else ends in an error as before."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from streamdepth.cli.terminal import outlast_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")


@pytest.fixture
def standard_error(monkeypatch):
    """Standard error as Python makes it for an open file, replaced."""
    streams = []

    def of(handle):
        stream = io.TextIOWrapper(io.BufferedWriter(io.FileIO(handle, "w")), "utf-8", line_buffering=True)
        streams.append(stream)
        monkeypatch.setattr(sys, "stderr", stream)
        outlast_terminal()
        return sys.stderr

    yield of
    for stream in streams:
        stream.close()


def test_a_terminal_is_written_to_until_it_has_gone_and_then_nothing_fails(standard_error):
    master, terminal = os.openpty()
    stream = standard_error(terminal)
    assert stream.isatty()
    stream.write("heard: größer\n")
    assert os.read(master, 100).decode() == "heard: größer\r\n"
    os.close(master)
    with pytest.raises(OSError, match="Input/output error"):
        os.write(terminal, b"as the system has it\n")
    stream.write("lost\n")
    stream.flush()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_what_is_no_terminal_stays_as_it_is(standard_error):
    with Path("/dev/full").open("wb") as full:
        handle = os.dup(full.fileno())
    stream = standard_error(handle)
    with pytest.raises(OSError, match="No space left"):
        stream.write("nothing is lost without a word\n")
    stream.buffer.raw.close()


def test_no_file_gets_the_number_of_a_standard_handle_that_is_closed():
    code = (
        "from streamdepth.cli.terminal import hold_standard_handles; hold_standard_handles(); "
        "print(open('/dev/zero').fileno())"
    )
    closed = ["sh", "-c", 'exec "$0" -c "$1" <&- 2>&-', sys.executable, code]
    done = subprocess.run(closed, stdout=subprocess.PIPE, text=True, timeout=60, check=True)
    assert int(done.stdout) > 2
