from __future__ import annotations

import pytest

from streamdepth.promise.ladder import Rung, ladder_of


def rung(size: int, seconds: float, model: str = "nano") -> Rung:
    return Rung(model, size, "fp32", seconds)


def test_a_rung_that_saves_no_time_is_left_out() -> None:
    best, slow, even, fast = rung(256, 0.1, "midas-small"), rung(192, 0.12), rung(160, 0.095), rung(128, 0.05)
    assert ladder_of([best, slow, even, fast], may_leave_out=False) == (best, fast)


def test_the_fastest_goes_on_at_larger_intervals_where_pictures_may_be_left_out() -> None:
    ladder = ladder_of([rung(256, 0.1), rung(128, 0.05)], may_leave_out=True)
    assert [(one.size, one.interval) for one in ladder] == [(256, 1), (128, 1), (128, 2), (128, 3)]


def test_a_rung_says_what_it_is() -> None:
    first, *_, last = ladder_of([rung(128, 0.05)], may_leave_out=True)
    assert str(first) == "nano at 128 in fp32"
    assert str(last) == "nano at 128 in fp32, every 3. picture"


def test_there_is_no_ladder_without_rungs() -> None:
    with pytest.raises(ValueError, match="a rung"):
        ladder_of([], may_leave_out=True)
