"""What people type for a time of a recording."""

from fractions import Fraction

import pytest

from streamdepth.times import seconds_of, time_text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("12.5", Fraction(25, 2)),
        ("1:30", 90),
        ("1:02:03.5", Fraction(7447, 2)),
        ("100:00:00", 360_000),
        ("0:61:00", 3660),
    ],
)
def test_a_time_is_read_exactly(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "a", "1:75", "1:2:60", "-1", "1:", ":30", "1e3", "1.5:00", "1:02:03:04"]
)
def test_what_is_no_time_is_none(text):
    assert seconds_of(text) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (Fraction(0), "0:00:00.000"),
        (Fraction(3723, 1), "1:02:03.000"),
        (Fraction(1, 3), "0:00:00.334"),
        (Fraction(5999, 100), "0:00:59.990"),
    ],
)
def test_a_time_is_written_to_the_millisecond_at_or_after_it(seconds, text):
    assert time_text(seconds) == text
    assert seconds_of(text) >= seconds
