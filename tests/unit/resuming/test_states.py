from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from streamdepth.frames import DepthRange
from streamdepth.rendering import StreamState
from streamdepth.resuming.states import KeptState, KeptStates, read_states, write_states


def state(pictures: int, rate: int) -> KeptState:
    return KeptState(pictures, Fraction(pictures, rate), StreamState(None, None, DepthRange(1.5, 0.1), None))


@pytest.mark.parametrize(("rate", "kept"), [(25, 2), (100, 3), (500, 11)])
def test_states_are_kept_for_as_long_as_a_part_may_lag_behind(rate: int, kept: int) -> None:
    states = KeptStates()
    for number in range(1, 40):
        states = states.after(state(250 * number, rate))
    assert [one.pictures for one in states.states] == [250 * number for number in range(40 - kept, 40)]


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "film.state"
    write_states(path, KeptStates((state(250, 24), state(500, 24))))
    back = read_states(path).states
    assert [(one.pictures, one.pts) for one in back] == [(250, Fraction(250, 24)), (500, Fraction(500, 24))]
    assert back[1].stream.range == DepthRange(1.5, 0.1)


def test_no_file_and_a_damaged_one_hold_none(tmp_path: Path) -> None:
    path = tmp_path / "film.state"
    assert read_states(path).states == ()
    path.write_bytes(b"PK\x03\x04" + b"\0" * 200)
    assert read_states(path).states == ()
