from __future__ import annotations

from pathlib import Path

import pytest
from left_films import border, room

from streamdepth.errors import SinkError
from streamdepth.files import journal_path, part_path, state_path
from streamdepth.frames import DepthRange
from streamdepth.rendering import StreamState
from streamdepth.resuming import leftover as module
from streamdepth.resuming.journal import Journal, JournalFile
from streamdepth.resuming.leftover import left_of
from streamdepth.resuming.states import KeptState, KeptStates, write_states


def left(tmp_path: Path, borders: int, states: list[int]) -> Path:
    """A film that was broken off after so many borders, with the states of some of them."""
    final = tmp_path / "film.mp4"
    part_path(final).write_bytes(b"a part")
    file = JournalFile(journal_path(final), Journal({}, {}), room(final))
    for number in range(1, borders + 1):
        file.add(border(number))
    file.close()
    stream = StreamState(None, None, DepthRange(0, 1), None)
    kept = (KeptState(250 * number, border(number).left_off.pts, stream) for number in states)
    write_states(state_path(final), KeptStates(tuple(kept)))
    return final


@pytest.mark.parametrize(("whole", "count"), [(9, 9), (10, 10), (8, 8)])
def test_the_last_border_whose_pictures_are_there_is_gone_on_from(
    tmp_path, monkeypatch, whole, count
) -> None:
    final = left(tmp_path, 10, [8, 9, 10])
    monkeypatch.setattr(module, "whole_segments", lambda _part, _segments: whole)
    journal, state = left_of(final).usable()
    assert len(journal.borders) == count
    assert state.pictures == 250 * count


def test_a_part_that_lost_what_was_on_disk_is_not_overwritten(tmp_path, monkeypatch) -> None:
    final = left(tmp_path, 10, [8, 9, 10])
    monkeypatch.setattr(module, "whole_segments", lambda _part, _segments: 5)
    with pytest.raises(SinkError, match=r"film\.part\.mp4 is damaged .*--no-resume"):
        left_of(final).usable()


def test_one_that_was_only_begun_is_begun_anew(tmp_path, monkeypatch) -> None:
    final = left(tmp_path, 2, [1, 2])
    monkeypatch.setattr(module, "whole_segments", lambda _part, _segments: 0)
    assert left_of(final).usable() is None


@pytest.mark.parametrize("gone", [part_path, journal_path])
def test_a_part_or_a_journal_alone_is_nothing_to_go_on_with(tmp_path, gone) -> None:
    final = left(tmp_path, 2, [1, 2])
    gone(final).unlink()
    assert left_of(final) is None


def test_a_journal_without_a_border_is_nothing_either(tmp_path) -> None:
    assert left_of(left(tmp_path, 0, [])) is None
