"""Codecs and the display of this machine."""

from __future__ import annotations

import socket
import sys
from concurrent.futures import ThreadPoolExecutor

import av
import pytest

from streamdepth.diagnosis import media
from streamdepth.diagnosis.finding import Grade

ELSEWHERE = pytest.mark.skipif(
    sys.platform in ("win32", "darwin"), reason="there is always a display on this system"
)


def test_a_clip_is_really_written_and_read():
    (finding,) = media.codecs()
    assert finding.facts == {"h264": True}


def test_pictures_that_get_lost_are_a_problem(monkeypatch):
    monkeypatch.setattr(media, "_decoded", lambda clip: 3)
    (finding,) = media.codecs()
    assert (finding.grade, finding.text) == (Grade.PROBLEM, "of 5 pictures written as H.264 3 came back")


@ELSEWHERE
def test_a_machine_without_a_display_is_noted():
    (finding,) = media.display({})
    assert (finding.grade, finding.facts) == (Grade.NOTE, {"window": False})
    assert finding.text == "no window can be opened here"
    assert finding.cure.startswith("watch in a browser with --webrtc, write a file with --output")


@ELSEWHERE
def test_a_display_whose_server_agrees_is_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as aside:
        aside.submit(agree, server)
        number = server.getsockname()[1] - 6000
        named = {"DISPLAY": f"127.0.0.1:{number}", "XAUTHORITY": str(tmp_path / "none")}
        (finding,) = media.display(named)
    assert (finding.grade, finding.facts) == (Grade.FINE, {"window": True})


def agree(server):
    """Answer one greeting as an X server does that lets everybody in."""
    server.settimeout(10)
    connection, _ = server.accept()
    with connection:
        connection.recv(100)
        connection.sendall(b"\x01")


def test_what_is_no_film_is_not_taken_for_one():
    with pytest.raises(av.error.InvalidDataError):
        media._decoded(b"no film")
