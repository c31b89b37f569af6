"""How long several files take."""

from __future__ import annotations

import pytest

from streamdepth.reporting.overall import LONGEST, Overall, duration, short


def test_the_time_left_goes_by_the_share_that_is_done() -> None:
    second = Overall(2, 3, "b.mp4", share_done=0.25, share=0.5, seconds=10.0)
    assert second.done(0.5) == 0.5
    assert second.seconds_left(0.5, 10.0) == pytest.approx(20.0)
    assert second.seconds_left(1.0, 20.0) == pytest.approx(10.0)


def test_before_anything_is_done_nobody_knows() -> None:
    assert Overall(1, 3, "a.mp4", 0.0, 0.5, 0.0).seconds_left(0.0, 3.0) is None


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (99.4, "99 s"), (760, "12:40"), (11045, "3:04:05")]
)
def test_a_time_is_short(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_of_a_long_name_the_end_is_shown() -> None:
    assert short("a.mp4") == "a.mp4"
    assert short("x" * 90 + ".mp4") == "..." + "x" * (LONGEST - 7) + ".mp4"
