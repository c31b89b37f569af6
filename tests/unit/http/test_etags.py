"""What `If-Match` and `If-None-Match` may be."""

import pytest

from streamdepth.http.etags import is_wanted, knows


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
