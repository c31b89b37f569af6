"""What `If-Match` and `If-None-Match` may be, and the dates beside them."""

import pytest

from streamdepth.http.etags import is_unchanged, is_wanted, knows


@pytest.mark.parametrize("header", ['"a"', 'W/"a"', '"b", "a"', "*"])
def test_who_names_it_has_it(header):
    assert knows(header, '"a"')


@pytest.mark.parametrize("header", [None, "", '"b"', "a"])
def test_who_names_another_has_not(header):
    assert not knows(header, '"a"')


@pytest.mark.parametrize("header", [None, '"a"', '"b", "a"', "*"])
def test_who_wants_it_or_anything_gets_it(header):
    assert is_wanted(header, '"a"')


@pytest.mark.parametrize("header", ["", '"b"', 'W/"a"', "a"])
def test_who_wants_another_does_not_get_it(header):
    assert not is_wanted(header, '"a"')


CHANGED = "Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.mark.parametrize(
    ("since", "unchanged"),
    [
        (CHANGED, True),
        ("Sun, 06 Nov 1994 08:49:36 GMT", False),
        ("Sunday, 06-Nov-94 08:49:37 GMT", True),
        ("Sun Nov  6 08:49:36 1994", False),
        ("Sun Nov  6 08:49:38 1994", True),
        (None, None),
        ("", None),
        ("yesterday", None),
        ("Sun, 06 Nov 99999 08:49:37 GMT", None),
        ("784111777", None),
    ],
)
def test_what_has_not_changed_since_a_date_of_any_form(since, unchanged):
    assert is_unchanged(CHANGED, since) is unchanged
