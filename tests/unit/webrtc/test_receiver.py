"""The parts of aiortc that are replaced: they are there, and a version without them is noticed."""

from __future__ import annotations

import asyncio
import threading

from aiortc import RTCRtpReceiver

from streamdepth.webrtc import receiver as receiving


def test_the_installed_aiortc_gives_pictures_as_soon_as_they_are_whole():
    before = set(threading.enumerate())
    assert asyncio.run(receiving.receiving_works())
    assert set(threading.enumerate()) <= before


def test_a_version_that_calls_its_parts_otherwise_is_noticed(monkeypatch):
    monkeypatch.setattr(receiving, "BUFFER", "_RTCRtpReceiver__renamed")
    assert not asyncio.run(receiving.receiving_works())


def test_a_version_that_does_not_use_them_is_noticed(monkeypatch):
    async def swallow(*_args, **_more):
        return None

    monkeypatch.setattr(RTCRtpReceiver, "_handle_rtp_packet", swallow)
    assert not asyncio.run(receiving.receiving_works())
