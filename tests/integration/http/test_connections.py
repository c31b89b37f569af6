"""Connections on which the server waits for the client: few, and not for long."""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import contextmanager

import pytest
from aiortc import RTCCertificate
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from streamdepth.http.connections import Patience, Waiting

GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
HEAD = b"POST /whep HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sdp\r\n"


@pytest.fixture
def crowded(running_service, monkeypatch):
    """A service that waits for three clients."""
    waiting = Waiting(3)
    monkeypatch.setattr("streamdepth.viewers.serving.Waiting", lambda: waiting)
    with running_service() as service:
        service.waiting = waiting
        yield service


@pytest.fixture
def hurried(crowded):
    """And for a second, but for those who were there before."""
    crowded.waiting.patience = Patience(1.0, 1.0, 1.0, 1.0)
    return crowded


@pytest.fixture
def patient(crowded):
    """And for no longer than this machine may take for something else."""
    crowded.waiting.patience = Patience(3.0, 3.0, 3.0, 3.0)
    return crowded


@contextmanager
def connected(service, *, buffer=None):
    host, _, port = service.url.removeprefix("http://").partition(":")
    with socket.socket() as client:
        if buffer is not None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        client.settimeout(10)
        client.connect((host, int(port)))
        yield client


def is_closed(client):
    """Whether the server hangs up, without a word, within ten seconds."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


SILENT = {
    "nothing": b"",
    "a part of a line": b"GET /healthz HT",
    "a part of a head": HEAD,
    "a part of a body": HEAD + b"Content-Length: 5000\r\n\r\nv=0",
    "a part of a chunked body": HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nv=0\r\n",
}


@pytest.mark.parametrize("sent", SILENT.values(), ids=SILENT)
def test_who_sends_no_request_is_hung_up_on(hurried, sent, until):
    with connected(hurried) as client:
        client.sendall(sent)
        assert is_closed(client)
    until(lambda: len(hurried.waiting) == 0)


def test_who_sends_much_may_take_longer_where_it_comes_fast_enough(running_service, monkeypatch):
    patience = Patience(0.5, 5.0, 5.0, 5.0, slowest=10.0)
    monkeypatch.setattr("streamdepth.viewers.serving.Waiting", lambda: Waiting(3, patience))
    began = time.monotonic()
    with running_service() as service, connected(service) as client:
        client.sendall(HEAD + b"Content-Length: 5000\r\n\r\n")
        while time.monotonic() < began + 3:  # the head alone is worth nine seconds
            client.sendall(b"v")
            time.sleep(0.1)
        client.settimeout(0.1)
        with pytest.raises(TimeoutError):
            client.recv(1)


def test_who_sends_it_slowly_is_hung_up_on(hurried, until):
    def sends_in_vain():
        try:
            client.sendall(b"G")
        except ConnectionError:
            return True
        return False

    with connected(hurried) as client:
        until(sends_in_vain)


def test_who_does_not_take_the_answers_is_hung_up_on(hurried, until):
    def asks_in_vain():
        try:
            client.sendall(b"GET /static/page.js HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100)
        except TimeoutError:
            return False  # the server has stopped listening to it
        except ConnectionError:
            return True
        return False

    with connected(hurried, buffer=4096) as client:
        client.settimeout(0.1)
        until(asks_in_vain)
        until(lambda: len(hurried.waiting) == 0)


def test_who_asks_again_and_again_is_not(patient):
    with connected(patient) as client:
        began = time.monotonic()
        while time.monotonic() - began < 5:
            client.sendall(GET)
            answer = b""
            while not answer.endswith(b"}"):
                answer += client.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200")


def test_who_waited_longest_makes_room_and_who_asks_is_served(crowded):
    with connected(crowded) as first, connected(crowded), connected(crowded), connected(crowded) as fourth:
        assert is_closed(first)
        fourth.sendall(GET)
        assert fourth.recv(65536).startswith(b"HTTP/1.1 200")


def test_a_stream_of_pictures_goes_on(patient):
    with connected(patient) as client:
        client.sendall(b"GET /stream.mjpg HTTP/1.1\r\nHost: localhost\r\n\r\n")
        began, last = time.monotonic(), b""
        while time.monotonic() - began < 6:
            last = client.recv(65536)
        assert last


@pytest.fixture
def certificate(tmp_path):
    made = RTCCertificate.generateCertificate()
    key = made._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(key)
    (tmp_path / "cert.pem").write_bytes(made._cert.public_bytes(Encoding.PEM))
    return {"certificate": tmp_path / "cert.pem", "key": tmp_path / "key.pem"}


def test_who_never_agrees_on_a_cipher_is_hung_up_on_and_the_others_are_served(
    running_service, certificate, monkeypatch
):
    monkeypatch.setattr("streamdepth.viewers.serving.TLS_PATIENCE", 3.0)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with running_service(fed=False, **certificate) as service:
        service.url = service.url.replace("https://", "http://")
        with connected(service) as silent:
            assert is_closed(silent)
        with connected(service) as client, context.wrap_socket(client) as secure:
            secure.sendall(GET)
            assert secure.recv(65536).startswith(b"HTTP/1.1 503")  # no picture yet
