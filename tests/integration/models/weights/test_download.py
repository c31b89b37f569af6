"""One file over HTTP, from servers that break off, drip or fall silent."""

import socket
import threading

import pytest
from weights_server import CONTENT, card_at

from streamdepth.errors import WeightsError
from streamdepth.models.weights import download as _download
from streamdepth.models.weights.store import find_weights


def test_a_partial_download_is_resumed_where_it_ended(card, server, tmp_path):
    (tmp_path / "net-1234abcd.pt.part").write_bytes(CONTENT[:100_000])
    assert find_weights(card, tmp_path).read_bytes() == CONTENT
    assert server.requests == [("/net-1234abcd.pt", "bytes=100000-")]
    assert [path.name for path in tmp_path.iterdir()] == ["net-1234abcd.pt"]


def test_a_server_that_cannot_resume_begins_anew(card, server, tmp_path):
    server.ranges = False
    (tmp_path / "net-1234abcd.pt.part").write_bytes(b"x" * 1000)
    assert find_weights(card, tmp_path).read_bytes() == CONTENT


def test_a_connection_that_breaks_is_taken_up_again_in_the_same_run(card, server, tmp_path):
    server.breaks = [100_000, 200_000]
    assert find_weights(card, tmp_path).read_bytes() == CONTENT
    assert [asked for _, asked in server.requests] == [None, "bytes=100000-", "bytes=300000-"]


def test_a_download_that_stays_too_short_fails_and_keeps_what_came(card, server, tmp_path):
    server.breaks = [100_000, 0]
    with pytest.raises(WeightsError, match=f"100000 of {len(CONTENT)} bytes"):
        find_weights(card, tmp_path)
    assert (tmp_path / "net-1234abcd.pt.part").read_bytes() == CONTENT[:100_000]
    assert find_weights(card, tmp_path, retry=True).read_bytes() == CONTENT


def test_a_server_that_breaks_off_and_cannot_resume_is_not_asked_for_ever(card, server, tmp_path):
    server.ranges = False
    server.breaks = [100_000] * 50
    with pytest.raises(WeightsError, match="could not be fetched"):
        find_weights(card, tmp_path)
    assert len(server.requests) == 2


@pytest.mark.timeout(20)
@pytest.mark.usefixtures("short_waits")
@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\nfirst bytes"])
def test_a_server_that_falls_silent_is_given_up(answer, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        connections = []

        def accept():
            while True:
                try:
                    connections.append(silent.accept()[0])
                except OSError:
                    return
                connections[-1].sendall(answer)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        with pytest.raises(WeightsError, match="timed out"):
            find_weights(card_at(f"http://127.0.0.1:{silent.getsockname()[1]}/a.pt"), tmp_path)
        silent.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        for connection in connections:
            connection.close()


def test_a_server_that_drips_is_given_up(server, tmp_path, monkeypatch):
    monkeypatch.setattr(_download, "STALL_BYTES", 10 * len(CONTENT))
    seconds = iter(range(0, 100_000, 10))
    with pytest.raises(_download.DownloadFailed, match="too slow"):
        _download.download(server.url(), tmp_path / "part", lambda *_: None, lambda: next(seconds))
    assert len(server.requests) == 1
