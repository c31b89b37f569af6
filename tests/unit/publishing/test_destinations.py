from __future__ import annotations

import traceback

import pytest

from streamdepth.errors import UsageError
from streamdepth.publishing.destinations import Destination, Protocol, parse_all


def test_an_rtsp_address_is_taken_apart():
    one = Destination.parse("rtsp://me:p%2Fw@cam.example/live/depth?x=1")
    assert (one.protocol, one.host, one.port) == (Protocol.RTSP, "cam.example", 554)
    assert (one.user, one.password) == ("me", "p/w")
    assert one.url == "rtsp://cam.example/live/depth?x=1"
    assert one.name == "rtsp://***@cam.example/live/depth?x=1"


@pytest.mark.parametrize(
    ("address", "url", "port"),
    [
        ("whip+http://media.example:8889/depth/whip", "http://media.example:8889/depth/whip", 8889),
        ("WHIP+HTTPS://tok-en.1@media.example", "https://media.example/", 443),
        ("whip+http://[::1]/x", "http://[::1]/x", 80),
    ],
)
def test_a_whip_address_is_that_of_a_web_server(address, url, port):
    one = Destination.parse(address)
    assert (one.protocol, one.url, one.port) == (Protocol.WHIP, url, port)


def test_what_stands_before_the_host_is_a_token_or_a_login():
    token = Destination.parse("whip+https://abc%2Fdef==@h/x")
    assert (token.user, token.password) == ("abc/def==", None)
    assert Destination.parse("whip+https://:abc@h/x").user == "abc"
    login = Destination.parse("whip+https://me:word@h/x")
    assert (login.user, login.password) == ("me", "word")


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://h/x", "rtsp://HOST/PATH"),
        ("rtmp://h/x", "rtsp://HOST/PATH"),
        ("whip://h/x", "whip+http://HOST/PATH"),
        ("rtsps://h/x", "rtsp://HOST/PATH"),
        ("rtsp:///x", "names no host"),
        ("nonsense", "rtsp://HOST/PATH"),
        ("rtsp://h:99999/x", "cannot be read"),
        ("rtsp://me:hunter2/2@h/x", "%2F"),
        ("rtsp://[half/x", "cannot be read"),
        ("rtsp://h/a b", "%20"),
        ("rtsp://h/a\r\nX-Injected: 1", "%20"),
        ("rtsp://me:hunter2%0D%0Ax@h/x", "control characters"),
        ("whip+http://hunter2%20x@h/x", "bearer token"),
    ],
)
def test_what_cannot_be_published_to_is_wrong_usage_and_shows_no_secret(address, says):
    with pytest.raises(UsageError, match=r"\(.*\)$") as caught:
        Destination.parse(address)
    assert says in str(caught.value)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_the_same_place_is_named_once():
    assert len(parse_all(["rtsp://h/x", "rtsp://h/y", "whip+http://h/x"])) == 3
    with pytest.raises(UsageError, match="twice"):
        parse_all(["rtsp://h/x", "rtsp://me:word@h/x"])


def test_a_login_is_not_in_what_a_debugger_shows():
    assert "hunter2" not in repr(Destination.parse("rtsp://me:hunter2@h/x"))
