from __future__ import annotations

import pytest

from streamdepth.redaction import redact


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rtsp://me:pw@cam/1", "rtsp://***@cam/1"),
        ("cannot read rtsp://me:pw@cam/1: timed out", "cannot read rtsp://***@cam/1: timed out"),
        ("rtsp://me:p%40ss@cam and http://a:b@c/d", "rtsp://***@cam and http://***@c/d"),
        ("rtsp://me:p@ss@cam/1", "rtsp://***@cam/1"),
        ("rtsp://me:p/w@cam/1", "rtsp://***@cam/1"),
        ("RTSPS://me:pw@cam", "RTSPS://***@cam"),
        ("rtsp://me@cam/1", "rtsp://***@cam/1"),
        ("http://cam/1?token=abc&size=2", "http://cam/1?token=***&size=2"),
        ("rtsp://USER:PASSWORD@cam/1", "rtsp://***@cam/1"),
        ("rtsp://user:password@HOST/1", "rtsp://***@HOST/1"),
        ("rtsp://TOKEN@HOST@cam/1", "rtsp://***@cam/1"),
        ("bad turn:me:pw@host:3478", "bad turn:***@host:3478"),
        ("lost rtsp://cam/user=me_password=x_channel=1", "lost rtsp://cam/user=me_password=***_channel=1"),
        ("('http://cam/1?a=2&Password=x y')", "('http://cam/1?a=2&Password=*** y')"),
    ],
)
def test_secrets_are_blanked_out_wherever_they_stand(text, shown):
    assert redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "street.mp4",
        "write to me@example.org",
        "rtsp://cam:554/1",
        "http://cam:80/pictures@noon",
        "rtsp://cam/1 was sent to me@example.org",
        "12 frames: 30.0 frames/s",
        "write both into the address, as in rtsp://USER:PASSWORD@HOST/PATH",
        "write stun:HOST:3478, or turn:USER:SECRET@HOST:3478",
        "as in whip+https://TOKEN@HOST/PATH",
    ],
)
def test_what_is_no_secret_stays(text):
    assert redact(text) == text
