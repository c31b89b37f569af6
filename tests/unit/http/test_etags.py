"""What `If-None-Match` may be."""

import pytest

from streamdepth.http.etags import knows


@pytest.mark.parametrize("header", ['"a"', 'W/"a"', '"b", "a"', "*"])
def test_who_names_it_has_it(header):
    assert knows(header, '"a"')


@pytest.mark.parametrize("header", [None, "", '"b"', "a"])
def test_who_names_another_has_not(header):
    assert not knows(header, '"a"')
