import hashlib
import json
import os
import socket
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from streamdepth.errors import ModelError, UsageError, WeightsError
from streamdepth.models.registry import MIDAS_SMALL, NANO
from streamdepth.models.weights import download as _download
from streamdepth.models.weights import store as weights
from streamdepth.models.weights.store import cached_weights, find_weights, verify_weights

CONTENT = bytes(range(256)) * 2000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
DAY = 24 * 3600


class Server(ThreadingHTTPServer):
    """Serves CONTENT on loopback under any name; `breaks` are the bytes after which one answer each breaks off."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = CONTENT
        self.ranges = True
        self.breaks = []
        self.requests = []
        self.missing = ()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def url(self, name="net-1234abcd.pt"):
        return f"http://127.0.0.1:{self.server_address[1]}/{name}"


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        server, asked = self.server, self.headers.get("Range")
        server.requests.append((self.path, asked))
        if self.path in server.missing:
            self.send_error(404)
            return
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and server.ranges else 0
        if start >= len(server.content):
            self.send_error(416)
            return
        body = server.content[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header(
                "Content-Range", f"bytes {start}-{len(server.content) - 1}/{len(server.content)}"
            )
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: server.breaks.pop(0)] if server.breaks else body)


@pytest.fixture
def server():
    server = Server()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def card(server):
    return card_at(server.url())


@pytest.fixture(autouse=True)
def short_waits_and_no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(_download, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(_download, "STALL_SECONDS", 0.5)


def card_at(*urls):
    return replace(MIDAS_SMALL, urls=urls, sha256_prefix=DIGEST[:8])


def leftovers(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_download_arrives_whole_and_under_its_name(card, tmp_path):
    told = []
    path = find_weights(card, tmp_path / "new" / "folder", lambda *bytes_: told.append(bytes_))
    assert path.read_bytes() == CONTENT
    assert leftovers(path.parent) == ["net-1234abcd.pt"]
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_what_is_cached_is_not_fetched_again(card, server, tmp_path):
    first = find_weights(card, tmp_path)
    assert find_weights(card, tmp_path) == first == cached_weights(card, tmp_path)
    assert len(server.requests) == 1


def test_a_file_put_into_the_cache_under_another_published_name_is_found(server, tmp_path):
    card = card_at(server.url("a.pt"), server.url("b.pt"))
    (tmp_path / "b.pt").write_bytes(b"mine")
    assert find_weights(card, tmp_path).name == "b.pt"
    assert server.requests == []


def test_a_partial_download_is_resumed_where_it_ended(card, server, tmp_path):
    (tmp_path / "net-1234abcd.pt.part").write_bytes(CONTENT[:100_000])
    assert find_weights(card, tmp_path).read_bytes() == CONTENT
    assert server.requests == [("/net-1234abcd.pt", "bytes=100000-")]
    assert leftovers(tmp_path) == ["net-1234abcd.pt"]


def test_a_partial_download_of_a_killed_process_is_taken_over_once_it_is_old(card, server, tmp_path):
    for name, age in (("0a", 300), ("0b", 1)):
        orphan = tmp_path / f"net-1234abcd.pt.part.{name}"
        orphan.write_bytes(CONTENT[: 1000 * age])
        os.utime(orphan, (10_000 - age, 10_000 - age))
    assert find_weights(card, tmp_path, now=lambda: 10_000).read_bytes() == CONTENT
    assert server.requests == [("/net-1234abcd.pt", "bytes=300000-")]
    assert leftovers(tmp_path) == ["net-1234abcd.pt", "net-1234abcd.pt.part.0b"]


def test_a_partial_download_that_was_complete_is_only_checked(card, tmp_path):
    (tmp_path / "net-1234abcd.pt.part").write_bytes(CONTENT)
    assert find_weights(card, tmp_path).read_bytes() == CONTENT


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


def test_a_wrong_file_is_deleted_and_said_so(card, server, tmp_path):
    server.content = b"<html>please log in</html>"
    with pytest.raises(WeightsError, match=f"another file.*not with {DIGEST[:8]}"):
        find_weights(card, tmp_path)
    assert leftovers(tmp_path) == ["midas-small.failed.json"]


def test_the_next_place_is_tried_where_the_first_has_no_such_file(server, tmp_path):
    server.missing = ("/a.pt",)
    path = find_weights(card_at(server.url("a.pt"), server.url("b.pt")), tmp_path)
    assert path.name == "a.pt"
    assert path.read_bytes() == CONTENT


def test_a_file_that_no_place_has_is_an_error_with_the_answer(card, server, tmp_path):
    server.missing = ("/net-1234abcd.pt",)
    with pytest.raises(WeightsError, match=r"answered 404.*pass the file with --model"):
        find_weights(card, tmp_path)


def test_a_host_that_refuses_is_asked_once(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        host = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(WeightsError, match=r"could not be fetched: .*refused"):
            find_weights(card_at(f"{host}/a.pt", f"{host}/b.pt"), tmp_path)


@pytest.mark.timeout(20)
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


def test_a_failure_is_remembered_for_a_day_and_not_longer(card, server, tmp_path):
    server.missing = ("/net-1234abcd.pt",)
    with pytest.raises(WeightsError):
        find_weights(card, tmp_path, now=lambda: 1_000_000)
    server.missing = ()
    for later, age in ((20, "a moment ago"), (60, "1 min ago"), (7200, "2 h ago"), (DAY - 1, "24 h ago")):
        with pytest.raises(WeightsError, match=rf"404.*{age} \(streamdepth models fetch midas-small"):
            find_weights(card, tmp_path, now=lambda later=later: 1_000_000 + later)
    assert len(server.requests) == 1
    assert find_weights(card, tmp_path, now=lambda: 1_000_000 + DAY).is_file()
    assert leftovers(tmp_path) == ["net-1234abcd.pt"]


def test_a_remembered_failure_does_not_stop_who_asks_for_another_try(card, server, tmp_path):
    server.missing = ("/net-1234abcd.pt",)
    with pytest.raises(WeightsError):
        find_weights(card, tmp_path)
    server.missing = ()
    assert find_weights(card, tmp_path, retry=True).is_file()
    assert not (tmp_path / "midas-small.failed.json").exists()


@pytest.mark.parametrize(
    "memory", ["", "[]", '{"at": "x", "what": ""}', json.dumps({"at": 9e12, "what": "future"})]
)
def test_a_damaged_memory_or_one_from_the_future_is_ignored(memory, card, tmp_path):
    (tmp_path / "midas-small.failed.json").write_text(memory)
    assert find_weights(card, tmp_path).is_file()


def test_a_cache_that_cannot_be_written_is_named_and_not_remembered(card, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WeightsError, match=r"cache folder .*file.* \(choose another cache folder"):
        find_weights(card, tmp_path / "file" / "cache")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_disk_that_is_full_is_named_and_not_remembered(card, tmp_path, monkeypatch):
    with Path("/dev/full").open("wb", 0) as full:
        monkeypatch.setattr(_download, "_writable", lambda *_, **__: full)
        with pytest.raises(WeightsError, match=r"No space left on device.*free some space"):
            find_weights(card, tmp_path)
    assert leftovers(tmp_path) == []


def test_verification_compares_with_the_published_hash(tmp_path):
    path = tmp_path / "net.pt"
    path.write_bytes(CONTENT)
    card = card_at("http://127.0.0.1/net.pt")
    assert verify_weights(path, card) == DIGEST
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(WeightsError, match=f"not {DIGEST[:8]}"):
        verify_weights(path, card)


def test_bundled_weights_need_no_cache_and_their_absence_is_clear(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "DATA", tmp_path)
    with pytest.raises(ModelError, match="nano are not in this installation"):
        find_weights("nano")
    (tmp_path / "nano.safetensors").write_bytes(b"")
    assert find_weights(NANO) == tmp_path / "nano.safetensors"


def test_an_unknown_model_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="no model 'midas-large'"):
        find_weights("midas-large", tmp_path)
