"""Numbers of headers, also those that nobody means."""

import pytest

from streamdepth.http.numbers import whole_number


def test_a_number_is_read():
    assert [whole_number(text) for text in ("0", "007", "1234567890")] == [0, 7, 1234567890]


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1e3", "٣", "²", " 1", "9" * 19, "9" * 5000])
def test_what_is_none_is_none(text):
    assert whole_number(text) is None
