"""What is found out about a host when FFmpeg says no more than that input or output failed."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from streamdepth.ffmpeg.hosts import host_known, login_unknown_to_ffmpeg, tls_fails


@contextmanager
def answering(answer: str) -> Iterator[tuple[int, Future[bytes]]]:
    """The port of a server that answers once, and what it is asked."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        listener.settimeout(10)

        def serve() -> bytes:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(10)
                asked = connection.recv(1000)
                connection.sendall(answer.encode())
                return asked

        yield listener.getsockname()[1], pool.submit(serve)


def test_a_host_with_a_number_is_known_and_a_made_up_one_is_not() -> None:
    assert host_known("rtsp://127.0.0.1/1")
    assert host_known("rtsp:///no-host")
    assert not host_known("rtsp://no-such-host.invalid/1")


@pytest.mark.parametrize("scheme", ["https", "rtsps"])
def test_a_server_that_speaks_no_tls_fails_at_it(scheme: str) -> None:
    with answering("HTTP/1.0 400 Bad Request\r\n\r\n") as (port, asked):
        assert tls_fails(f"{scheme}://127.0.0.1:{port}/1")
        asked.result(10)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/", "https://127.0.0.1:1/", "https://[", "https://a:b/"]
)
def test_where_nothing_was_promised_or_nothing_is_there_tls_is_not_to_blame(address: str) -> None:
    assert not tls_fails(address)


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_a_hash_that_ffmpeg_does_not_know_is_named_and_the_login_is_not_shown(scheme: str) -> None:
    refusal = (
        f"{scheme.upper()}/1.0 401 Unauthorized\r\nCSeq: 1\r\n"
        'WWW-Authenticate: Digest realm="c", nonce="n", algorithm="SHA-256", stale="FALSE"\r\n\r\n'
    )
    with answering(refusal) as (port, asked):
        assert login_unknown_to_ffmpeg(f"{scheme}://me:word@127.0.0.1:{port}/1") == "SHA-256"
        assert b"word" not in asked.result(10)


@pytest.mark.parametrize("address", ["rtsp://me:word@127.0.0.1:1/", "rtsp://127.0.0.1:1/", "rtmp://me:a@h/x"])
def test_where_nothing_answers_no_hash_is_wanted(address: str) -> None:
    assert login_unknown_to_ffmpeg(address) is None
