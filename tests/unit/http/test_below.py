"""A service that a proxy asks by the whole path of its host."""

from __future__ import annotations

import asyncio

import pytest

from streamdepth.errors import UsageError
from streamdepth.http.below import below, read_root_path


async def seen(scope, _receive, _send):
    scope["seen"].append((scope["path"], scope["raw_path"]))


def asked(path, root="/a/depth"):
    scope = {"type": "http", "path": path, "raw_path": path.encode(), "seen": []}
    asyncio.run(below(root, seen)(scope, None, None))
    return scope["seen"][0][0]


@pytest.mark.parametrize(
    ("path", "is_asked"),
    [
        ("/a/depth/v1/depth", "/v1/depth"),
        ("/a/depth/", "/"),
        ("/a/depth/a/depth", "/a/depth"),
        ("/readyz", "/readyz"),
        ("/a/depths", "/a/depths"),
    ],
)
def test_the_path_is_taken_away_where_it_is_there(path, is_asked):
    assert asked(path) == is_asked
    assert asked(path, "") == path


@pytest.mark.parametrize(("query", "there"), [(b"", b"depth/"), (b"a=1&b=%2F", b"depth/?a=1&b=%2F")])
def test_the_path_without_a_slash_is_led_to_where_what_a_page_names_is_found(query, there):
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": "/a/depth", "query_string": query, "seen": []}
    asyncio.run(below("/a/depth", seen)(scope, None, send))
    assert (sent[0]["status"], dict(sent[0]["headers"])[b"location"]) == (307, there)
    assert scope["seen"] == [], "the service is not asked"


@pytest.mark.parametrize(
    ("text", "path"), [("", ""), ("/", ""), ("/depth/", "/depth"), ("/a/b_2.x", "/a/b_2.x")]
)
def test_a_path_is_read_with_its_slash_at_the_end_or_without(text, path):
    assert read_root_path(text) == path


@pytest.mark.parametrize("text", ["depth", "https://host/depth", "/a//b", "/a/../b", "/a b", "/a?b"])
def test_what_is_no_path_is_refused(text):
    with pytest.raises(UsageError, match="say it as /depth"):
        read_root_path(text)
