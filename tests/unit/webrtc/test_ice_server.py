"""STUN and TURN servers as people write them, and as browsers and peers get them."""

from __future__ import annotations

import pytest

from streamdepth.errors import UsageError
from streamdepth.webrtc.ice_server import IceServer

TURN = "write turn:USER:SECRET@HOST:3478"


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("stun:stun.example", IceServer("stun:stun.example")),
        ("stuns:stun.example:5349", IceServer("stuns:stun.example:5349")),
        ("stun:192.0.2.7:3478", IceServer("stun:192.0.2.7:3478")),
        ("stun:me:secret@host", IceServer("stun:host", "me", "secret")),
        ("turn:me:secret@host", IceServer("turn:host", "me", "secret")),
        ("turn:me:a:b/c?d@host:3478", IceServer("turn:host:3478", "me", "a:b/c?d")),
        (
            "turns:me:secret@turn.example:443?transport=tcp",
            IceServer("turns:turn.example:443?transport=tcp", "me", "secret"),
        ),
    ],
)
def test_a_server_is_taken_apart_and_its_address_holds_no_login(text: str, server: IceServer) -> None:
    assert IceServer.parse(text) == server


def test_a_browser_gets_the_login_where_there_is_one() -> None:
    assert IceServer.parse("stun:stun.example:3478").as_json() == {"urls": "stun:stun.example:3478"}
    assert IceServer.parse("turn:me:secret@turn.example:3478?transport=tcp").as_json() == {
        "urls": "turn:turn.example:3478?transport=tcp",
        "username": "me",
        "credential": "secret",
    }


def test_a_link_header_names_a_server_as_whip_says() -> None:
    assert IceServer.parse("stun:stun.example").as_link() == '<stun:stun.example>; rel="ice-server"'
    assert IceServer.parse("turn:me:secret@turn.example").as_link() == (
        '<turn:turn.example>; rel="ice-server"; username="me"; credential="secret"; credential-type="password"'
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "stun.example",
        "http://x",
        "STUN:host",
        "stun:",
        "stun:a b",
        "stun:host:abc",
        "stun:host:",
        "stun:host:123456",
        "stun:host\n",
        "turn:me@host",
        "turn:me:secret@host?transport=sctp",
        "turn:me:secret@[::1]:3478",
    ],
)
def test_what_is_no_ice_server_is_refused(text: str) -> None:
    with pytest.raises(
        UsageError, match=r"is not a STUN or TURN server \(write stun:HOST:3478, or turn:USER"
    ):
        IceServer.parse(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("turn:turn.example:3478", f"'turn:turn.example:3478' lacks its user ({TURN})"),
        ("turns:turn.example", f"'turns:turn.example' lacks its user ({TURN})"),
        (
            "stun:host?transport=tcp",
            "'stun:host?transport=tcp' names a transport, which STUN does not have (leave out what follows ?)",
        ),
    ],
)
def test_what_is_nearly_one_is_told_what_it_lacks(text: str, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        IceServer.parse(text)
    assert str(refused.value) == says


@pytest.mark.parametrize("text", ["turn:me:hunter2@1 2@host", "stun:me:hunter2@host?transport=tcp"])
def test_what_is_refused_is_told_without_its_secret(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        IceServer.parse(text)
    assert "hunter2" not in str(refused.value)
    assert "***@host" in str(refused.value)
