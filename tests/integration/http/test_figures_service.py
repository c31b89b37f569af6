"""`--metrics HOST:PORT` over a socket."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request

import pytest

from streamdepth.errors import SinkError, UsageError
from streamdepth.http.figures_service import FiguresService, read_place


def ask(service, path="/metrics"):
    with urllib.request.urlopen(f"http://127.0.0.1:{service.port}{path}", timeout=10) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def test_figures_are_those_of_the_moment_also_while_somebody_drips():
    said = iter(["one 1\n", "two 2\n"])
    service = FiguresService("127.0.0.1:0", lambda: next(said))
    try:
        assert ask(service) == ("text/plain; version=0.0.4; charset=utf-8", "one 1\n")
        with socket.create_connection(("127.0.0.1", service.port)):
            assert ask(service)[1] == "two 2\n"
        with pytest.raises(urllib.error.HTTPError, match="404") as refused:
            ask(service, "/")
        refused.value.close()
        with pytest.raises(SinkError, match="name another place for --metrics"):
            FiguresService(f":{service.port}", str)
    finally:
        service.close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", service.port), 5)


def test_figures_that_cannot_be_told_are_an_answer_and_a_word_in_the_log(caplog):
    service = FiguresService("127.0.0.1:0", lambda: {}["model"])
    try:
        with pytest.raises(urllib.error.HTTPError, match="500") as refused:
            ask(service)
        assert b"the log says why" in refused.value.read()
        refused.value.close()
        (line,) = caplog.records
        assert (line.getMessage(), line.exc_info[0]) == ("the figures cannot be collected", KeyError)
    finally:
        service.close()


def test_a_place_is_a_host_and_a_port():
    assert read_place(":9100") == ("127.0.0.1", 9100)
    assert read_place("[::1]:9100") == ("::1", 9100)
    assert read_place("0.0.0.0:9100") == ("0.0.0.0", 9100)
    for wrong in ("9100", "host", "http://host:9100", "a:b:1", "host:99999"):
        with pytest.raises(UsageError):
            read_place(wrong)
