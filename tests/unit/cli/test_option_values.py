"""What is typed for an option, and the value that it becomes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from cyclopts import Token

from streamdepth.cli.option_values import (
    to_frame_rate,
    to_latency,
    to_pixels,
    to_range,
    to_rate,
    to_seconds,
    to_size,
    to_time,
)


def read(convert: Any, word: str) -> Any:
    return convert(None, (Token(value=word),))


def refusal(convert: Any, word: str) -> str:
    with pytest.raises(ValueError, match=r".") as caught:
        read(convert, word)
    return str(caught.value)


def test_a_size_is_width_and_height() -> None:
    assert read(to_size, "1280x720") == (1280, 720)
    assert read(to_size, "1x99999") == (1, 99999)


@pytest.mark.parametrize(
    "word", ["", "1280", "0x720", "1280x0", "1280X720", "-1x5", "1x2x3", "123456x1", " 1x1"]
)
def test_what_is_no_size_is_told_with_an_example(word: str) -> None:
    assert refusal(to_size, word) == f"'{word}' is not a size such as 1280x720"


@pytest.mark.parametrize(
    ("word", "rate"),
    [("30", Fraction(30)), ("29.97", Fraction(2997, 100)), ("30000/1001", Fraction(30000, 1001))],
)
def test_a_rate_is_exact(word: str, rate: Fraction) -> None:
    assert read(to_rate, word) == rate


@pytest.mark.parametrize(
    ("word", "rate"),
    [
        ("23.976", Fraction(24000, 1001)),
        ("23.98", Fraction(24000, 1001)),
        ("29.97", Fraction(30000, 1001)),
        ("47.952", Fraction(48000, 1001)),
        ("59.94", Fraction(60000, 1001)),
        ("119.88", Fraction(120000, 1001)),
        ("24.0", Fraction(24)),
        ("12.5", Fraction(25, 2)),
        ("0.001", Fraction(1, 1000)),
        ("2997/100", Fraction(2997, 100)),
    ],
)
def test_decimals_that_are_usual_for_television_are_its_rates(word: str, rate: Fraction) -> None:
    assert read(to_frame_rate, word) == rate


@pytest.mark.parametrize("word", ["", "0", "-1", "1/0", "fast", "nan", "inf", "1/-2"])
def test_what_is_no_rate_is_told_with_examples(word: str) -> None:
    assert refusal(to_rate, word) == f"'{word}' is not a positive number such as 30, 29.97 or 30000/1001"


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("50000000", 50_000_000),
        ("50M", 50_000_000),
        ("1m", 1_000_000),
        ("7680x4320", 33_177_600),
        ("2X3", 6),
        ("1", 1),
    ],
)
def test_pixels_are_counted_in_millions_or_by_a_size_as_well(word: str, count: int) -> None:
    assert read(to_pixels, word) == count


@pytest.mark.parametrize("word", ["", "0", "0M", "0x5", "5x0", "M", "1.5M", "-5", "5G", "1x2M"])
def test_what_is_no_count_of_pixels_is_told_with_examples(word: str) -> None:
    assert refusal(to_pixels, word) == f"'{word}' is not a count of pixels such as 50M or 7680x4320"


@pytest.mark.parametrize(
    ("word", "seconds"),
    [("90", 90.0), ("90s", 90.0), ("30m", 1800.0), ("1h", 3600.0), ("7d", 604_800.0), ("1.5h", 5400.0)],
)
def test_a_time_is_in_seconds_unless_a_letter_says_otherwise(word: str, seconds: float) -> None:
    assert read(to_seconds, word) == seconds


@pytest.mark.parametrize("word", ["", "0", "0h", "0.0s", "h", "1w", "1 h", "-1m", "1H", ".5", "inf", "1e3"])
def test_what_is_no_time_is_told_with_examples(word: str) -> None:
    assert refusal(to_seconds, word) == f"'{word}' is not a time such as 90s, 30m, 1h or 7d"


@pytest.mark.parametrize(
    ("word", "seconds"),
    [
        ("0", 0),
        ("12.5", Fraction(25, 2)),
        ("90", 90),
        ("1:30", 90),
        ("1:02:03.5", Fraction("3723.5")),
        ("0.040", Fraction(1, 25)),
    ],
)
def test_a_place_in_a_recording_is_exact(word: str, seconds: Fraction) -> None:
    assert read(to_time, word) == seconds


@pytest.mark.parametrize("word", ["", "1:60", "1:2:3:4", "-1", "1:", ":30", "1h", "inf", "100000:00"])
def test_what_is_no_place_is_told_with_examples(word: str) -> None:
    assert refusal(to_time, word) == f"'{word}' is not a time such as 90, 1:30 or 1:02:03.5"


def test_a_range_is_two_rising_numbers_or_left_to_the_scene() -> None:
    assert read(to_range, "auto") is None
    assert read(to_range, "0.5,12") == (0.5, 12.0)
    assert read(to_range, "-2,-1e-3") == (-2.0, -0.001)


@pytest.mark.parametrize("word", ["", "1", "1,1", "2,1", "1,2,3", "a,b", "1,", "nan,1", "1,nan", "AUTO"])
def test_what_is_no_range_is_told_with_an_example(word: str) -> None:
    assert (
        refusal(to_range, word) == f"'{word}' is neither auto, global nor two rising numbers such as 0.5,12"
    )


@pytest.mark.parametrize(
    ("word", "seconds"), [("50ms", 0.05), ("50", 0.05), ("0.2s", 0.2), ("12.5ms", 0.0125)]
)
def test_a_latency_is_in_milliseconds_unless_it_says_seconds(word: str, seconds: float) -> None:
    assert read(to_latency, word) == pytest.approx(seconds)


@pytest.mark.parametrize("word", ["", "0", "0ms", "-5ms", "50 ms", "1m", "fast"])
def test_what_is_no_latency_is_told_with_an_example(word: str) -> None:
    assert refusal(to_latency, word) == f"'{word}' is not a time such as 50ms or 0.2s"
