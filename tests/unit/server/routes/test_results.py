"""Which part of a result a `Range` asks for; over a socket: tests/integration/server/routes/test_jobs.py."""

import pytest

from streamdepth.http.refusal import Refused
from streamdepth.server.routes.results import there_are


@pytest.mark.parametrize(
    ("asked", "ranges"),
    [
        ("bytes=0-9", "bytes=0-9"),
        ("bytes=5-", "bytes=5-"),
        ("bytes=-10", "bytes=-10"),
        ("bytes=-5000", "bytes=-5000"),
        ("Bytes = 0-0 , 5-9", "bytes=0-0,5-9"),
        ("bytes=0-9,500-", "bytes=0-9"),
    ],
)
def test_the_parts_that_there_are(asked, ranges):
    assert there_are(asked, 100) == ranges


@pytest.mark.parametrize(
    "asked",
    ["seconds=1-2", "bytes=9-5", "bytes=a-b", "bytes=", "bytes=-", "bytes 0-9", f"bytes=0-{'9' * 5000}"],
)
def test_what_is_no_range_is_passed_over(asked):
    assert there_are(asked, 100) is None


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=100-200,300-", "bytes=-0"])
def test_of_what_is_not_there_the_size_is_told(asked):
    with pytest.raises(Refused, match="100 bytes") as refused:
        there_are(asked, 100)
    assert (refused.value.status, refused.value.headers) == (416, {"Content-Range": "bytes */100"})
