from __future__ import annotations

import socket
import urllib.request
from contextlib import ExitStack, contextmanager
from itertools import takewhile

import cv2
import numpy as np

from streamdepth.viewers.http import endless


def decoded(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


def parts(answer, count):
    for _ in range(count):
        assert answer.readline() == b"--streamdepth\r\n"
        assert answer.readline() == b"Content-Type: image/jpeg\r\n"
        length = int(answer.readline().split(b":")[1])
        assert answer.readline() == b"\r\n"
        yield answer.read(length)
        assert answer.readline() == b"\r\n"


def test_a_snapshot_is_the_picture_of_now(service, stamp_of):
    before = service.feed.number
    status, headers, body = service.ask("/snapshot.jpg")
    assert (status, headers["Content-Type"], headers["Cache-Control"]) == (200, "image/jpeg", "no-store")
    assert before - 1 <= stamp_of(decoded(body)) <= service.feed.number


def test_the_stream_gives_each_client_all_new_pictures_and_frees_its_place(service, stamp_of, until):
    with (
        urllib.request.urlopen(f"{service.url}/stream.mjpg", timeout=10) as one,
        urllib.request.urlopen(f"{service.url}/stream.mjpg", timeout=10) as two,
    ):
        assert one.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=streamdepth"
        for answer in (one, two):
            stamps = [stamp_of(decoded(part)) for part in parts(answer, 10)]
            assert stamps == sorted(set(stamps))
        assert service.viewers() == 2
    until(lambda: service.viewers() == 0)


GET = b"GET /stream.mjpg HTTP/1.0\r\nHost: localhost\r\n\r\n"


@contextmanager
def asking(service):
    """A client that asked for the stream, and has read nothing yet."""
    host, _, port = service.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), 10) as client:
        client.sendall(GET)
        yield client


MOST_OLD = 8
"""Pictures that may be on their way, of 50 kB: what the system keeps on both sides, and one that is being sent."""


def test_who_slept_gets_few_old_pictures(running_service, stamped, stamp_of, until, monkeypatch):
    monkeypatch.setattr(endless, "PIECE_PATIENCE", 600.0)  # for as long as ninety pictures may take
    noise = np.random.default_rng(1).integers(0, 255, (224, 320, 3), np.uint8)

    def large(number):
        return np.vstack([stamped(number)[:16], noise])

    with running_service() as service, ExitStack() as stack:
        service.feed.draw = large
        small = service.feed.number + 1  # it may be drawing
        until(lambda: service.feed.number > small + 1)
        client = stack.enter_context(asking(service))
        until(lambda: service.viewers() == 1)
        slept_from = service.feed.number
        until(lambda: service.feed.number > slept_from + 90)
        now = service.feed.number
        with client.makefile("rb") as answer:
            while answer.readline() != b"\r\n":
                pass
            old = list(takewhile(lambda part: stamp_of(decoded(part)) < now, parts(answer, 90)))
    assert len(old[0]) > 40_000
    assert len(old) <= MOST_OLD


def test_who_reads_nothing_holds_no_place_and_is_no_fault(running_service, until, monkeypatch, caplog):
    monkeypatch.setattr(endless, "PIECE_PATIENCE", 0.5)
    with running_service(max_viewers=3) as service, asking(service), asking(service), asking(service):
        until(lambda: service.viewers() == 3)
        assert service.ask("/stream.mjpg", "GET")[0] == 503
        until(lambda: service.viewers() == 0, 20.0)
        with asking(service) as client:
            assert client.recv(12) == b"HTTP/1.1 200"
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_it_ends_with_the_service(running_service):
    with running_service() as service:
        answer = urllib.request.urlopen(f"{service.url}/stream.mjpg", timeout=10)
        list(parts(answer, 2))
    with answer:
        rest = answer.read()  # an end, and not a time-out
    assert rest == b"" or rest.endswith(b"\r\n")
