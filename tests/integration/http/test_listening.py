from __future__ import annotations

import socket

import pytest

from streamdepth.errors import SinkError, UsageError
from streamdepth.http.listening import address, check_port, is_loopback, listen


def test_a_port_in_use_is_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SinkError, match=rf"port {port}.*\(stop what uses the port, or name another"):
            listen("127.0.0.1", port)


def test_a_port_that_there_is_not_is_refused():
    with pytest.raises(UsageError, match="there is no port 70000"):
        check_port(70000)


def test_the_address_has_the_token_where_no_browser_sends_it():
    with listen("0.0.0.0", 0) as listener:
        shown = address(listener, "https", "long-enough")
        assert shown.startswith("https://")
        assert shown.endswith(f":{listener.getsockname()[1]}/#token=long-enough")
        assert "0.0.0.0" not in shown


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("a.b", False)],
)
def test_only_this_machine_reaches_loopback(host, own):
    assert is_loopback(host) is own
