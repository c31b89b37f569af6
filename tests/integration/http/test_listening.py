from __future__ import annotations

import errno
import socket
from urllib.parse import urlsplit

import pytest

from streamdepth.errors import SinkError, UsageError
from streamdepth.http.listening import address, check_host, check_port, is_loopback, listen
from streamdepth.http.tokens import token_in


def test_a_port_in_use_is_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SinkError, match=rf"port {port}.*\(stop what uses the port, or name another"):
            listen("127.0.0.1", port)


def test_an_address_of_another_machine_is_not_blamed_on_the_port():
    with pytest.raises(
        SinkError, match=r"198\.51\.100\.1 port 0: .* \(name an address of this machine with --host"
    ):
        listen("198.51.100.1", 0)


def test_a_port_of_the_system_is_told_as_such(monkeypatch):
    def refuse(*_arguments):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(SinkError, match=r"port 80: Permission denied \(ports below 1024 are for the system"):
        listen("127.0.0.1", 80)


def test_a_port_that_there_is_not_is_refused():
    with pytest.raises(UsageError, match="there is no port 70000"):
        check_port(70000)


def test_an_empty_name_is_not_all_addresses() -> None:
    with pytest.raises(UsageError, match="--host is empty"):
        check_host("")


def test_the_address_has_the_token_where_no_browser_sends_it():
    with listen("0.0.0.0", 0) as listener:
        shown = address(listener, "https", "long-enough")
        assert shown.startswith("https://")
        assert shown.endswith(f":{listener.getsockname()[1]}/#token=long-enough")
        assert "0.0.0.0" not in shown


@pytest.mark.parametrize("token", ["Zm9v+YmFy/w==", "a&b#c%41d?e"])
def test_a_token_of_odd_characters_comes_out_of_the_address_as_it_is(token):
    with listen("127.0.0.1", 0) as listener:
        assert token_in(urlsplit(address(listener, token=token)).fragment) == token


@pytest.mark.parametrize(
    ("host", "own"),
    [
        *[(host, True) for host in ("127.0.0.9", "::1", "[::1]", "localhost", "LocalHost")],
        *[(host, False) for host in ("0.0.0.0", "a.b", "[::]", "[::1", "[]", "")],
    ],
)
def test_only_this_machine_reaches_loopback(host, own):
    assert is_loopback(host) is own


def test_an_address_in_brackets_is_listened_on(monkeypatch):
    asked = []

    def resolved(host, *_words, **_more):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    listen("[::1]", 0).close()
    assert asked == ["::1"]
