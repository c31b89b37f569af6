"""The client against a running service."""

from __future__ import annotations

import socket

import cv2
import numpy as np
import pytest
from depth_services import Network, filled, running_depth
from pictures import encoded, picture, written

from streamdepth.client import Client, ServiceError
from streamdepth.errors import UsageError
from streamdepth.frames import DepthMeaning
from streamdepth.http.connections import Patience
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
    monkeypatch.setattr("streamdepth.server.service.PATIENCE", Patience(next=0.01))
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
    with pytest.raises(ServiceError, match=r"http://127.0.0.1 does not answer: .*\(check that it runs\)"):
        Client(f"http://127.0.0.1:{port}").depth(PNG)


@pytest.mark.parametrize("address", ["127.0.0.1:8000", "ftp://a", "http://", ""])
def test_what_is_no_address_is_told(address):
    with pytest.raises(UsageError, match="no address of a service"):
        Client(address)
