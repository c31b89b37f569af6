"""`streamdepth.receive`: colour, depth and time of capture of a stream that is served here."""

from __future__ import annotations

import socket

import numpy as np
import pytest
from services import running_service
from stamped_feed import RAMP, stamp_of

import streamdepth
from streamdepth.client.client import ServiceError
from streamdepth.errors import UsageError

APART = 2.0
"""Seconds between two clocks that are one: what an answer takes on a machine that stalls."""


def test_a_program_gets_colour_depth_and_the_time_of_capture_until_the_run_ends():
    got = []
    with running_service() as service:
        for received in streamdepth.receive(service.sink.address):
            if received.captured_at is not None:
                got.append(received)
            if len(got) == 3:
                break
        captured_at = service.feed.captured_at
        for received in got:
            number = stamp_of(received.picture.bgr)
            assert abs(received.captured_at - captured_at[number]) < APART
            assert received.depth.values.shape == RAMP.shape
            assert np.abs(received.depth.values - np.clip(RAMP, *np.quantile(RAMP, [0.02, 0.98]))).max() < 0.3
        assert got[0].depth.pts < got[1].depth.pts < got[2].depth.pts
        rest = streamdepth.receive(service.sink.address)
        assert next(rest).metres is None
    assert len(list(rest)) < 100, "it ends with the run, without an error"


def test_who_is_refused_is_told_why():
    with running_service(token="correct-horse") as service:
        with pytest.raises(ServiceError, match="token is missing or wrong") as refused:
            next(streamdepth.receive(service.url))
        assert refused.value.status == 401
        assert next(streamdepth.receive(service.sink.address)).picture.width == 320
        with pytest.raises(ServiceError, match="no camera of this name"):
            next(streamdepth.receive(service.sink.address, camera="yard"))
    for wrong in (
        "rtsp://127.0.0.1/stream",
        "http://[::1",
        "http://127.0.0.1:99999",
        "http://me:secret@127.0.0.1",
    ):
        with pytest.raises(UsageError, match="is not the address of a service") as error:
            next(streamdepth.receive(wrong))
        assert "secret" not in str(error.value)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(
            ServiceError, match=r"does not answer: connection refused \(check the host and the port"
        ):
            next(streamdepth.receive(f"http://127.0.0.1:{nobody.getsockname()[1]}"))


def test_what_a_program_receives_it_may_keep_and_open_again(tmp_path):
    numbers = []
    with running_service() as service:
        for received in streamdepth.receive(service.sink.address, record=tmp_path / "street.mkv"):
            numbers.append(stamp_of(received.picture.bgr))
            if len(numbers) == 10:
                break
    depths = list(streamdepth.open_depth(tmp_path / "street.mkv"))
    kept = [stamp_of(depth.frame.bgr) for depth in depths]
    assert kept == sorted(set(kept))
    assert set(numbers) <= set(kept), "also those that the program was too slow for"
    assert np.abs(depths[-1].values - RAMP).max() < 0.3
    with pytest.raises(UsageError, match=r"is an \.mkv"):
        next(streamdepth.receive(service.sink.address, record="street.mp4"))
