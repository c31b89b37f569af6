"""Publishing to GStreamer's RTSP server: played back and stamped, killed and restarted, hanging."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import contextmanager, suppress

import numpy as np
import pytest
from processor_waits import Promise
from publishers import are_of_now, leave, one_after_the_other, steady
from stamped_feed import PATIENCE

from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.frames import SourceInfo
from streamdepth.live.encoder import LiveEncoder
from streamdepth.publishing.destinations import Destination
from streamdepth.publishing.rtsp.publisher import RtspPublisher
from streamdepth.publishing.sink import Publishing
from streamdepth.sources import open_source

TCP = {"rtsp_transport": "tcp"}
BACK_WITHIN = 5.0
"""Seconds from the server's return to the picture's, which are promised."""


@pytest.fixture
def publish(fed, told):
    """Starts a publisher to an address: `publish(address)`."""
    publishers = []

    def start(address):
        destination = Destination.parse(address)
        publishers.append(RtspPublisher(destination, fed[0], told.standing(destination.name)))
        return publishers[-1]

    yield start
    Publishing(publishers).close()
    assert not any(publisher.is_running(PATIENCE) for publisher in publishers)


def back(media_server):
    """What is promised of a server that has just returned."""
    return Promise(BACK_WITHIN, os.getpid(), media_server.pid)


def is_connected(publisher):
    return lambda: publisher.standing.figures()["state"] == "connected"


def test_what_is_published_is_played_back(media_server, publish, fed, until, played, encoded):
    publisher = publish(media_server.start().address())
    until(is_connected(publisher))
    with played(media_server.address("watch"), **TCP) as pictures:
        stamps = steady(pictures, publisher.standing, fed[1])
    assert one_after_the_other(stamps, encoded) > 80
    figures = publisher.standing.figures()
    assert figures["packets"] > 80
    assert figures["reconnects"] == 0


def test_our_own_source_reads_it(media_server, publish, until, stamp_of):
    until(is_connected(publish(media_server.start().address())))
    source = open_source(media_server.address("watch"))
    try:
        first = source.read()
        second = source.read()
    finally:
        source.close()
    assert (source.info.width, source.info.height) == (320, 240)
    assert stamp_of(second.picture.bgr) > stamp_of(first.picture.bgr) > 0


@pytest.mark.parametrize("way", ["basic", "digest"])
def test_a_login_is_shown_as_the_server_asks_for_it(media_server, publish, until, told, way):
    media_server.start("--login", "me:pass/word", "--auth", way)
    until(is_connected(publish(media_server.address(login="me:pass%2Fword"))))
    assert "pass" not in str(told.lines)


def test_a_wrong_login_is_told_and_tried_again_for_ever(media_server, publish, until, told):
    media_server.start("--login", "me:right")
    publisher = publish(media_server.address(login="me:hunter2"))
    until(lambda: told.lines)
    assert "user name or password refused" in told.lines[0]
    assert "rtsp://USER:PASSWORD@HOST/PATH" in told.lines[0]
    assert "hunter2" not in str(told.lines) + str(publisher.standing.figures())
    port = media_server.port
    media_server.kill()
    media_server.start("--login", "me:hunter2")
    assert media_server.port == port
    back(media_server).await_until(is_connected(publisher))


def test_a_server_that_was_killed_has_the_picture_back_within_five_seconds(
    media_server, publish, fed, until, stamp_of, played, told
):
    publisher = publish(media_server.start().address())
    until(is_connected(publisher))
    media_server.kill()
    until(lambda: "refused" in str(publisher.standing.figures()["reason"]))
    assert fed[0].figures() == ()  # nothing is encoded for who is away
    media_server.start()
    promise, now = back(media_server), fed[1].number
    promise.await_until(is_connected(publisher))
    with played(media_server.address("watch"), **TCP) as pictures:
        assert stamp_of(next(pictures)) >= now  # none of before
    assert promise.is_kept()
    assert publisher.standing.figures()["reconnects"] == 1
    assert len(told.lines) == 4  # connected, broke off, refused, connected again


def test_a_server_that_comes_later_gets_it_too(media_server, publish, until, told):
    media_server.start()
    address = media_server.address()
    media_server.kill()
    publisher = publish(address)
    until(lambda: told.lines)
    assert told.lines[0].startswith("warning: cannot publish to rtsp://127.0.0.1")
    media_server.start()
    back(media_server).await_until(is_connected(publisher))


def test_another_size_is_announced_anew(media_server, publish, fed, until, stamped, played):
    publisher = publish(media_server.start().address())
    until(is_connected(publisher))
    fed[1].draw = lambda number: stamped(number, 640, 480)
    until(lambda: media_server.publishers() == 2)
    until(is_connected(publisher))
    with played(media_server.address("watch"), **TCP) as pictures:
        assert next(pictures).shape == (480, 640, 3)
        assert are_of_now(pictures, fed[1])
    assert publisher.standing.figures()["reconnects"] == 1


def test_another_rate_goes_on_in_the_same_session(media_server, publish, fed, until, stamped, played):
    """A busy machine, or a camera that is away, sends fewer pictures, for which another encoder is opened."""
    publisher = publish(media_server.start().address())
    until(is_connected(publisher))

    def draw_slowly(number):
        time.sleep(0.2)
        return stamped(number)

    before = fed[0].figures()[0].bit_rate
    fed[1].draw = draw_slowly
    until(lambda: fed[0].figures()[0].bit_rate < before)
    with played(media_server.address("watch"), **TCP) as pictures:
        assert are_of_now(pictures, fed[1])
    assert publisher.standing.figures()["reconnects"] == 0
    assert media_server.publishers() == 1


def test_who_begins_to_watch_there_waits_two_seconds_at_most(media_server, publish, fed, until):
    publisher = publish(media_server.start().address())
    until(is_connected(publisher))
    subscription = fed[0].subscribe(VideoCodec.H264)
    until(lambda: publisher.standing.figures()["packets"] > 130)
    (lane,) = fed[0].figures()
    assert lane.keyframes >= 3
    subscription.close()


@pytest.fixture
def for_ever(monkeypatch):
    """A server that hangs is waited for longer than any test lasts: who waits with its publisher is seen."""
    for name in ("ANSWER_PATIENCE", "SEND_PATIENCE"):
        monkeypatch.setattr(f"streamdepth.publishing.rtsp.connection.{name}", 10 * PATIENCE)


@contextmanager
def deaf_server(*, answers=0, port=0):
    """Takes connections, answers so many requests, and then reads nothing more."""
    connections = []

    def serve():
        with suppress(OSError):  # the test is over, or the client left
            while True:
                connections.append(listener.accept()[0])
                for number in range(1, answers + 1):
                    connections[-1].recv(4096)
                    reply = f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\nSession: 1\r\n\r\n"
                    connections[-1].sendall(reply.encode())

    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # so that it is soon full
        listener.bind(("127.0.0.1", port))
        listener.listen()
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1], connections
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)
            for connection in connections:
                connection.close()


def noise():
    """Pictures that make many bytes, so that what the system holds for a connection is soon full."""
    generator = np.random.default_rng(0)
    pictures = [generator.integers(0, 255, (480, 640, 3), np.uint8) for _ in range(4)]
    return lambda number: pictures[number % 4]


def is_noise(encoder):
    """Whether the newest picture is of it: one of before has another size, and brings another connection."""
    return encoder.newest is not None and encoder.newest.picture.width == 640


@pytest.mark.parametrize("answers", [0, 3], ids=["it never answers", "it stops reading"])
def test_a_server_that_hangs_slows_nothing_and_is_left_at_the_end(publish, fed, until, for_ever, answers):
    encoder, feed = fed
    feed.draw = noise()
    until(lambda: is_noise(encoder))
    other = encoder.subscribe(VideoCodec.H264)
    with deaf_server(answers=answers) as (port, connections):
        publisher = publish(f"rtsp://127.0.0.1:{port}/live")
        until(lambda: connections)
        if answers:
            until(is_connected(publisher))
        for _ in range(150):
            until(other.take)
        assert len(connections) == 1, "it is still waited for"
        leave(publisher)
    other.close()


def test_a_server_that_stops_reading_is_left_and_tried_again(publish, fed, until, told):
    fed[1].draw = noise()
    until(lambda: is_noise(fed[0]))
    with deaf_server(answers=3) as (port, connections):
        publisher = publish(f"rtsp://127.0.0.1:{port}/live")
        until(lambda: len(connections) == 2, 30)
        until(lambda: publisher.standing.figures()["reconnects"] == 1)
        assert "broke off: no answer" in str(told.lines)
        assert publisher.standing.figures()["dropped"] > 0


def test_before_the_first_picture_no_server_is_asked(told, until):
    encoder = LiveEncoder(SourceInfo(64, 48, None, True, 1.0))
    with deaf_server() as (port, connections):
        destination = Destination.parse(f"rtsp://127.0.0.1:{port}/live")
        publisher = RtspPublisher(destination, encoder, told.standing(destination.name))
        assert publisher.is_running(0.3)
        assert connections == []
        Publishing([publisher]).close()
        assert not publisher.is_running(PATIENCE)
    encoder.close()
