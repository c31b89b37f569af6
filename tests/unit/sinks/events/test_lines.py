from __future__ import annotations

import json
import os
import subprocess
import sys
from fractions import Fraction

import pytest

from streamdepth.errors import SinkError
from streamdepth.sinks.events.event import Event
from streamdepth.sinks.events.lines import FilmLines, LiveLines
from streamdepth.zones.presence import Phase
from streamdepth.zones.watch import Change
from streamdepth.zones.zone import Kind, Unit

CHANGE = Change("Tür", Kind.NEAR, Phase.BEGAN, Fraction(1), Fraction(0), None, 0.25, 1.0, Unit.METRES)
FIRST, SECOND = (Event(f"r-{number}", "hall", number, None, CHANGE) for number in (1, 2))


def identities(path):
    return [json.loads(line)["id"] for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_events_of_a_film_appear_whole(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text("of an earlier run", encoding="utf-8")
    lines = FilmLines.of_file(path)
    lines.put(FIRST)
    lines.put(SECOND)
    assert path.read_text(encoding="utf-8") == "of an earlier run"
    lines.close(complete=True)
    assert identities(path) == ["r-1", "r-2"]
    assert lines.figures()["delivered"] == 2


def test_the_events_of_a_film_that_was_stopped_bear_no_final_name(tmp_path):
    path = tmp_path / "events.jsonl"
    lines = FilmLines.of_file(path)
    lines.put(FIRST)
    lines.close(complete=False)
    assert not path.exists()
    assert identities(tmp_path / "events.part.jsonl") == ["r-1"]


def test_live_events_are_added_to_what_is_there(tmp_path):
    path = tmp_path / "events.jsonl"
    for event in (FIRST, SECOND):
        lines = LiveLines.of_file(path, lambda *_: None)
        lines.put(event)
        lines.close(complete=False)
    assert identities(path) == ["r-1", "r-2"]


def test_a_place_that_cannot_be_written_is_refused_at_once(tmp_path):
    for opens in (FilmLines.of_file, lambda path: LiveLines.of_file(path, lambda *_: None)):
        with pytest.raises(SinkError, match="no folder"):
            opens(tmp_path / "none" / "events.jsonl")


def test_a_live_file_that_cannot_be_written_any_more_is_told_and_holds_nobody_up(tmp_path):
    said = []
    lines = LiveLines(str(tmp_path), _full_disk, lambda line, _: said.append(line))
    lines.put(FIRST)
    lines.close(complete=True)
    assert "no space left on device; trying again" in said[0]
    assert "1 event did not reach" in said[-1]


def test_what_a_full_disk_took_of_a_line_is_taken_back(tmp_path):
    """A process of its own, since what stands for the full disk is a bound on the files of a process."""
    path = tmp_path / "events.jsonl"
    ran = subprocess.run(
        [sys.executable, "-c", _FULL_IN_BETWEEN, path], capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    assert [json.loads(line)["n"] for line in path.read_text(encoding="utf-8").splitlines()] == [0, 1, 2, 3]
    assert ran.stdout == "2\n"


_FULL_IN_BETWEEN = """
import resource, signal, sys, time
from pathlib import Path
from types import SimpleNamespace
from streamdepth.sinks.events.lines import LiveLines
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (25, resource.RLIM_INFINITY))
lines = LiveLines.of_file(Path(sys.argv[1]), lambda *_: None)
for number in range(4):
    lines.put(SimpleNamespace(line='{"n": %d}' % number))
end = time.monotonic() + 30
while lines.figures()["trouble"] is None and time.monotonic() < end:
    time.sleep(0.01)
print(lines.figures()["delivered"])
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
lines.close(complete=True)
"""


def test_a_pipe_is_written_once_somebody_reads_it_and_holds_nobody_up_before(tmp_path, until):
    path, said = tmp_path / "events.jsonl", []
    os.mkfifo(path)
    lines = LiveLines.of_file(path, lambda line, _: said.append(line))
    lines.put(FIRST)
    until(lambda: said)
    assert "nobody reads it; trying again" in said[0]
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        until(lambda: lines.figures()["delivered"] == 1)
        assert json.loads(os.read(reader, 4096))["id"] == "r-1"
    finally:
        os.close(reader)
        lines.close(complete=True)


def _full_disk(_line):
    raise OSError(28, os.strerror(28))


def test_a_reader_that_left_ends_a_film():
    read, write = os.pipe()
    os.close(read)
    with open(write, "wb", buffering=0) as stream:  # noqa: PTH123 - a descriptor
        lines = FilmLines.of_stream(stream)
        with pytest.raises(SinkError, match="nobody reads standard output"):
            lines.put(FIRST)
