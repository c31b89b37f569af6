from __future__ import annotations

import errno
import socket
import ssl

import pytest

from streamdepth.connecting import why_no_connection


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), "host not known"),
        (ConnectionRefusedError(), "refused"),
        (TimeoutError(), "no answer"),
        (OSError(errno.EHOSTUNREACH, "x"), "cannot be reached"),
        (ConnectionResetError(), "broke off"),
        (ssl.SSLError(1, "x"), "no secure connection"),
    ],
)
def test_why_a_server_cannot_be_reached_is_told_in_words(error, says):
    assert says in why_no_connection(error)[0]
