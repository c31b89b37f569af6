"""A server of weights, and its card."""

import pytest
from weights_server import Server, card_at

from streamdepth.models.weights import download as _download


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
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def short_waits(monkeypatch):
    monkeypatch.setattr(_download, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(_download, "STALL_SECONDS", 0.5)
