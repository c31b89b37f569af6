"""One thing is not some things, and bytes are counted in units."""

import pytest

from streamdepth.counted import byte_size, counted, per_second


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 pictures"), (1, "1 picture"), (2, "2 pictures"), (21, "21 pictures")]
)
def test_one_thing_is_not_some_things(count, said):
    assert counted(count, "picture") == said


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "1 byte"),
        (15, "15 bytes"),
        (2_500, "2.5 kB"),
        (64e6, "64 MB"),
        (1.26e9, "1.3 GB"),
        (396e9, "396 GB"),
    ],
)
def test_bytes_are_counted_in_the_largest_unit_that_they_fill(count, said):
    assert byte_size(count) == said


@pytest.mark.parametrize(
    ("rate", "shown"),
    [
        (29.96, "30.0"),
        (15, "15.0"),
        (1.04, "1.0"),
        (0.543, "0.54"),
        (1 / 20, "0.05"),
        (1 / 60, "0.017"),
        (0, "0.0"),
    ],
)
def test_a_rate_below_one_keeps_its_digits(rate, shown):
    assert str(per_second(rate)) == shown
