"""`streamdepth health`: asked of a running service, of one that is not ready, and of what is none."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from depth_services import loaded, running_depth

from streamdepth.cli.app import main
from streamdepth.errors import SourceError, SourceTimeout, UsageError
from streamdepth.http.health import ALIVE, READY, Place, ask

BOUND = 20.0


@contextmanager
def answering(*parts, pause=0.0):
    """A server that sends the parts one after the other to whoever comes, and then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        leave = threading.Event()

        def run():
            with listener.accept()[0] as line:
                line.recv(1000)
                for part in parts:
                    line.sendall(part)
                    if leave.wait(pause):
                        return

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            leave.set()
            thread.join(BOUND)


def status_of(*words):
    with pytest.raises(SystemExit) as left:
        main(["health", *words])
    return left.value.code


def test_a_service_that_answers_pictures_is_ready_and_alive(capsys):
    with running_depth() as client:
        assert status_of(client.url) == 0
        assert status_of(client.url, "--live") == 0
        assert status_of(f"{client.url}/v2/health/ready") == 0
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        f"{client.url}/readyz answers: it is ready",
        f"{client.url}/healthz answers: it is alive",
        f"{client.url}/v2/health/ready answers: it is ready",
    ]


def test_one_that_still_loads_is_alive_and_not_ready(capsys):
    gate = threading.Event()

    def load():
        assert gate.wait(BOUND)
        return loaded()

    with running_depth(load=load) as client:
        client.ask("/healthz")  # waits for its start, which may take longer than the command waits
        assert status_of(client.url, "--live") == 0
        assert status_of(client.url) == 1
        gate.set()
    told = capsys.readouterr().err
    assert told == (
        f"streamdepth: error: {client.url}/readyz answers 503 Service Unavailable: "
        "the network is being loaded (ask again in a moment)\n"
    )


def test_where_nobody_listens_that_is_said():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        place = Place.of(f"http://127.0.0.1:{listener.getsockname()[1]}", READY)
    with pytest.raises(SourceError, match=r"does not answer: connection refused \(check the host"):
        ask(place, BOUND)


def test_what_is_no_http_is_no_answer():
    with answering(b"SSH-2.0-somebody\r\n") as url, pytest.raises(SourceError, match="does not answer"):
        ask(Place.of(url, READY), BOUND)


def test_a_redirection_is_not_followed():
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    with answering(moved) as url, pytest.raises(SourceError, match="answers 302 Found"):
        ask(Place.of(url, READY), BOUND)


def test_the_bound_holds_in_all_also_where_every_byte_comes_in_time():
    drops = [bytes([byte]) for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1000]
    with answering(*drops, pause=0.05) as url:
        begin = time.monotonic()
        with pytest.raises(SourceTimeout, match=r"has not answered within 0\.3 s"):
            ask(Place.of(url, ALIVE), 0.3)
        assert time.monotonic() - begin < 10.0


@pytest.mark.parametrize(
    "address", ["somewhere:8000", "ftp://host/", "http://", "http://host:port", "http://me:secret@host"]
)
def test_what_is_no_address_is_a_wrong_call_that_shows_no_secret(address):
    with pytest.raises(UsageError, match="give it as http://HOST:PORT") as refused:
        Place.of(address, READY)
    assert "secret" not in str(refused.value)


def test_a_place_is_shown_without_its_query():
    assert str(Place.of("https://[::1]:8443/healthz?token=secret", READY)) == "https://[::1]:8443/healthz"
    assert Place.of("http://host/healthz?a=b", READY).path == "/healthz?a=b"


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("", "/readyz"),
        ("/", "/readyz"),
        ("/depth/", "/depth/readyz"),
        ("/depth", "/depth"),
        ("?a=b", "/readyz?a=b"),
    ],
)
def test_a_slash_at_the_end_is_that_of_a_service_below_a_path(address, asked):
    assert Place.of(f"http://host{address}", READY).path == asked


def test_a_page_says_nothing_of_a_service():
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 0\r\n\r\n"
    with (
        answering(page) as url,
        pytest.raises(SourceError, match=r"answers with a page.* with a slash at its end"),
    ):
        ask(Place.of(f"{url}/depth", READY), BOUND)


def test_a_probe_loads_nothing_heavy():
    probe = (
        "import sys\nfrom streamdepth.cli.app import main\n"
        "try:\n    main(['health', 'http://127.0.0.1:1', '--timeout', '1'])\n"
        "except SystemExit as left:\n    assert left.code == 1\n"
        "print([name for name in ('numpy', 'cv2', 'av', 'fastapi', 'uvicorn', 'rich') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[]\n"
