"""From addresses to publishers that have begun to try."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from streamdepth.errors import UsageError
from streamdepth.frames import DepthMap, Estimate, Frame, Rendered, SourceInfo
from streamdepth.live.encoder import LiveEncoder
from streamdepth.pixels import Picture
from streamdepth.publishing.destinations import Destination, Protocol
from streamdepth.publishing.open import destinations_of, open_publishing


@pytest.fixture
def encoder() -> Iterator[LiveEncoder]:
    encoder = LiveEncoder(SourceInfo(64, 48, Fraction(30), True, 1.0))
    yield encoder
    encoder.close()


@pytest.fixture
def away() -> Iterator[str]:
    """The host and port of a server that is away: the port is taken and nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


def rendered() -> Rendered:
    picture = Picture.of_bgr(np.zeros((48, 64, 3), np.uint8))
    frame = Frame(0, Fraction(0), 0.0, picture)
    return Rendered(Estimate(frame, DepthMap(np.zeros((2, 2), np.float32)), 0.0), picture)


def test_every_address_is_checked_and_keeps_its_place() -> None:
    addresses = ["whip+https://one.example/live", "rtsp://two.example/live"]
    assert destinations_of(addresses) == tuple(map(Destination.parse, addresses))
    assert [one.protocol for one in destinations_of(addresses)] == [Protocol.WHIP, Protocol.RTSP]


def test_an_address_that_is_wrong_or_comes_twice_is_refused() -> None:
    with pytest.raises(UsageError, match=r"cannot publish to 'http://one\.example/live'"):
        destinations_of(["rtsp://one.example/live", "http://one.example/live"])
    with pytest.raises(UsageError, match=r"--publish names rtsp://one\.example/live twice"):
        destinations_of(["rtsp://one.example/live"] * 2)


def test_without_an_address_nothing_is_loaded_for_it() -> None:
    check = (
        "import sys; from streamdepth.publishing.open import destinations_of; assert destinations_of([]) == ();"
        "print([name for name in sys.modules if name.partition('.')[0] in ('aiortc', 'av', 'cv2')"
        " or name.startswith('streamdepth.publishing.d')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_without_a_destination_there_is_a_sink_that_does_nothing(encoder: LiveEncoder) -> None:
    publishing = open_publishing((), encoder, (), lambda _line, _trouble: None)
    assert publishing.figures() == []
    publishing.close()


def test_a_server_that_is_away_is_tried_again_and_told_without_its_login(
    encoder: LiveEncoder, away: str, until: Any
) -> None:
    encoder.write(rendered())
    told: list[tuple[str, bool]] = []
    both_told = threading.Event()

    def say(line: str, is_trouble: bool) -> None:
        told.append((line, is_trouble))
        if len(told) == 2:
            both_told.set()

    destinations = destinations_of([f"rtsp://me:hunter2@{away}/a", f"whip+http://hunter2@{away}/b"])
    publishing = open_publishing(destinations, encoder, (), say)
    assert both_told.wait(60)
    figures = publishing.figures()
    publishing.close()
    assert [one["url"] for one in figures] == [f"rtsp://***@{away}/a", f"whip+http://***@{away}/b"]
    assert [(one["state"], one["reason"]) for one in figures] == [("trying", "connection refused")] * 2
    cure = "check the host and the port, and that the server is on"
    assert sorted(told) == [
        (f"cannot publish to {name}: connection refused; trying again ({cure})", True)
        for name in (f"rtsp://***@{away}/a", f"whip+http://***@{away}/b")
    ]
    until(lambda: [one["state"] for one in publishing.figures()] == ["ended"] * 2)
