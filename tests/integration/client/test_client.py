"""The client against a running service."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager

import cv2
import numpy as np
import pytest
from depth_services import Network, filled, running_depth
from pictures import encoded, picture, written

from streamdepth.client import Client, ServiceError
from streamdepth.errors import SourceError, UsageError
from streamdepth.frames import DepthMeaning
from streamdepth.http.tokens import Tokens
from streamdepth.server.settings import Limits

PNG = encoded(".png", picture())


def test_it_gives_depth_a_heat_map_and_statistics(tmp_path):
    with running_depth() as service, Client(service.url) as client:
        depth = client.depth(written(tmp_path / "a.png", PNG))
        assert depth.values.shape == (64, 64)
        assert depth.values.dtype == np.float32
        assert (depth.meaning, depth.model) == (DepthMeaning.INVERSE_RELATIVE, "green")
        assert client.depth(PNG, size="source").values.shape == (48, 64)
        shown = cv2.imdecode(
            np.frombuffer(client.heat_map(PNG, layout="overlay"), np.uint8), cv2.IMREAD_COLOR
        )
        assert shown.shape == (48, 64, 3)
        told = client.statistics(PNG, [(0, 0, 10, 10), (40, 0, 10, 10)])
        assert told["boxes"][1]["median"] > told["boxes"][0]["median"]


def test_a_refusal_is_one_error_with_the_sentence_of_the_service():
    with running_depth(tokens=Tokens.of("right-token")) as service:
        with (
            Client(service.url) as client,
            pytest.raises(ServiceError, match="the token is missing") as refused,
        ):
            client.depth(PNG)
        assert refused.value.status == 401
        with Client(service.url, "right-token") as client:
            assert client.depth(PNG).values.size
            with pytest.raises(
                ServiceError, match=r"is not an image.*\(check that it opens elsewhere"
            ) as refused:
                client.depth(b"no picture")
        assert refused.value.status == 415


def test_a_connection_that_was_closed_meanwhile_is_opened_again(monkeypatch):
    monkeypatch.setattr("streamdepth.server.service.KEEP_ALIVE", 0)
    with running_depth() as service, Client(service.url) as client:
        for _ in range(3):
            assert client.depth(PNG).values.size
            assert client._connection.sock.recv(1, socket.MSG_PEEK) == b"", "it has been closed"


def test_a_full_service_is_asked_again_when_it_wants_to_be():
    network, slept = Network(), []

    def sleep(seconds):
        slept.append(seconds)
        network.gate.set()
        service_is_free()

    with (
        running_depth(network, limits=Limits(waiting=1)) as service,
        filled(service, network) as service_is_free,
        Client(service.url, sleep=sleep) as client,
    ):
        assert client.depth(PNG).values.size
    assert slept
    assert min(slept) >= 1


def test_who_has_no_patience_is_told_at_once():
    network = Network()
    with (
        running_depth(network, limits=Limits(waiting=1)) as service,
        filled(service, network),
        Client(service.url, patience=0.5) as client,
        pytest.raises(ServiceError, match="too much waits already") as refused,
    ):
        client.depth(PNG)
    assert (refused.value.status, refused.value.retry_after is not None) == (429, True)


def test_where_nothing_listens_it_is_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(
        ServiceError, match=rf"^http://127.0.0.1:{port} does not answer: connection refused \(check the host"
    ):
        Client(f"http://127.0.0.1:{port}").depth(PNG)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1:8000",
        "ftp://a",
        "http://",
        "",
        "http://[::1",
        "http://a:99999",
        "http://a:b",
        "http://me:secret@a:80",
    ],
)
def test_what_is_no_address_is_told(address):
    with pytest.raises(UsageError, match="not the address of a service") as error:
        Client(address)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("timeout", [0, -1.0, float("nan")])
def test_no_time_is_no_time_out(timeout):
    with pytest.raises(UsageError, match="give a timeout above 0"):
        Client(timeout=timeout)


@pytest.mark.parametrize("token", ["", "two words", "a-token\n", "schlüssel"])
def test_what_is_no_token_is_told(token):
    with pytest.raises(UsageError, match="not allowed"):
        Client("http://127.0.0.1:8000", token)


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path):
    with running_depth() as service, Client(service.url) as client:
        for path in (tmp_path / "none.jpg", tmp_path):
            with pytest.raises(SourceError, match=r"cannot read .* \(name a picture file\)"):
                client.depth(path)
        assert client.depth(PNG).values.size


@contextmanager
def saying(answer, read=100_000):
    """What answers one request, of which it reads so many bytes, with `answer`; yields its address and the request."""
    heard = []

    def speak():
        with listener.accept()[0] as line:
            line.settimeout(10)
            while sum(map(len, heard)) < read and not b"".join(heard).endswith(PNG):
                heard.append(line.recv(min(read, 65536)))
            line.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        speaker = threading.Thread(target=speak, daemon=True)
        speaker.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", heard
        speaker.join(10)


def said(status, body=b"", *headers):
    lines = (f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close", "", "")
    return "\r\n".join(lines).encode() + body


@pytest.mark.parametrize(
    "answer",
    [
        said("200 OK", b"<html>Log in to this network</html>", "Content-Type: text/html"),
        said("200 OK", b"no numpy", "Content-Type: application/x-npy"),
        said("200 OK", b"", "Content-Type: application/x-npy"),
        said("200 OK", b"PK\x03\x04", "Content-Type: application/x-npy"),
        said("200 OK", b"\x93NUMPY\x01\x00\x02\x00(\n", "Content-Type: application/x-npy"),
    ],
)
def test_what_answers_and_is_no_service_is_told(answer):
    with (
        saying(answer) as (url, _),
        Client(url) as client,
        pytest.raises(ServiceError, match="is not a depth service"),
    ):
        client.depth(PNG)


@pytest.mark.parametrize(
    ("location", "address"),
    [
        ("https://depth.example/v1/depth?size=network", "https://depth.example"),
        ("/below/v1/depth?size=network", "{url}/below"),
    ],
)
def test_a_service_that_is_elsewhere_names_the_address_to_give(location, address):
    answer = said("308 Permanent Redirect", b"", f"Location: {location}")
    with (
        saying(answer) as (url, _),
        Client(url) as client,
        pytest.raises(ServiceError, match="give that address") as refused,
    ):
        client.depth(PNG)
    assert str(refused.value) == f"{url} says that it is at {address.format(url=url)} (give that address)"
    assert refused.value.status == 308


@pytest.mark.parametrize(
    "headers", [(), ("Location: https://login.example/?back=1",), ("Location: http://[",), ("Location: #",)]
)
def test_a_redirect_that_leads_to_no_service_is_told(headers):
    with (
        saying(said("302 Found", b"", *headers)) as (url, _),
        Client(url) as client,
        pytest.raises(ServiceError, match="is not a depth service"),
    ):
        client.depth(PNG)


def test_what_was_said_before_the_line_was_cut_is_what_is_told():
    """As a proxy that reads no picture to its end says 413."""
    answer = said("413 Content Too Large", b'{"detail": "the upload is too large"}')
    with (
        saying(answer, read=1) as (url, _),
        Client(url) as client,
        pytest.raises(ServiceError, match="too large"),
    ):
        client.depth(bytes(50_000_000))


def test_a_service_below_a_path_of_a_proxy_is_asked_there():
    with (
        saying(said("404 Not Found")) as (url, heard),
        Client(f"{url}/depth/") as client,
        pytest.raises(ServiceError),
    ):
        client.depth(PNG)
    assert b"".join(heard).startswith(b"POST /depth/v1/depth?size=network ")
