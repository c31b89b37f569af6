from __future__ import annotations

import pytest

from streamdepth.errors import UsageError
from streamdepth.http.tokens import Tokens
from streamdepth.server.settings import CacheSettings, Limits, ServeSettings


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "depth.example"])
def test_beyond_this_machine_a_token_or_a_clear_word_is_needed(host):
    with pytest.raises(UsageError, match=r"anybody in the network could use it \(add --tokens FILE"):
        ServeSettings(host=host)
    assert not ServeSettings(host=host, tokens=Tokens.of("long-enough")).is_public
    assert ServeSettings(host=host, insecure=True).is_public
    assert not ServeSettings(insecure=True).is_public


@pytest.mark.parametrize(
    "wrong",
    [
        {"port": 70000},
        {"host": "", "insecure": True},
        {"cache": CacheSettings("disk")},
        {"cache": CacheSettings("http://localhost")},
        {"cache": CacheSettings("redis://localhost:99999")},
        {"cache": CacheSettings("redis://localhost:port")},
        {"pages": ("*",)},
        {"pages": ("https://app.example/path",)},
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(UsageError):
        ServeSettings(**wrong)
    assert ServeSettings(
        cache=CacheSettings("redis://localhost:6379/1"), pages=("https://a.example:8443",)
    ).pages


def test_the_line_grows_with_the_lanes_unless_it_is_named():
    assert (Limits().line(2), Limits().line(16)) == (16, 128)
    assert Limits(waiting=3).line(16) == 3
    assert Limits().shortens
    assert not Limits(waiting=3).shortens
