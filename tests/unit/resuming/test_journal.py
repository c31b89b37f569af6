from __future__ import annotations

import json
from pathlib import Path

import pytest
from left_films import border, room

from streamdepth.errors import SinkError
from streamdepth.resuming.journal import Journal, JournalFile, read_journal

CONDITIONS = {"--layout": "depth", "FFmpeg": "8.1"}
CHOSEN = {"model": "nano"}


def written(path: Path, count: int = 3) -> Journal:
    journal = Journal(CONDITIONS, CHOSEN, (border(1),))
    file = JournalFile(path, journal, room(path))
    for number in range(2, count + 1):
        file.add(border(number))
    file.close()
    return Journal(CONDITIONS, CHOSEN, tuple(map(border, range(1, count + 1))))


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "film.journal"
    assert written(path) == read_journal(path)


@pytest.mark.parametrize("torn", [1, 2, 50, 4000])
def test_a_torn_tail_counts_for_nothing(tmp_path: Path, torn: int) -> None:
    path = tmp_path / "film.journal"
    journal = written(path)
    path.write_bytes(path.read_bytes()[:-torn])
    assert read_journal(path) == journal.up_to(2)


@pytest.mark.parametrize(
    "rubbish", [b"\0" * 300 + b"\n", b"{}\n", b'{"pictures":1}\n', b"[]\n", b"\xff\xfe\n"]
)
def test_so_does_what_a_power_cut_made_of_it(tmp_path: Path, rubbish: bytes) -> None:
    path = tmp_path / "film.journal"
    journal = written(path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], rubbish, *lines[3:]]))
    assert read_journal(path) == journal.up_to(1)


@pytest.mark.parametrize(
    "head", [b"", b"\n", b"{}\n", b'{"format": 2, "conditions": {}, "chosen": {}}\n', b"\0\0\n"]
)
def test_a_journal_without_its_head_is_none(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "film.journal"
    path.write_bytes(head)
    assert read_journal(path) is None
    assert read_journal(tmp_path / "not there") is None


def test_a_border_takes_few_bytes(tmp_path: Path) -> None:
    path = tmp_path / "film.journal"
    written(path)
    line = path.read_bytes().splitlines()[2]
    assert len(line) < 250 * 25
    assert json.loads(line)["pictures"] == 500


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    path = tmp_path / "no folder" / "film.journal"
    with pytest.raises(SinkError, match="no folder"):
        JournalFile(path, Journal({}, {}), room(path))
