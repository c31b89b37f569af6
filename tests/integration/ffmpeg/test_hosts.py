"""What is found out about a host when FFmpeg says no more than that input or output failed."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from streamdepth.ffmpeg.hosts import host_known, login_unknown_to_ffmpeg, tls_fails


def test_a_host_with_a_number_is_known_and_a_made_up_one_is_not() -> None:
    assert host_known("rtsp://127.0.0.1/1")
    assert host_known("rtsp:///no-host")
    assert not host_known("rtsp://no-such-host.invalid/1")


@pytest.mark.parametrize("scheme", ["https", "rtsps"])
def test_a_server_that_speaks_no_tls_fails_at_it(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        listener.settimeout(10)

        def answer_in_plain_words() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(10)
                connection.recv(1000)
                connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")

        served = pool.submit(answer_in_plain_words)
        assert tls_fails(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/1")
        served.result(10)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/", "https://127.0.0.1:1/", "https://[", "https://a:b/"]
)
def test_where_nothing_was_promised_or_nothing_is_there_tls_is_not_to_blame(address: str) -> None:
    assert not tls_fails(address)


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_a_hash_that_ffmpeg_does_not_know_is_named_and_the_login_is_not_shown(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        listener.settimeout(10)

        def refuse() -> bytes:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(10)
                asked = connection.recv(1000)
                connection.sendall(
                    f"{scheme.upper()}/1.0 401 Unauthorized\r\nCSeq: 1\r\n"
                    'WWW-Authenticate: Digest realm="c", nonce="n", algorithm="SHA-256", stale="FALSE"\r\n\r\n'.encode()
                )
                return asked

        asked = pool.submit(refuse)
        address = f"{scheme}://me:word@127.0.0.1:{listener.getsockname()[1]}/1"
        assert login_unknown_to_ffmpeg(address) == "SHA-256"
        assert b"word" not in asked.result(10)


@pytest.mark.parametrize("address", ["rtsp://me:word@127.0.0.1:1/", "rtsp://127.0.0.1:1/", "rtmp://me:a@h/x"])
def test_where_nothing_answers_no_hash_is_wanted(address: str) -> None:
    assert login_unknown_to_ffmpeg(address) is None
