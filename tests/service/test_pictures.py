from __future__ import annotations

import urllib.request

import cv2
import numpy as np


def decoded(octets):
    return cv2.imdecode(np.frombuffer(octets, np.uint8), cv2.IMREAD_COLOR)


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


def test_it_ends_with_the_service(running_service):
    with running_service() as service:
        answer = urllib.request.urlopen(f"{service.url}/stream.mjpg", timeout=10)
        list(parts(answer, 2))
    with answer:
        rest = answer.read()  # an end, and not a time-out
    assert rest == b"" or rest.endswith(b"\r\n")
